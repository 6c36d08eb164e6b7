"""`phasegate policy publish`."""

import os
from pathlib import Path

import click

from phasegate.cli.options import NO_ANSWER, WRONG_USE, fail
from phasegate.cli.policy.files import FILES, content, policy_file, tell
from phasegate.errors import Fault
from phasegate.settings import DEFAULT_URL

_REFUSED = (400, 404, 409, 413, 415, 422)


@click.command(short_help="Publish policy files on a server; safe to repeat.")
@FILES
def publish(files: tuple[Path, ...]) -> None:
    """Publish policy files on the server at PHASEGATE_URL, with the token PHASEGATE_TOKEN; safe to repeat."""
    for path in map(policy_file, files):
        _publish(path, content(path))


def _publish(path: Path, content: bytes) -> None:
    import httpx
    import msgspec

    url = os.environ.get("PHASEGATE_URL", DEFAULT_URL).rstrip("/")
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
    tell(str(path), str(told.get("detail", answer.status_code) if isinstance(told, dict) else told), faults)
    raise SystemExit(WRONG_USE if answer.status_code in _REFUSED else NO_ANSWER)


def _media_type(path: Path) -> str:
    return "application/json" if path.suffix == ".json" else "application/yaml"
