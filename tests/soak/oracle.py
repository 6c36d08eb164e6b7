"""What must hold of every answer, whatever was sent."""

import json
import re
from typing import Any

from tests.soak.wire import Answer, Sent

SLOWEST = 5.0
"""Seconds within which any answer is there."""
LARGEST = 1024 * 1024
"""Bytes beyond which a refusal is of no use to its reader."""
_PLACE = re.compile(r"\b(line|byte) \d+")
_PROBLEM = {"type": str, "title": str, "status": int, "detail": str, "instance": str, "code": str, "errors": list}


def judged(sent: Sent, answer: Answer) -> list[str]:
    """What is wrong with the answer."""
    if answer.broken:
        return [] if sent.garbage else [f"the connection broke down: {answer.broken}"]
    wrong = []
    if answer.seconds > SLOWEST:
        wrong.append(f"answered after {answer.seconds:.1f} s")
    if answer.status >= 500:
        wrong.append(f"status {answer.status}")
    if answer.status >= 400:
        wrong += _refusal(sent, answer)
    elif sent.target.partition("?")[0].rstrip("/").endswith("/evaluate"):
        wrong += _evaluated(sent, answer)
    elif sent.target.partition("?")[0].rstrip("/").endswith("/launch"):
        wrong.append(f"a launch was recorded: {answer.status}")
    return wrong


def _refusal(sent: Sent, answer: Answer) -> list[str]:
    try:
        told: Any = json.loads(answer.body)
    except ValueError:
        return [f"{answer.status} is no JSON ({answer.media_type})"]
    if answer.status == 409 and isinstance(told, dict) and "outcome" in told:
        return [] if told["outcome"] == "no-go" else ["409 with a decision that is not no-go"]
    if sent.target.partition("?")[0] == "/v1/token" and answer.media_type == "application/json":
        said = isinstance(told, dict) and set(told) == {"error", "error_description"} and all(told.values())
        return [] if said else ["the exchange refuses in another form than OAuth's"]
    if answer.media_type != "application/problem+json":
        return [f"{answer.status} is {answer.media_type}, no problem+json"]
    wrong = [f"{name} is missing or no {kind.__name__}" for name, kind in _PROBLEM.items() if not _is(told, name, kind)]
    if wrong:
        return wrong
    if told["status"] != answer.status:
        wrong.append(f"status says {told['status']}, the answer {answer.status}")
    wrong += [f"{name} is empty" for name in ("type", "title", "detail", "code") if not told[name].strip()]
    if answer.status in (400, 422) and not told["errors"] and not _PLACE.search(told["detail"]):
        wrong.append(f"{answer.status} names no field and no place")
    for fault in told["errors"]:
        if not isinstance(fault.get("path"), str) or not fault.get("message"):
            wrong.append("an item of errors has no path or no message")
    if len(answer.body) > LARGEST:
        wrong.append(f"a refusal of more than {LARGEST} bytes")
    if "Traceback" in told["detail"] or ".py" in told["detail"]:
        wrong.append("a refusal tells of the code behind it")
    return wrong


def _is(told: Any, name: str, kind: type) -> bool:
    return isinstance(told, dict) and isinstance(told.get(name), kind) and not isinstance(told.get(name), bool)


def _evaluated(sent: Sent, answer: Answer) -> list[str]:
    outcome = answer.json().get("outcome")
    if sent.green:
        return [] if outcome == "go" else [f"a true question was answered {outcome!r}"]
    return [] if outcome == "no-go" else [f"a hostile question was answered {outcome!r}"]
