"""A document as a struct, with every fault of it and not only the first; JSON read strictly."""

import json
import math
import re
import sys
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from phasegate.errors import Fault, Flaw, Flawed, Invalid, Malformed, Path, nearest
from phasegate.wording import length, matching, worded

T = TypeVar("T")
NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}\Z"
NAME_TOLD = "start with a letter or digit and hold letters, digits, . _ + - only, at most 128 characters"
Name = Annotated[str, matching(NAME_PATTERN, NAME_TOLD)]
"""Subject, team, kind, tool, release version."""
NameOrNone = Annotated[str, matching(rf"\A\Z|{NAME_PATTERN}", f"be empty, or {NAME_TOLD}")]
Sha256 = Annotated[str, matching(r"^[0-9a-f]{64}\Z", "be 64 lower-case hex digits")]
_DEEPEST = 64
_NESTING = (dict, list)
MOST_FAULTS = 100
"""Named in one answer; looking for more would serve nobody but an attacker."""
_HEAVIEST = 90 * 2**20
"""Bytes that a body may take when it is read: `[{},{},…]` takes thirty times its length, files of tools seven times."""
_KEY = re.compile(r'"\s*:')
_TOKENS = re.compile(r'"(?:\\.|[^"\\])*"|-?(?:Infinity|NaN|[0-9][0-9.eE+-]*)')
_AT = re.compile(r" - at `\$[^`]*`$")


def read(kind: type[T], document: Any) -> T:
    """`document` as a `kind`, a msgspec struct. Raises `Flawed` with every fault found."""
    try:
        return msgspec.convert(document, kind)
    except (msgspec.ValidationError, OverflowError):
        # msgspec names the first fault alone, so whoever has to mend the document gets a closer look.
        flaws: list[Flaw] = []
        _check(kind, document, (), flaws)
        raise Flawed(flaws) from None


def read_json(raw: bytes, *, non_finite: bool = False) -> Any:
    """JSON without anything that two readers could read differently. Raises `Malformed`, with the place.

    Refused: duplicate keys, `NaN`, `Infinity`, integers beyond 64 bits, numbers beyond a double, lone
    surrogates, U+0000, nesting deeper than 64, so many values that they would fill the memory, anything that
    is not UTF-8. With `non_finite`, for files of tools that write them, `NaN` and `Infinity` are read as the
    doubles they mean.
    """
    constant = float if non_finite else _no_number
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        at = position(raw[: error.start].decode("utf-8"))
        raise malformed(at, "the body is not UTF-8 from here on") from None
    refuse_heavy(text)
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=constant, parse_float=double, parse_int=integer
        )
    except json.JSONDecodeError as error:
        raise malformed(position(text, error.pos), f"this is not JSON: {error.msg}") from None
    except _Token as error:
        raise malformed(position(text, _offset(text, error.token)), error.told) from None
    except RecursionError:
        raise malformed((1, 1), f"the body is nested more than {_DEEPEST} deep") from None
    _check_depth_and_text(value, (), b"\\u" in raw)
    return value


def read_struct(kind: type[T], document: Any) -> T:
    """`document` as a `kind`. Raises `Invalid` with every fault found."""
    try:
        return read(kind, document)
    except Flawed as flawed:
        faults = tuple(Fault(spell(f.path), f.message, suggestion=f.suggestion) for f in flawed.flaws)
        where = f"{faults[0].path}: " if faults[0].path else ""
        raise Invalid(f"{where}{faults[0].message}", faults=faults) from None


def spell(path: Path) -> str:
    """A path as text: `phases[0].criteria[2].id`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step[:128]}" for step in path).removeprefix(".")


def position(text: str, offset: int | None = None) -> tuple[int, int]:
    """Line and column, 1-based, of an offset, or of the end of `text`."""
    before = text[:offset]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def malformed(at: tuple[int, int], told: str) -> Malformed:
    """A text that can't be read, from this line and column on."""
    line, column = at
    return Malformed(f"line {line}, column {column}: {told}", faults=(Fault("", told, line=line, column=column),))


def refuse_heavy(text: str) -> None:
    """Raise `Malformed` for JSON of so many values that they would fill the memory."""
    if _weight(text, text.count(":")) > _HEAVIEST and _weight(text, sum(1 for _ in _KEY.finditer(text))) > _HEAVIEST:
        raise malformed((1, 1), "the body holds too many values to be read at once; send it in parts")


def _weight(text: str, keys: int) -> int:
    """Bytes that a text and its values take, about: measured for containers, keys, texts and other values."""
    containers = text.count("{") + text.count("[")
    values = 72 * containers + 112 * keys + 14 * text.count('"') + 44 * text.count(",")
    return sys.getsizeof(text) + values


class _Token(Malformed):
    """A number or a key that is refused; it knows its text, and not its place."""

    def __init__(self, token: str, told: str) -> None:
        super().__init__(told, faults=(Fault("", told),))
        self.token = token
        self.told = told


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _refused((key[:64],), "stands twice in one object")
            seen.add(key)
    return result


def _no_number(text: str) -> Any:
    raise _Token(text, f"{text} is no JSON number; leave the value out")


def double(text: str) -> float:
    """A number as JSON and YAML write it. Raises `Malformed` beyond what a double holds."""
    value = float(text)
    if not math.isfinite(value):
        raise _Token(text, f"the number {text[:32]} is too large for a double")
    return value


def integer(text: str) -> int:
    """An integer as JSON and YAML write it. Raises `Malformed` beyond 64 bits."""
    if len(text) > 20 or not -(2**63) <= (value := int(text)) < 2**63:
        raise _Token(text, f"the integer {text[:32]} does not fit in 64 bits")
    return value


def _offset(text: str, token: str) -> int:
    """Where a token stands outside strings."""
    return next((found.start() for found in _TOKENS.finditer(text) if found[0] == token), 0)


def _check_depth_and_text(value: Any, path: Path, escaped: bool) -> None:
    """Escapes are the only way for a surrogate or a NUL into a text that was UTF-8."""
    if len(path) > _DEEPEST:
        raise _refused(path[:3], f"is nested more than {_DEEPEST} deep")
    if isinstance(value, str) and escaped:
        if "\x00" in value:
            raise _refused(path, "holds U+0000, which is refused")
        if any("\ud800" <= char <= "\udfff" for char in value):
            raise _refused(path, "holds half of a surrogate pair")
    elif isinstance(value, list):
        for n, item in enumerate(value):
            if escaped or isinstance(item, _NESTING):
                _check_depth_and_text(item, (*path, n), escaped)
    elif isinstance(value, dict):
        for key, item in value.items():
            if escaped:
                _check_depth_and_text(key, path, escaped)
            if escaped or isinstance(item, _NESTING):
                _check_depth_and_text(item, (*path, key), escaped)


def _refused(path: Path, told: str) -> Malformed:
    where = spell(path).encode("utf-8", "replace").decode()[:200] or "(the body)"
    return Malformed(f"{where} {told}", faults=(Fault(where, told),))


def _check(kind: Any, value: Any, path: Path, flaws: list[Flaw]) -> None:
    """Add what keeps `value` from being a `kind`, as deep inside as it can be told.

    What fits is not looked into, since msgspec finds that out quickest.
    """
    if len(flaws) >= MOST_FAULTS or (complaint := _complaint(kind, value)) is None:
        return
    before = len(flaws)
    _look_inside(kind, value, path, flaws)
    if len(flaws) == before:
        flaws.append(_flaw(kind, value, path, complaint))


def _look_inside(kind: Any, value: Any, path: Path, flaws: list[Flaw]) -> None:
    origin, arguments = get_origin(kind), get_args(kind)
    if _is_struct(kind):
        _check_struct(kind, value, path, flaws)
    elif origin in (Union, UnionType) and (chosen := _choose(arguments, value)) is not None:
        _check(chosen, value, path, flaws)
    elif origin is tuple and isinstance(value, list):
        for n, item in enumerate(value):
            _check(arguments[0], item, (*path, n), flaws)
    elif origin is dict and isinstance(value, dict):
        for key, item in value.items():
            _check(arguments[0], key, (*path, key), flaws)
            _check(arguments[1], item, (*path, key), flaws)
    elif origin is Annotated and get_origin(arguments[0]) is tuple and isinstance(value, list):
        for meta in arguments[1:]:
            if meta.min_length is not None and len(value) < meta.min_length:
                flaws.append(Flaw(path, length(value, False, meta.min_length)))
            if meta.max_length is not None and len(value) > meta.max_length:
                flaws.append(Flaw(path, length(value, True, meta.max_length)))
                return
        _check(arguments[0], value, path, flaws)


def _check_struct(kind: Any, value: Any, path: Path, flaws: list[Flaw]) -> None:
    if not isinstance(value, dict):
        flaws.append(Flaw(path, "must be a mapping with keys"))
        return
    hints, required = _keys(kind)
    for key, item in value.items():
        if len(flaws) >= MOST_FAULTS:
            return
        if key not in hints:
            flaws.append(Flaw((*path, key), f"{key[:64]!r} is no key here", nearest(key, hints)))
        else:
            _check(hints[key], item, (*path, key), flaws)
    flaws.extend(Flaw((*path, name), "is required") for name in required if name not in value)


@lru_cache(256)
def _keys(kind: Any) -> tuple[dict[str, Any], list[str]]:
    """The types of a struct's keys, as they are written, and which of them are required."""
    hints, fields = get_type_hints(kind, include_extras=True), msgspec.structs.fields(kind)
    required = [field.encode_name for field in fields if field.required]
    return {field.encode_name: hints[field.name] for field in fields}, required


def _choose(kinds: tuple[Any, ...], value: Any) -> Any:
    """The struct, map or tuple in a union that a value of this form is meant to be, if there is one."""
    for kind in kinds:
        inner = get_args(kind)[0] if get_origin(kind) is Annotated else kind
        if (isinstance(value, dict) and (_is_struct(inner) or get_origin(inner) is dict)) or (
            isinstance(value, list) and get_origin(inner) is tuple
        ):
            return kind
    return None


def _complaint(kind: Any, value: Any) -> str | None:
    """What msgspec has against `value` as a `kind`."""
    try:
        msgspec.convert(value, kind)
    except (msgspec.ValidationError, OverflowError) as error:
        return _AT.sub("", str(error))
    return None


def _flaw(kind: Any, value: Any, path: Path, complaint: str) -> Flaw:
    if path and path[-1] == "version" and not isinstance(value, str):
        return Flaw(path, worded(kind, value, complaint), 'quote it, as in version: "1.0.0"')
    if isinstance(value, str) and (known := _literals(kind)):
        return Flaw(path, f"must be one of: {', '.join(known)}", nearest(value, known))
    return Flaw(path, worded(kind, value, complaint))


def _literals(kind: Any) -> list[str]:
    if get_origin(kind) is Literal:
        return [str(item) for item in get_args(kind)]
    return (
        [name for inner in get_args(kind) for name in _literals(inner)]
        if get_origin(kind) in (Union, UnionType)
        else []
    )


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)
