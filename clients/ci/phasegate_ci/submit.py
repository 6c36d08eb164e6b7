"""`phasegate submit`: a tool's own files as evidence."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex

import click
import msgspec

from phasegate_ci import receipt
from phasegate_ci.client import Client
from phasegate_ci.exits import Stop, wrong_use
from phasegate_ci.names import identifier, name, pairs, quoted, release_or_dash


@dataclass(frozen=True)
class Statement:
    """What the caller says about a file, beside the file itself."""

    kind: str
    format: str | None
    context: dict[str, str]
    collected_at: str | None
    exit_code: int | None


@click.command(short_help="Submit a tool's files as evidence.")
@click.argument("subject", callback=name)
@click.argument("release", callback=release_or_dash)
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--type", "kind", callback=identifier, required=True, help="What it is evidence of.")
@click.option("--format", "form", help="How the tool encodes it, e.g. junit. Detected unless given.")
@click.option(
    "--context", metavar="KEY=VALUE", multiple=True, callback=pairs, help="What the file doesn't say; repeatable."
)
@click.option("--collected-at", metavar="TIME", help="RFC 3339 with a zone. The file's modification time unless given.")
@click.option("--exit-code", type=int, metavar="N", help="The exit code of the tool.")
@click.option(
    "--data", "--json", "as_data", is_flag=True, help="FILE is no tool's output but the data itself, as JSON."
)
@click.option("--subject-scope", is_flag=True, help="For a type of the subject: RELEASE is ignored; write -.")
@click.pass_obj
def submit(
    client: Client,
    subject: str,
    release: str,
    files: tuple[Path, ...],
    kind: str,
    form: str | None,
    context: dict[str, str],
    collected_at: str | None,
    exit_code: int | None,
    as_data: bool,
    subject_scope: bool,
) -> None:
    """Submit FILEs as evidence for RELEASE of SUBJECT. Several are sent together and become one record; with --data
    each is one by itself. The same again changes nothing."""
    if release == "-" and not subject_scope:
        raise click.UsageError("RELEASE can be - only with --subject-scope")
    if as_data and (form is not None or exit_code is not None):
        raise click.UsageError("--data takes neither --format nor --exit-code: these speak of a tool's own file")
    home = f"/v1/subjects/{quoted(subject)}"
    path = f"{home}/evidence" if subject_scope else f"{home}/releases/{quoted(release)}/evidence"
    statement = Statement(kind, form, context, collected_at, exit_code)
    for together in [(file,) for file in files] if as_data else [files]:
        try:
            _submit(client, path, together, statement, as_data)
        except Stop as stop:
            stop.details = (f"while submitting {receipt.named(together)}", *stop.details)
            if not subject_scope and f"{home}/evidence" in " ".join((stop.message, *stop.details)):
                stop.mend = "this type belongs to the subject: add --subject-scope"
            raise


def _submit(client: Client, path: str, files: tuple[Path, ...], statement: Statement, as_data: bool) -> None:
    read = [_read(file) for file in files]
    # What is made of several files is as old as the oldest of them.
    stated = statement.collected_at or instant(min(modified for _, modified in read))
    contents = [content for content, _ in read]
    if as_data:
        body = _envelope(files[0], contents[0], statement, stated)
        answer = client.ask("POST", path, body=body, content_type="application/json", expected=(200, 201))
    else:
        body, media = _form(files, contents) if len(files) > 1 else (contents[0], _media_type(files[0]))
        params = {"type": statement.kind, "collected_at": stated}
        if statement.format is not None:
            params["format"] = statement.format
        if statement.exit_code is not None:
            params["exit_code"] = str(statement.exit_code)
        params |= {f"context.{key}": value for key, value in statement.context.items()}
        answer = client.ask("POST", path, params=params, body=body, content_type=media, expected=(200, 201))
    receipt.show(files, receipt.read(answer.body, statement.kind), new=answer.status == 201)


def _read(file: Path) -> tuple[bytes, int]:
    """What a file holds, and when it was changed, in nanoseconds."""
    try:
        with file.open("rb") as stream:
            return stream.read(), os.fstat(stream.fileno()).st_mtime_ns
    except OSError as failure:
        raise wrong_use(f"{file} can't be read: {failure.strerror}", "check the path") from failure


def _media_type(file: Path) -> str:
    """Never application/json: the server would take it for an envelope."""
    return "text/xml" if file.suffix.lower() == ".xml" else "application/octet-stream"


def _form(files: tuple[Path, ...], contents: list[bytes]) -> tuple[bytes, str]:
    """The files as one multipart/form-data body, and its media type."""
    boundary = f"phasegate-{token_hex(16)}"
    parts = bytearray()
    for file, content in zip(files, contents, strict=True):
        # As browsers escape it; what isn't UTF-8 in a path is shown as a question mark.
        name = file.as_posix().replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A").encode(errors="replace")
        parts += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="'.encode() + name
        parts += f'"\r\nContent-Type: {_media_type(file)}\r\n\r\n'.encode() + content + b"\r\n"
    return bytes(parts) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def _envelope(file: Path, content: bytes, statement: Statement, stated: str) -> bytes:
    try:
        msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError) as failure:
        raise wrong_use(f"{file} holds no JSON: {failure}", "leave --data out to send a tool's file") from failure
    # Raw: the numbers reach the server as they are written in the file.
    envelope = {"type": statement.kind, "data": msgspec.Raw(content), "collected_at": stated}
    return msgspec.json.encode(envelope | ({"context": statement.context} if statement.context else {}))


def instant(nanoseconds: int) -> str:
    """A file's modification time in RFC 3339, UTC; whole microseconds, no trailing zeros."""
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=nanoseconds // 1000)
    fraction = f".{at.microsecond:06d}".rstrip("0").rstrip(".")
    return f"{at:%Y-%m-%dT%H:%M:%S}{fraction}Z"
