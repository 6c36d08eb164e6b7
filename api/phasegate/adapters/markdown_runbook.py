"""A runbook in Markdown with YAML front matter: what machines read stands there, what people do below it."""

import re
from collections.abc import Iterator
from typing import Any

from phasegate.adapters import stated
from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.markdown_blocks import blocks
from phasegate.adapters.markdown_sections import has_placeholder, outline
from phasegate.adapters.named_release import compare_release
from phasegate.adapters.text import Warnings, shown
from phasegate.adapters.typed import count, finite, label, listed, mapping, refused, switch, text, words
from phasegate.adapters.yaml_file import decoded, documents
from phasegate.engine.instants import rfc3339

SHAPE = "runbook"
MAX_ENTRIES = 1_000
KEYS = ("kind", "release", "owner", "on_call_ack", "last_drill", "triggers", "fallback", "post_rollback_review")
_OF_A_TRIGGER = ("signal", "op", "window", "action")
_MAX_BYTES = 131_072
_MAX_LINES = 5_000
"""A list takes time by the square of its length."""
_FENCE = "---"
_ANY_KEY = re.compile(rf"^({'|'.join(KEYS)}):", re.M)
_OTHER = re.compile(r"^(apiVersion|[A-Za-z_]+):(\s|$)|^# (HELP|TYPE) ", re.M)
_HEADING = re.compile(r"#{1,6} \S")
_STUB = re.compile(r"\s*<[^<>\n]+>\s*")


class MarkdownRunbook:
    """The adapter `markdown-runbook`."""

    name = "markdown-runbook"
    version = "1.0.0"
    shapes = (SHAPE,)
    title = f"runbook in Markdown with YAML front matter ({', '.join(KEYS)})"
    command = "a text editor"
    fingerprint = "Markdown that begins with `---` and one of the keys of a runbook, or with a heading"
    example = Example("markdown-runbook.md")

    def detects(self, raw: bytes) -> bool:
        """Also without front matter, so that its writer is told what is missing."""
        head, body = _split(raw[:_MAX_BYTES].decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n"))
        if head is not None:
            return _ANY_KEY.search(head) is not None and re.search(r"^apiVersion:", head, re.M) is None
        return _HEADING.match(body.lstrip()) is not None and _OTHER.search(body) is None

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `runbook`. The time of its last drill is that of the drill alone."""
        if len(raw) > _MAX_BYTES or raw.count(b"\n") > _MAX_LINES:
            raise refused("", f"a runbook has at most {_MAX_BYTES:,} bytes and {_MAX_LINES:,} lines")
        head, body = _split(decoded(raw))
        if head is None:
            raise refused("", f"the runbook has no front matter; begin with --- and write there: {', '.join(KEYS)}")
        found = documents(head)
        if len(found) != 1:
            raise refused("", f"the front matter is empty; write there: {', '.join(KEYS)}")
        front = mapping(found[0], "the front matter")
        if not any(key in front for key in KEYS):
            raise refused("", f"the front matter is none of a runbook; write there: {', '.join(KEYS)}")
        warnings = Warnings()
        parts = outline(body)
        headings = [label(section.heading) for section in parts.sections if section.heading]
        if len(headings) > MAX_ENTRIES:
            warnings.add(f"{len(headings)} headings stand in the text; the first {MAX_ENTRIES} are listed")
        data: dict[str, Any] = {key: label(_text(front, key, "")) for key in ("kind", "release", "owner")}
        data |= {
            "steps": _steps(body),
            "placeholder_text": parts.placeholders
            or has_placeholder(head)
            or any(map(_STUB.fullmatch, _strings(front))),
            "sections": headings[:MAX_ENTRIES],
        }
        acks = list(_acknowledgements(front, warnings))
        triggers = sorted(
            _triggers(front), key=lambda one: all(one[key] for key in ("signal", "op", "window", "action"))
        )
        left_out = sum(max(0, len(each) - MAX_ENTRIES) for each in (acks, triggers))
        data |= {"on_call_ack": acks[:MAX_ENTRIES], "triggers": triggers[:MAX_ENTRIES]}
        data |= {"unlisted": left_out} if left_out else {}
        data |= _drill(front, warnings) | _fallback(front, warnings) | _review(front, warnings)
        compare_release(data["release"] or None, data, hints, warnings)
        if said := count_exit_code(data, hints.exit_code):
            warnings.add(said)
        return Reading(SHAPE, data, warnings=warnings.all())


def _split(content: str) -> tuple[str | None, str]:
    """Front matter, None where there is none or it has no end, and what follows."""
    lines = content.lstrip("\n").split("\n")
    if lines[0].rstrip() != _FENCE:
        return None, content
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == _FENCE), None)
    if end is None:
        return None, content
    return "\n".join(lines[1:end]), "\n".join(lines[end + 1 :])


def _steps(body: str) -> int:
    """Items of numbered lists, however deep; code is none."""
    numbered: list[bool] = []
    steps = 0
    for token in blocks(body):
        if token.type in ("ordered_list_open", "bullet_list_open"):
            numbered.append(token.type == "ordered_list_open")
        elif token.type in ("ordered_list_close", "bullet_list_close"):
            numbered.pop()
        elif token.type == "list_item_open":
            steps += numbered[-1]
    return steps


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for each in value if isinstance(value, list) else value.values():
            yield from _strings(each)


def _text(parent: dict[str, Any], key: str, path: str) -> str:
    """Empty where it isn't stated. Raises `Invalid` on a number, which YAML may have changed (1.10 is 1.1)."""
    value = parent.get(key)
    return "" if value is None or value == "" else text(value, f"{path}.{key}" if path else key)


def _at(value: Any, path: str, warnings: Warnings) -> str | None:
    """The instant as text; None, with a warning, where there is none with a zone."""
    try:
        return rfc3339(stated.instant(words(value)))
    except ValueError:
        warnings.add(f"{path} is {shown(str(value))}, no time with a zone; what it dates is left out")
        return None


def _acknowledgements(front: dict[str, Any], warnings: Warnings) -> Iterator[dict[str, str]]:
    for n, each in enumerate(listed(front, "on_call_ack")):
        path = f"on_call_ack[{n}]"
        who = label(text(each.get("who"), f"{path}.who"))
        if (at := _at(each.get("at"), f"{path}.at", warnings)) is not None:
            yield {"who": who, "at": at}


def _triggers(front: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for n, each in enumerate(listed(front, "triggers")):
        path = f"triggers[{n}]"
        value = finite(each.get("value"))
        if value is None:
            raise refused(f"{path}.value", "must be a number")
        told = {key: label(_text(each, key, path)) for key in _OF_A_TRIGGER}
        yield {**told, "value": value}


def _drill(front: dict[str, Any], warnings: Warnings) -> dict[str, Any]:
    if front.get("last_drill") is None:
        return {}
    drill = mapping(front["last_drill"], "last_drill")
    spellings = [key for key in ("duration_seconds", "duration_s") if drill.get(key) is not None]
    length = finite(drill[spellings[0]]) if len(spellings) == 1 else None
    if length is None or length < 0:
        raise refused("last_drill.duration_seconds", "must be a number from 0 on, and stand there once")
    at = _at(drill.get("at"), "last_drill.at", warnings)
    if at is None:
        return {}
    told = {key: label(_text(drill, key, "last_drill")) for key in ("environment", "result")}
    return {"last_drill": {**told, "at": at, "duration_s": length}}


def _fallback(front: dict[str, Any], warnings: Warnings) -> dict[str, Any]:
    if front.get("fallback") is None:
        return {}
    fallback = mapping(front["fallback"], "fallback")
    if fallback.get("tested") is None:
        warnings.add("the fallback doesn't say whether it was tested, and is left out")
        return {}
    told: dict[str, Any] = {key: label(_text(fallback, key, "fallback")) for key in ("type", "artefact")}
    return {"fallback": {**told, "tested": switch(fallback["tested"], "fallback.tested")}}


def _review(front: dict[str, Any], warnings: Warnings) -> dict[str, Any]:
    if front.get("post_rollback_review") is None:
        return {}
    path = "post_rollback_review"
    review = mapping(front[path], path)
    if review.get("within_days") is None:
        warnings.add("the review states no within_days, and is left out")
        return {}
    told: dict[str, Any] = {key: label(_text(review, key, path)) for key in ("owner", "template")}
    return {"review": {**told, "within_days": count(review["within_days"], f"{path}.within_days")}}
