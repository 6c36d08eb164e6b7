"""`phasegate policy`."""

import os
from pathlib import Path

import click

from phasegate.cli.options import NO_ANSWER, WRONG_USE, fail
from phasegate.errors import Fault, Problem
from phasegate.policies.publication import candidate
from phasegate.shapes import catalogue

_FILE = click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
_FAULTY = 1
_REFUSED = (400, 404, 409, 413, 415, 422)


@click.group()
def policy() -> None:
    """Policy files."""


@policy.command()
@_FILE
def lint(files: tuple[Path, ...]) -> None:
    """Check policy files as publication does; a folder stands for the policy.yaml in it."""
    faulty = False
    for path in files:
        path = path / "policy.yaml" if path.is_dir() else path
        try:
            found = candidate(_content(path), catalogue())
        except Problem as problem:
            faulty = True
            _tell(str(path), problem.detail, problem.faults)
            continue
        checks = sum(len(criterion.checks) for criterion in found.policy.criteria)
        named = f"{found.policy.policy}@{found.policy.version}"
        click.echo(f"{path}: {named} is sound: {len(found.policy.criteria)} criteria, {checks} checks")
    raise SystemExit(_FAULTY if faulty else 0)


@policy.command()
@_FILE
def publish(files: tuple[Path, ...]) -> None:
    """Publish policy files on the server at PHASEGATE_URL, with the token PHASEGATE_TOKEN; safe to repeat."""
    for path in files:
        path = path / "policy.yaml" if path.is_dir() else path
        _publish(path, _content(path))


def _publish(path: Path, content: bytes) -> None:
    import httpx
    import msgspec

    url = os.environ.get("PHASEGATE_URL", "http://127.0.0.1:8600").rstrip("/")
    token = os.environ.get("PHASEGATE_TOKEN")
    if not token:
        fail("PHASEGATE_TOKEN is not set; publishing needs a token with the scope policies:write", NO_ANSWER)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": _media_type(path)}
    try:
        answer = httpx.post(f"{url}/v1/policies", content=content, headers=headers, timeout=30)
        told = msgspec.json.decode(answer.content)
    except (httpx.HTTPError, msgspec.DecodeError) as error:
        fail(f"no answer from {url} ({error}); is PHASEGATE_URL right, and the server up?", NO_ANSWER)
    if answer.status_code in (200, 201):
        click.echo(f"{told['name']}@{told['version']} {'published' if answer.status_code == 201 else 'was published'}")
        return
    faults = msgspec.convert(told.get("errors", []), tuple[Fault, ...]) if isinstance(told, dict) else ()
    _tell(str(path), str(told.get("detail", answer.status_code) if isinstance(told, dict) else told), faults)
    raise SystemExit(WRONG_USE if answer.status_code in _REFUSED else NO_ANSWER)


def _media_type(path: Path) -> str:
    return "application/json" if path.suffix == ".json" else "application/yaml"


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        fail(f"{path} can't be read: {error.strerror}")


def _tell(path: str, detail: str, faults: tuple[Fault, ...]) -> None:
    if not faults:
        click.echo(f"{path}: {detail}", err=True)
    for fault in faults:
        where = f"{path}:{fault.line}:{fault.column}" if fault.line else path
        mend = f" ({fault.suggestion})" if fault.suggestion else ""
        click.echo(f"{where}: {fault.path} {fault.message}{mend}", err=True)
