"""An HTTP answer in the form in which it is sent."""

import re
from typing import NamedTuple

from phasegate.errors import Fault, Malformed

_STATUS = re.compile(rb"HTTP/[0-9](?:\.[0-9])? ([1-9][0-9]{2})(?: [^\r\n]*)?")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\x00]*)")
_HEAD_ENDS = re.compile(rb"\r?\n\r?\n")
_SINGLE = ("date", "content-type", "content-length", "content-encoding")
_MAX_HEAD = 65_536
_MAX_ANSWERS = 20


class Answer(NamedTuple):
    """One answer."""

    status: int
    headers: dict[str, str]
    """By name in lower case."""
    body: bytes


def last_answer(raw: bytes) -> Answer:
    """The one answer, behind those that only announce it: interim ones and redirections. Raises `Malformed`."""
    raw = raw.lstrip()
    for _ in range(_MAX_ANSWERS):
        answer = _answer(raw)
        follows = answer.status < 200 or (300 <= answer.status < 400 and answer.body.startswith(b"HTTP/"))
        if not follows:
            _check_length(answer)
            return answer
        raw = answer.body
    raise _malformed(f"more than {_MAX_ANSWERS} answers stand in the file")


def _answer(raw: bytes) -> Answer:
    end = _HEAD_ENDS.search(raw, 0, _MAX_HEAD)
    if end is None:
        raise _malformed("the answer has no empty line behind its headers: it is cut short")
    first, *lines = raw[: end.start()].split(b"\n")
    found = _STATUS.fullmatch(first.rstrip(b"\r"))
    if found is None:
        raise _malformed("the answer doesn't begin with a status line, such as HTTP/1.1 200 OK")
    headers: dict[str, str] = {}
    for line in lines:
        header = _HEADER.fullmatch(line.rstrip(b"\r"))
        if header is None:
            raise _malformed("a line among the headers is no header")
        name, value = (part.decode("utf-8", "replace").strip() for part in header.groups())
        if headers.setdefault(name.lower(), value) != value and name.lower() in _SINGLE:
            raise _malformed(f"the header {name} stands there twice, with two values")
    return Answer(int(found[1]), headers, raw[end.end() :])


def _check_length(answer: Answer) -> None:
    """A body shorter or longer than stated isn't the one that was sent. Decompressed, it has another length."""
    stated = answer.headers.get("content-length")
    if stated is None or "content-encoding" in answer.headers:
        return
    length = int(stated) if re.fullmatch("[0-9]{1,9}", stated) else -1
    if length > len(answer.body) or answer.body[length:].strip():
        raise _malformed(f"the body has {len(answer.body)} bytes; the header Content-Length says {stated[:20]}")


def _malformed(told: str) -> Malformed:
    return Malformed(told, faults=(Fault("", told),))
