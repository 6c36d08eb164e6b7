"""A health endpoint's whole answer, as `curl -si URL` writes it; the body as health+json or Spring Boot has it."""

import re
from typing import Any

from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.http_answer import Answer, last_answer
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.json_file import look, parse
from phasegate.adapters.named_release import compare_release
from phasegate.adapters.text import Warnings, shown
from phasegate.adapters.typed import items, label, mapping, moment, refused, text, within, words
from phasegate.errors import Malformed

SHAPE = "health-report"
MAX_COMPONENTS = 1_000
_STATUSES = {
    **dict.fromkeys(("pass", "ok", "up"), "pass"),
    "warn": "warn",
    **dict.fromkeys(("fail", "error", "down"), "fail"),
}
_ORDER = ("fail", "warn", "unknown", "pass")
"""Worst first."""
_STARTS = re.compile(rb"\s*HTTP/[0-9]")


class HttpHealth:
    """The adapter `http-health`."""

    name = "http-health"
    version = "1.0.0"
    shapes = (SHAPE,)
    title = "the whole HTTP answer of a health endpoint (curl -si URL)"
    command = "curl -si https://HOST/health > health.http"
    fingerprint = "text that begins with the status line of an HTTP answer; a body alone is recognised and refused"
    example = Example("http-health.http")

    def detects(self, raw: bytes) -> bool:
        return _STARTS.match(raw) is not None or _is_body(look(raw))

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `health-report`, at the instant of the header `Date`."""
        if not _STARTS.match(raw):
            raise refused(
                "", "the body alone doesn't say the HTTP status: send the whole answer, as `curl -si URL` writes it"
            )
        warnings = Warnings()
        found = last_answer(raw)
        try:
            body = mapping(parse(found.body), "")
        except Malformed as error:
            raise Malformed(f"the body of the answer: {error.detail}", faults=error.faults) from None
        data = _report(found, body, warnings)
        compare_release(data.get("release_id"), data, hints, warnings)
        at = moment(found.headers.get("date"), warnings)
        if said := count_exit_code(data, hints.exit_code):
            warnings.add(said)
        return Reading(SHAPE, data, at, warnings=warnings.all())


def _is_body(content: Any) -> bool:
    """So that who sends a body alone is told what is missing."""
    status = content.get("status") if isinstance(content, dict) else None
    return isinstance(status, str) and status.lower() in _STATUSES and not content.keys() & {"data", "errorType"}


def _report(found: Answer, body: dict[str, Any], warnings: Warnings) -> dict[str, Any]:
    status = _STATUSES.get(text(body.get("status"), "status").strip().lower())
    if status is None:
        raise refused("status", f"must be one of: {', '.join(_STATUSES)}")
    components = {}
    for key in ("checks", "components"):
        for name, entries in within(body, key).items():
            components[label(name) or "(unnamed)"] = _worst(name, entries, f"{key}.{label(name)}", warnings)
    listed = sorted(components.items(), key=lambda each: _ORDER.index(each[1]))
    data: dict[str, Any] = {
        "http_status": found.status,
        "status": status,
        "checks": len(components),
        "failing_checks": list(components.values()).count("fail"),
        "warning_checks": list(components.values()).count("warn"),
        "components": [{"name": name, "status": told} for name, told in listed[:MAX_COMPONENTS]],
    }
    release = label(body.get("releaseId"))
    kind = found.headers.get("content-type", "").partition(";")[0].strip().lower()
    return data | {key: told for key, told in (("release_id", release), ("content_type", label(kind))) if told}


def _worst(name: str, entries: Any, path: str, warnings: Warnings) -> str:
    """Of one component, which may have been measured in several places."""
    several = entries if isinstance(entries, list) else [entries]
    told = []
    for n, entry in enumerate(items(several, path)):
        word = mapping(entry, f"{path}[{n}]").get("status")
        if word is None:
            warnings.add(f"the component {shown(name)} states no status")
        told.append("unknown" if word is None else _STATUSES.get(words(word).strip().lower(), "fail"))
    return min(told, key=_ORDER.index, default="unknown")
