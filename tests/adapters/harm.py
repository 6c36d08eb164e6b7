"""What may happen to a tool's file on its way, and what nobody sent."""

import json
import math
import random
import re
from collections.abc import Iterator
from typing import Any

JUNK: tuple[Any, ...] = (
    None, True, -1, 0, 0.5, 7, 1e307, 1e308, math.nan, math.inf, -math.inf, "", "x", "0.99", "NaN", "1e999", "é\x85",
    "\u0007" * 600, [], {}, [None], [[]], {"": {}}, {"": None}, [0.99], {"a": 1}, 2**63 - 1,
)  # fmt: skip
EMPTY = (b"", b" \n", b"\n\n", b"{}", b"[]", b"null", b"5", b'"x"', b"[[]]", b"\xff\xfe", b"\0", b'{"a":1,"a":1}')
BOTTOMLESS = (b"[" * 9_999, b"[" * 100_000, b'{"a":' * 100_000)
_NUMBER = re.compile(rb"(?<=[:\[, ])-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?(?=[\],}\s])")
_KEY = re.compile(rb'"[A-Za-z_][A-Za-z_ 0-9-]*": ?(?:[0-9.]+|true|false|null|"[^"\\]*")(?=[,}\s])')
_NO_NUMBERS = (b'"%b"', b"NaN", b"Infinity", b"1.7976931348623157e308", b"-1", b"null", b"{}")


def cut(raw: bytes) -> Iterator[bytes]:
    """Ended early, at some two hundred places; what is missing is more than white space."""
    length = len(raw.rstrip())
    for end in sorted({*range(0, length, max(1, length // 150)), *range(max(0, length - 60), length)}):
        yield raw[:end]


def doubled(raw: bytes) -> Iterator[bytes]:
    """A key stands twice."""
    for key in list(_KEY.finditer(raw))[:30]:
        yield raw[: key.end()] + b", " + key[0] + raw[key.end() :]


def no_numbers(raw: bytes) -> Iterator[bytes]:
    """A number is text, not a number, infinite, negative, or missing."""
    for found in list(_NUMBER.finditer(raw))[:40]:
        for other in _NO_NUMBERS:
            yield raw[: found.start()] + other.replace(b"%b", found[0]) + raw[found.end() :]


def other_bytes(raw: bytes, most: int = 60) -> Iterator[bytes]:
    chance = random.Random(42)
    for _ in range(most):
        changed = bytearray(raw)
        for _ in range(chance.randint(1, 4)):
            changed[chance.randrange(len(changed))] = chance.choice(b'\0\x1b\xff<>&"/ az09]!?-{}:,.\n\r')
        yield bytes(changed)


def other_roots(content: Any) -> Iterator[Any]:
    yield from ([content], {"results": content}, {"content": content}, None, "text", 1)


def junk_somewhere(content: Any, most: int = 120) -> Iterator[Any]:
    """Anything at all in one place, or nothing there."""
    missing = len(JUNK)
    places = [(place, n) for place, _ in _places(content) for n in range(missing + 1)]
    for place, n in random.Random(42).sample(places, min(most, len(places))):
        with_it = json.loads(json.dumps(content))
        holder = _holder(with_it, place)
        if n < missing:
            holder[place[-1]] = JUNK[n]
        else:
            del holder[place[-1]]
        yield with_it


def wrong_values(content: Any, most: int = 60) -> Iterator[Any]:
    """A single value replaced by one that says less: of another type, not finite, negative. The object is reused."""
    leaves = [place for place, value in _places(content) if not isinstance(value, dict | list)]
    for place in random.Random(20261124).sample(leaves, min(most, len(leaves))):
        holder, old = _holder(content, place), None
        old = holder[place[-1]]
        others: list[Any] = [None, {}, [], "", -1]
        if isinstance(old, bool):
            others += [str(old), int(old)]
        elif isinstance(old, int | float):
            others += [str(old), math.nan, math.inf, -math.inf, -1.5, True]
        for value in others:
            holder[place[-1]] = value
            yield content
        holder[place[-1]] = old


def _places(content: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if place:
        yield place, content
    inner: Any = content.items() if isinstance(content, dict) else ()
    for key, value in inner or (enumerate(content) if isinstance(content, list) else ()):
        yield from _places(value, (*place, key))


def _holder(content: Any, place: tuple[Any, ...]) -> Any:
    for step in place[:-1]:
        content = content[step]
    return content
