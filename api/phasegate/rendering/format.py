"""A format's page: which tool writes it, what is read from it, and how it is sent."""

from datetime import datetime
from typing import Any

import msgspec

from phasegate.engine.instants import rfc3339
from phasegate.rendering.documents import Format, document


class ReadField(msgspec.Struct, frozen=True):
    """One field of the shape that the example is read into."""

    name: str
    type: str
    doc: str
    value: str | None
    """JSON of what the example gives, long ones cut; null where it gives none."""


class ExampleRead(msgspec.Struct, frozen=True):
    """A real file, and what becomes of it."""

    file: str
    content: str
    """Its beginning."""
    complete: bool
    """Whether that is all of it."""
    context: dict[str, str]
    """What has to be said beside it."""
    shape: str
    data: dict[str, Any]
    fields: tuple[ReadField, ...]
    collected_at: datetime | None
    """The tool's own time, where the file states one."""
    producer: str
    warnings: tuple[str, ...]


class TakingType(msgspec.Struct, frozen=True):
    """An evidence type whose shape the format gives."""

    type: str
    title: str
    shape: str
    scope: str
    context: tuple[str, ...]
    """Keys; those that end in `?` may be left out."""


class FormatPage(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about a format that whoever submits such a file wants to know."""

    format: str
    title: str
    version: str
    """Of the adapter: it rises when the same file would give other facts."""
    shapes: tuple[str, ...]
    source: str
    """The package that reads it; empty: phasegate itself."""
    command: str
    """How the tool is made to write such a file; empty where nobody said."""
    fingerprint: str
    """What it is detected as; empty where nobody said."""
    policy: str
    """The shipped policy whose types are listed, as NAME@VERSION."""
    types: tuple[TakingType, ...]
    example: ExampleRead | None


def render_format(page: FormatPage, form: Format) -> str:
    """The page as a whole document in `form`."""
    at = page.example.collected_at if page.example else None
    return document("format", form, page=page, at=rfc3339(at) if at else "", curl=_curl(page), submit=_submit(page))


def _first(page: FormatPage) -> tuple[TakingType, dict[str, str]]:
    """The type that the commands show, and what they say beside the file."""
    example = page.example
    fitting = [each for each in page.types if example is None or each.shape == example.shape] or list(page.types)
    first = fitting[0] if fitting else TakingType("TYPE", "", page.shapes[0], "release", ())
    context = {key: key.upper() for key in first.context if not key.endswith("?")}
    return first, context | (example.context if example else {})


def _curl(page: FormatPage) -> str:
    taking, context = _first(page)
    path = "/v1/subjects/SUBJECT" + ("/releases/VERSION" if taking.scope == "release" else "") + "/evidence"
    query = "".join(f"&context.{key}={value}" for key, value in context.items())
    return (
        'curl -H "Authorization: Bearer $PHASEGATE_TOKEN" -H "Content-Type: application/octet-stream" \\\n'
        f'  --data-binary @FILE "$PHASEGATE_URL{path}?type={taking.type}&format={page.format}{query}"'
    )


def _submit(page: FormatPage) -> str:
    taking, context = _first(page)
    said = "".join(f" --context {key}={value}" for key, value in context.items())
    where = "VERSION" if taking.scope == "release" else "-"
    scope = "" if taking.scope == "release" else " --subject-scope"
    return f"phasegate submit SUBJECT {where} FILE --type {taking.type} --format {page.format}{said}{scope}"
