"""What the commands on policy files share: reading one, and telling what is wrong with it."""

from pathlib import Path

import click

from phasegate.cli.options import fail
from phasegate.errors import Fault, Problem
from phasegate.policies.publication import Candidate, candidate
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


def case_files(folder: Path) -> dict[str, bytes]:
    """The files in a folder of cases, by name."""
    for path in sorted(folder.glob("*")):
        if path.suffix in _UNREAD:
            fail(f"{path} would not be read: cases are files that end in .yaml; rename it")
    return {path.name: content(path) for path in sorted(folder.glob("*.yaml"))}


def compiled(path: Path) -> Candidate | None:
    """The policy in the file (or folder) `path`; None where it doesn't compile, which is then told."""
    file = policy_file(path)
    try:
        return candidate(content(file), catalogue())
    except Problem as problem:
        tell(str(file), problem.detail, problem.faults)
        return None


def tell(path: str, detail: str, faults: tuple[Fault, ...]) -> None:
    """Every fault with its place, on stderr."""
    if not faults:
        click.echo(f"{path}: {detail}", err=True)
    for fault in faults:
        where = f"{path}:{fault.line}:{fault.column}" if fault.line else path
        mend = f" ({fault.suggestion})" if fault.suggestion else ""
        click.echo(f"{where}: {fault.path} {fault.message}{mend}", err=True)
