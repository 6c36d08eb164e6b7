"""`phasegate policy diff`."""

from pathlib import Path

import click
import msgspec

from phasegate.cli.options import WRONG_USE, fail
from phasegate.cli.policy.files import FAULTY, compiled
from phasegate.policies.diff import STEPS, Change, allowed, core, diff, least, required_step

_VERSION = click.Path(path_type=Path)


@click.command("diff", short_help="What one version of a policy changes against another.")
@click.argument("old", metavar="A", type=_VERSION)
@click.argument("new", metavar="B", type=_VERSION)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def diff_policy(old: Path, new: Path, form: str) -> None:
    """What version B of a policy changes against A (files, or folders with a policy.yaml).

    Ends with 1 where B's version is too small a step from A's for that.
    """
    before, after = compiled(old), compiled(new)
    if before is None or after is None:
        raise SystemExit(WRONG_USE)
    if before.policy.policy != after.policy.policy:
        fail(f"{old} is {before.policy.policy}, {new} is {after.policy.policy}: not two versions of one policy")
    changes = diff(before.edition, after.edition)
    versions = before.policy.version, after.policy.version
    if form == "json":
        click.echo(_json(before.policy.policy, *versions, changes))
    else:
        click.echo(_text(*versions, changes))
    raise SystemExit(0 if allowed(*versions, changes) else FAULTY)


def _json(name: str, old: str, new: str, changes: tuple[Change, ...]) -> bytes:
    """As `GET /v1/policies/{name}/diff` answers."""
    answer = {"name": name, "from": old, "to": new, "step": required_step(changes), "changes": changes}
    return msgspec.json.format(msgspec.json.encode(answer), indent=2)


def _text(old: str, new: str, changes: tuple[Change, ...]) -> str:
    lines = []
    for step in reversed(STEPS):
        mine = [change for change in changes if change.step == step]
        lines += [step, *(f"  {change.path}\n    {change.text}" for change in mine), ""] if mine else []
    needed = required_step(changes)
    if needed is None:
        return "nothing differs"
    if core(old) == core(new) and old != new:
        release = ".".join(map(str, core(old)))
        end = f"smallest step: {needed} (versions of {release} may differ freely until it is published)"
    else:
        end = f"smallest step: {needed} ({old} -> at least {least(old, needed)})"
    small = [] if allowed(old, new, changes) else [f"{new} is too small a step"]
    return "\n".join([*lines, end, *small])
