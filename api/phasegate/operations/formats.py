"""What there is to say of a format: its adapter, what the shipped checklist does with it, and its example read."""

import json
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any

import semver

from phasegate.adapters.interface import Adapter, Example, Hints
from phasegate.adapters.registry import adapters
from phasegate.adapters.text import clean
from phasegate.engine.policy import Field
from phasegate.engine.shape import read_data
from phasegate.errors import Invalid, Malformed, NotFound, nearest
from phasegate.rendering.format import ExampleRead, FormatPage, ReadField, TakingType
from phasegate.resources import POLICIES
from phasegate.shapes import catalogue
from phasegate.yaml_events import build

_POLICY = "ml-deployment"
_LINES, _CHARACTERS, _WIDTH = 40, 2_500, 300
"""What is shown of an example."""
_ENTRIES, _VALUE = 2, 400
"""What is shown of a list and of a value in it."""


@cache
def describe(name: str) -> FormatPage:
    """The page of the format. Raises `NotFound`."""
    adapter = adapters().get(name)
    if adapter is None:
        raise NotFound(f"there is no such format; {nearest(name, adapters()) or 'GET /v1/formats lists them'}")
    policy, types = _types()
    return FormatPage(
        format=name,
        title=adapter.title,
        version=adapter.version,
        shapes=tuple(adapter.shapes),
        source=str(getattr(adapter, "source", "")),
        command=str(getattr(adapter, "command", "")),
        fingerprint=str(getattr(adapter, "fingerprint", "")),
        policy=policy,
        types=tuple(each for each in types if each.shape in adapter.shapes),
        example=_example(adapter),
    )


@cache
def _types() -> tuple[str, tuple[TakingType, ...]]:
    """Of the newest shipped version."""
    newest = max((file.name for file in (POLICIES / _POLICY).iterdir()), key=semver.Version.parse)
    content = build((POLICIES / _POLICY / newest / "policy.yaml").read_text(encoding="utf-8"))
    return f"{_POLICY}@{newest}", tuple(
        TakingType(name, each.get("title", ""), each["shape"], each["scope"], tuple(each.get("context", ())))
        for name, each in content["evidence"].items()
    )


def _example(adapter: Adapter) -> ExampleRead | None:
    """What becomes of the adapter's example; None where it has none, or none that it reads."""
    example = getattr(adapter, "example", None)
    if not isinstance(example, Example):
        return None
    shape = example.shape or adapter.shapes[0]
    try:
        raw = example.content()
        reading = adapter.read(raw, Hints(context=example.context, shape=shape))
        known = catalogue().get(reading.shape)
        data = reading.data if known is None else read_data(known, reading.data)
    except (OSError, ImportError, Invalid, Malformed):
        return None
    content, complete = _beginning(raw)
    return ExampleRead(
        file=example.file,
        content=content,
        complete=complete,
        context=dict(example.context),
        shape=reading.shape,
        data=data,
        fields=tuple(_fields(known.fields if known else {}, data)),
        collected_at=reading.collected_at,
        producer=f"{reading.producer.tool} {reading.producer.version}".strip(),
        warnings=reading.warnings,
    )


def _beginning(raw: bytes) -> tuple[str, bool]:
    text = raw.decode("utf-8", "replace")
    lines = text.split("\n")
    shown = [clean(line.expandtabs(2))[:_WIDTH] for line in lines[:_LINES]]
    while sum(map(len, shown)) > _CHARACTERS:
        shown.pop()
    return "\n".join(shown), [line.expandtabs(2) for line in lines] == shown


def _fields(fields: dict[str, Field], data: dict[str, Any]) -> Iterator[ReadField]:
    for name, field in fields.items():
        value = _brief(data[name]) if name in data else None
        yield ReadField(name, field.type, field.doc or "", value)


def _brief(value: Any) -> str:
    """JSON, of long lists and maps the first entries."""
    more = 0
    if isinstance(value, list | dict):
        more = len(value) - _ENTRIES if len(value) > 2 * _ENTRIES else 0
        entries = len(value) - more
        value = value[:entries] if isinstance(value, list) else dict(islice(value.items(), entries))
    text = json.dumps(value, ensure_ascii=False)
    return (text if len(text) <= _VALUE else f"{text[:_VALUE]}…") + (f" and {more} more" if more else "")
