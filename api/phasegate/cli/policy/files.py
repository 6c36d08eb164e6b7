"""What the commands on policy files share: reading one, and telling what is wrong with it."""

import os
from pathlib import Path
from typing import Any

import click

from phasegate.cli.options import fail
from phasegate.engine.compile import CompiledPolicy
from phasegate.errors import Fault, Problem
from phasegate.mappings.adapter import refuse_taken_names
from phasegate.policies.cases.form import Case
from phasegate.policies.cases.mapped import MappingCase, read_mapping_cases, tool_files
from phasegate.policies.cases.reading import FaultyCases, read_cases
from phasegate.policies.publication import Candidate, candidate
from phasegate.policies.source import load
from phasegate.reading import read_json
from phasegate.shapes import catalogue

FILES = click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
_UNREAD = (".yml", ".json")
FAULTY = 1
"""Exit code where a policy is not what it should be."""


def policy_file(path: Path) -> Path:
    """The policy file that `path` means: a folder stands for the policy.yaml in it."""
    return path / "policy.yaml" if path.is_dir() else path


def content(path: Path) -> bytes:
    """The bytes of a file, or a wrong-use exit."""
    try:
        return path.read_bytes()
    except OSError as error:
        fail(f"{path} can't be read: {error.strerror}")


def mapping(path: Path) -> dict[str, Any]:
    """The document in a file of facts, JSON or YAML, or a wrong-use exit. Raises `Malformed` or `TooLarge`."""
    raw = content(path)
    document = read_json(raw) if path.suffix == ".json" else load(raw).document
    if not isinstance(document, dict):
        fail(f"{path} holds no facts: YAML or JSON with the keys of POST /v1/evaluate, such as subject and release")
    return document


def write(path: Path, made: bytes) -> None:
    """Write a file, or a wrong-use exit."""
    try:
        path.write_bytes(made)
    except OSError as error:
        fail(f"{path} can't be written: {error.strerror}")


def cases_in(folder: Path, policy: CompiledPolicy) -> tuple[Case, ...]:
    """The cases in a folder. Raises `FaultyCases`, which is then told."""
    try:
        return read_cases(_case_files(folder), policy)
    except FaultyCases as faulty:
        for name, faults in faulty.faults.items():
            tell(str(folder / name), "", faults)
        raise


def mapping_cases_in(folder: Path, policy: CompiledPolicy) -> tuple[MappingCase, ...]:
    """The cases of mappings in a folder. Raises `FaultyCases`, which is then told."""
    files = _case_files(folder)
    inside = [name for name in tool_files(files) if _is_inside(folder, name)]
    try:
        return read_mapping_cases(files, policy.policy, {name: content(folder / name) for name in inside})
    except FaultyCases as faulty:
        for name, faults in faulty.faults.items():
            tell(str(folder / name), "", faults)
        raise


def _is_inside(folder: Path, name: str) -> bool:
    path = (folder / name).resolve()
    return path.is_relative_to(folder.resolve()) and path.is_file()


def _case_files(folder: Path) -> dict[str, bytes]:
    for path in sorted(folder.glob("*")):
        if path.suffix in _UNREAD:
            fail(f"{path} would not be read: cases are files that end in .yaml; rename it")
    return {path.name: content(path) for path in sorted(folder.glob("*.yaml"))}


def compiled(path: Path) -> Candidate | None:
    """The policy in the file (or folder) `path`; None where it doesn't compile, which is then told."""
    file = policy_file(path)
    try:
        found = candidate(content(file), catalogue())
        refuse_taken_names(found)
        return found
    except Problem as problem:
        tell(str(file), problem.detail, problem.faults)
        return None


def tell(path: str, detail: str, faults: tuple[Fault, ...]) -> None:
    """Every fault with its place, on stderr."""
    if not faults:
        say(f"{path}: {detail}", err=True)
    for fault in faults:
        where = f"{path}:{fault.line}:{fault.column}" if fault.line else path
        mend = f" ({fault.suggestion})" if fault.suggestion else ""
        say(f"{where}: {fault.path} {fault.message}{mend}", err=True)


def say(text: str, colour: str | None = None, *, err: bool = False) -> None:
    """A line, in colour on a terminal alone; what a terminal would obey is left out."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    shown = plain if colour is None or os.environ.get("NO_COLOR") else click.style(plain, fg=colour)
    click.echo(shown, err=err)
