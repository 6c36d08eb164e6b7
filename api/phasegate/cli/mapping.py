"""`phasegate mapping try`: what a policy's mappings make of a file."""

from pathlib import Path
from typing import Any

import click

from phasegate.adapters.interface import Hints
from phasegate.adapters.registry import adapters
from phasegate.cli.options import WRONG_USE, fail
from phasegate.cli.policy.files import compiled, content, say, tell
from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.instants import rfc3339
from phasegate.engine.policy import Field
from phasegate.engine.shape import parse_type
from phasegate.errors import Problem, nearest
from phasegate.mappings.adapter import MappingAdapter, of_policy

_SHOWN = 5
"""Entries of a list."""
_LONGEST = 100
_NO_INSTANT = "none in the file: what the sender states, else the time of receipt"


@click.group()
def mapping() -> None:
    """Mappings of a policy: evidence from any tool, without code."""


@mapping.command("try", short_help="Show what a policy's mappings read in a tool's file.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--policy", "folder", required=True, type=click.Path(path_type=Path, exists=True), metavar="FOLDER")
@click.option("--mapping", "named", metavar="NAME", help="This one alone, whatever else matches.")
def try_mapping(file: Path, folder: Path, named: str | None) -> None:
    """Show what the mappings of a policy (a folder with policy.yaml, or the file) read in a tool's FILE.

    Which one matches, the data with its types, the tool's time, and who reads it. Exit code 2 where none does, or
    more than one format.
    """
    found = compiled(folder)
    if found is None:
        raise SystemExit(WRONG_USE)
    policy, raw = found.compiled, content(file)
    mappings = of_policy(policy)
    if not mappings:
        fail(f"{folder} has no mappings")
    if named is not None and named not in mappings:
        hint = nearest(named, mappings)
        fail(f"there is no mapping {named!r}" + (f": {hint}" if hint else f"; there are: {', '.join(mappings)}"))
    chosen = mappings[named] if named is not None else _matching(mappings, raw, file)
    if not chosen.detects(raw):
        say(f"{file}: {chosen.name} doesn't match: {_why_not(chosen, raw)}", "red", err=True)
        raise SystemExit(WRONG_USE)
    try:
        reading = chosen.read(raw, Hints())
    except Problem as problem:
        tell(str(file), problem.detail, problem.faults)
        raise SystemExit(WRONG_USE) from None
    say(f"{file}: {chosen.name} reads it as {reading.shape}", "green")
    instant = reading.collected_at
    say(f"collected_at  timestamp  = {_NO_INSTANT if instant is None else rfc3339(instant)}")
    _show(reading.data, policy.shapes[reading.shape].fields, "")
    for warning in reading.warnings:
        say(f"warning: {warning}", "yellow")
    for line in _readers(policy, reading.shape):
        say(line)


def _matching(mappings: dict[str, MappingAdapter], raw: bytes, file: Path) -> MappingAdapter:
    """The one mapping that matches, where no built-in format does; or an exit that says why not."""
    matching = [name for name, each in mappings.items() if each.detects(raw)]
    others = [name for name, each in adapters().items() if _detects(each, raw)]
    if len(matching) == 1 and not any(
        set(adapters()[name].shapes) & set(mappings[matching[0]].shapes) for name in others
    ):
        return mappings[matching[0]]
    if matching:
        say(f"{file}: could be {', '.join(sorted([*matching, *others]))}; submit it with format=", "red", err=True)
        raise SystemExit(WRONG_USE)
    say(f"{file}: no mapping matches", "red", err=True)
    for name, each in mappings.items():
        say(f"  {name}: {_why_not(each, raw)}", err=True)
    if others:
        say(f"  it looks like {', '.join(sorted(others))}, which is read without a mapping", err=True)
    raise SystemExit(WRONG_USE)


def _detects(adapter: Any, raw: bytes) -> bool:
    try:
        return bool(adapter.detects(raw))
    except Exception:  # a plug-in that breaks its promise matches nothing
        return False


def _why_not(adapter: MappingAdapter, raw: bytes) -> str:
    try:
        return adapter.why_not(raw)
    except Problem as problem:
        return problem.detail


def _show(data: dict[str, Any], fields: dict[str, Field], indent: str) -> None:
    """Each field with its type and value; of long lists the first entries."""
    for name, value in data.items():
        field = fields[name]
        kind = parse_type(field.type)
        unit = f" ({field.unit})" if field.unit else ""
        head = f"{indent}{name}  {field.type}{unit}"
        if not isinstance(value, (list, dict)):
            say(f"{head}  = {_text(value)}")
        elif isinstance(value, dict) and kind is not None and kind.holds == "one":
            say(head)
            _show(value, field.fields, f"{indent}  ")
        else:
            say(f"{head}  {len(value)} {'entry' if len(value) == 1 else 'entries'}")
            items = value.items() if isinstance(value, dict) else enumerate(value)
            for n, (key, item) in enumerate(items):
                if n == _SHOWN and len(value) > _SHOWN + 10:
                    say(f"{indent}  … and {len(value) - n} more")
                    break
                say(f"{indent}  {key}  = {_text(item)}")


def _text(value: Any) -> str:
    if isinstance(value, dict):
        text = "{" + ", ".join(f"{key}: {_text(item)}" for key, item in value.items()) + "}"
    elif isinstance(value, list):
        text = "[" + ", ".join(map(_text, value)) + "]"
    elif isinstance(value, bool):
        text = str(value).lower()
    else:
        text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _readers(policy: CompiledPolicy, shape: str) -> list[str]:
    """The evidence types it can be submitted as, with the criteria that read them."""
    lines = []
    for name, kind in policy.policy.evidence.items():
        if kind.shape == shape:
            context = f" (context: {', '.join(kind.context)})" if kind.context else ""
            lines.append(f"as {name}{context}: read by {', '.join(policy.affected_by(name)) or 'no criterion'}")
    return lines
