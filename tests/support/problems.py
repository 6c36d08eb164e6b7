"""What every error answer looks like, said once."""

import json
import re
from typing import Any
from urllib.parse import unquote

import httpx

KEYS = {"type", "title", "status", "detail", "instance", "code", "errors"}
_FAULT = {"path", "message", "line", "column", "suggestion"}


def problem(answer: httpx.Response, status: int, code: str | None = None, path: str | None = None) -> dict[str, Any]:
    """The body of an error answer of this status; `path`: of one of its faults."""
    assert answer.status_code == status, f"{answer.status_code} instead of {status}: {answer.text[:600]}"
    assert answer.headers["content-type"].split(";")[0] == "application/problem+json"
    body: dict[str, Any] = json.loads(answer.content)
    assert set(body) == KEYS
    assert body["status"] == status
    for key in ("type", "title", "detail", "instance", "code"):
        assert isinstance(body[key], str), key
        assert body[key], key
    assert re.fullmatch(r"[a-z][a-z0-9_]*", body["code"])
    assert unquote(body["instance"]) == unquote(answer.request.url.path)
    assert isinstance(body["errors"], list)
    for fault in body["errors"]:
        assert {"path", "message"} <= set(fault) <= _FAULT
        assert isinstance(fault["path"], str)
        assert isinstance(fault["message"], str)
        assert fault["message"]
        for key in ("line", "column"):
            assert fault.get(key, 1) >= 1
    if status == 401:
        assert answer.headers["www-authenticate"].startswith("Bearer")
    if status == 405:
        assert answer.headers["allow"]
    if code is not None:
        assert body["code"] == code, body
    if path is not None:
        assert path in [fault["path"] for fault in body["errors"]], body["errors"]
    return body


def nameless(body: dict[str, Any]) -> dict[str, Any]:
    """A problem without its `instance`."""
    return {key: value for key, value in body.items() if key != "instance"}
