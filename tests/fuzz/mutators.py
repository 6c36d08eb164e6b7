"""What happens to files on their way: cut short, keys doubled, numbers that are none, other roots, junk."""

import json
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

from tests.fuzz.grammar import Span, grammar, places
from tests.fuzz.originals import Original

NO_NUMBERS = (b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999", b"1.7976931348623157e+308", b"9" * 4_400)
NO_VALUES = (b"null", b"{}", b"[]", b"[null]", b'{"": {}}', b'""', b'"NaN"')
JUNK: tuple[Any, ...] = (
    None, True, False, -1, 0, 0.5, 7, 1e307, 2**63 - 1, -(2**63), "", "0.99", "x" * 5_000, "\x85\x1b", "=1+1", "<b>",
    [], {}, [None], [[]], {"": {}}, [0.99], {"a": 1}, "2026-01-01T00:00:00Z", "null",
)  # fmt: skip
_BYTES = b"\0\x1b\xff\xed\xa0<>&\"'/ az019]![?-{}:,.%#|\t\n\r"


class Mutant(NamedTuple):
    kind: str
    """One of `DAMAGE` or of `FORGERY`."""
    raw: bytes


def mutant(original: Original, others: list[Original], chance: Random) -> Mutant:
    """One change of a file; the same chance gives the same change."""
    known = {**DAMAGE, **FORGERY}
    kinds = sorted(known)
    while True:
        kind = chance.choice(kinds)
        raw = known[kind](original, others, chance)
        if raw is not None and raw != original.raw:
            return Mutant(kind, raw)


Mutator = Callable[[Original, list[Original], Random], bytes | None]


def _cut(original: Original, _others: list[Original], chance: Random) -> bytes:
    """Anywhere before the white space at the end."""
    whole = original.raw.rstrip()
    near = chance.random() < 0.3
    return whole[: chance.randrange(max(0, len(whole) - 60) if near else 0, len(whole))]


def _doubled(original: Original, _others: list[Original], chance: Random) -> bytes | None:
    """A key, a heading, an attribute or a line that stands twice, with or without the same value."""
    of, raw = grammar(original.path), original.raw
    key = _one(places(raw, of).keys, chance)
    if key is None:
        return None
    written = raw[key.start : key.end]
    if of == "json":
        return (
            raw[: key.start]
            + written
            + chance.choice((b" null, ", b" [], ", b' "x", ', b" 0, ", b" true, "))
            + raw[key.start :]
        )
    between = {"xml": b" ", "csv": b","}.get(of, b"\n")
    return raw[: key.end] + between + written + raw[key.end :]


def _number_as_text(original: Original, _others: list[Original], chance: Random) -> bytes | None:
    number = _one(places(original.raw, grammar(original.path)).numbers, chance)
    if number is None:
        return None
    quote = b"&quot;" if grammar(original.path) == "xml" else b'"'
    return _put(original.raw, number, quote + original.raw[number.start : number.end] + quote)


def _no_number(original: Original, _others: list[Original], chance: Random) -> bytes | None:
    number = _one(places(original.raw, grammar(original.path)).numbers, chance)
    told = chance.choice(NO_NUMBERS)
    if grammar(original.path) == "yaml" and chance.random() < 0.5:
        told = chance.choice((b".nan", b".inf", b"-.Inf"))
    return None if number is None else _put(original.raw, number, told)


def _no_value(original: Original, _others: list[Original], chance: Random) -> bytes | None:
    """Of another type than it should be, or empty. What it is in text alone, a reader of text can't tell."""
    of = grammar(original.path)
    spots = places(original.raw, of)
    value = _one((*spots.values, *(spots.numbers if of == "json" else ())), chance)
    if value is None:
        return None
    if of == "xml":
        return _put(original.raw, value, chance.choice((b'""', b'" "', b'"None"', b'"1,5"')))
    named = original.raw[value.start : value.end].lstrip()[:1] not in b"-0123456789tfn"
    told = chance.choice(NO_VALUES[:-1] if named else NO_VALUES)  # another name is another thing
    return _put(original.raw, value, (b" " if of == "yaml" else b"") + told)


def _swapped_root(original: Original, others: list[Original], chance: Random) -> bytes | None:
    of, raw = grammar(original.path), original.raw
    if of == "json":
        return _other_root(raw, chance)
    if of == "xml":
        start = raw.index(b"<", raw.index(b"?>") if raw.startswith(b"<?xml") else 0)
        outer = chance.choice((b"results", b"coverage", b"html", b"testsuite", b"assemblies"))
        return raw[:start] + b"<%b>" % outer + raw[start:] + b"</%b>" % outer
    if of == "yaml" and not raw.startswith(b"---\n"):
        return b"items:\n" + b"".join(
            b"  " + line for line in raw.splitlines(keepends=True) if not line.startswith(b"---")
        )
    return json.dumps({"text": raw.decode()}).encode() if chance.random() < 0.5 else b"[" + raw + b"]"


def _other_root(raw: bytes, chance: Random) -> bytes:
    content = json.loads(raw)
    roots = [
        b"[%b]" % raw,
        b'{"results": %b}' % raw,
        b'{"content": %b}' % raw,
        b'{"data": [%b]}' % raw,
        b"null",
        b"{}",
        b"[]",
    ]
    inner = content.values() if isinstance(content, dict) else content[:5]
    roots += [json.dumps(each).encode() for each in inner if isinstance(each, dict | list)]
    return chance.choice(roots)


def _junk(original: Original, _others: list[Original], chance: Random) -> bytes | None:
    """Anything at any place of the tree."""
    if grammar(original.path) != "json":
        return None
    content = json.loads(original.raw)
    path = _path(content, chance)
    if not path:
        return None
    holder = content
    for step in path[:-1]:
        holder = holder[step]
    if chance.random() < 0.15:
        del holder[path[-1]]
    else:
        holder[path[-1]] = chance.choice(JUNK)
    return json.dumps(content).encode()


def _bytes(original: Original, _others: list[Original], chance: Random) -> bytes:
    changed = bytearray(original.raw)
    for _ in range(chance.randint(1, 4)):
        changed[chance.randrange(len(changed))] = chance.choice(_BYTES)
    return bytes(changed)


def _lines(original: Original, _others: list[Original], chance: Random) -> bytes | None:
    """Some left out, doubled or in another order."""
    lines = original.raw.splitlines(keepends=True)
    if len(lines) < 2:
        return None
    at = chance.randrange(len(lines))
    what = chance.random()
    if what < 0.4:
        del lines[at : at + chance.randint(1, 3)]
    elif what < 0.7:
        lines.insert(chance.randrange(len(lines)), lines[at])
    else:
        chance.shuffle(lines)
    return b"".join(lines)


def _spliced(original: Original, others: list[Original], chance: Random) -> bytes:
    """The beginning of one file and the end of another."""
    other = chance.choice(others).raw
    return original.raw[: chance.randrange(len(original.raw))] + other[chance.randrange(len(other)) :]


DAMAGE: dict[str, Mutator] = {
    "cut": _cut,
    "doubled": _doubled,
    "number as text": _number_as_text,
    "no number": _no_number,
    "no value": _no_value,
    "swapped root": _swapped_root,
}
"""What happens by accident. It never makes a file better."""
FORGERY: dict[str, Mutator] = {"junk": _junk, "bytes": _bytes, "lines": _lines, "spliced": _spliced}
"""A file of another content, which may well be a better one. It is read in time or refused in words."""


def _one(spans: tuple[Span, ...], chance: Random) -> Span | None:
    return chance.choice(spans) if spans else None


def _put(raw: bytes, at: Span, written: bytes) -> bytes:
    return raw[: at.start] + written + raw[at.end :]


def _path(content: Any, chance: Random) -> list[Any]:
    """A place in a tree, the shallow ones more often than by their number."""
    path: list[Any] = []
    while isinstance(content, dict | list) and content and (not path or chance.random() < 0.8):
        step = chance.choice(list(content)) if isinstance(content, dict) else chance.randrange(len(content))
        path.append(step)
        content = content[step]
    return path
