"""A document as a struct, with every fault of it and not only the first."""

import re
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from phasegate.errors import Flaw, Flawed, nearest

T = TypeVar("T")
Path = tuple[str | int, ...]
_AT = re.compile(r" - at `\$[^`]*`$")


def read(kind: type[T], document: Any) -> T:
    """`document` as a `kind`, a msgspec struct. Raises `Flawed` with every fault found."""
    flaws: list[Flaw] = []
    _check(kind, document, (), flaws)
    if flaws:
        raise Flawed(flaws)
    try:
        return msgspec.convert(document, kind)
    except (msgspec.ValidationError, OverflowError) as error:
        raise Flawed([Flaw((), _AT.sub("", str(error)))]) from None


def _check(kind: Any, value: Any, path: Path, flaws: list[Flaw]) -> None:
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
            _convert(arguments[0], key, (*path, key), flaws)
            _check(arguments[1], item, (*path, key), flaws)
    elif origin is Annotated and get_origin(arguments[0]) is tuple and isinstance(value, list):
        least = next((meta.min_length for meta in arguments[1:] if meta.min_length), 0)
        if len(value) < least:
            flaws.append(Flaw(path, "must not be empty"))
        _check(arguments[0], value, path, flaws)
    else:
        _convert(kind, value, path, flaws)


def _check_struct(kind: Any, value: Any, path: Path, flaws: list[Flaw]) -> None:
    if not isinstance(value, dict):
        flaws.append(Flaw(path, "must be a mapping with keys"))
        return
    hints = get_type_hints(kind, include_extras=True)
    for key, item in value.items():
        if key not in hints:
            flaws.append(Flaw((*path, key), f"{key!r} is no key here", nearest(key, set(hints))))
        else:
            _check(hints[key], item, (*path, key), flaws)
    required = [field.name for field in msgspec.structs.fields(kind) if field.required]
    flaws.extend(Flaw(path, f"the key {name!r} is missing") for name in required if name not in value)


def _choose(kinds: tuple[Any, ...], value: Any) -> Any:
    """The struct, map or tuple in a union that a value of this form is meant to be, if there is one."""
    for kind in kinds:
        inner = get_args(kind)[0] if get_origin(kind) is Annotated else kind
        if (isinstance(value, dict) and (_is_struct(inner) or get_origin(inner) is dict)) or (
            isinstance(value, list) and get_origin(inner) is tuple
        ):
            return kind
    return None


def _convert(kind: Any, value: Any, path: Path, flaws: list[Flaw]) -> None:
    try:
        msgspec.convert(value, kind)
    except (msgspec.ValidationError, OverflowError) as error:
        message = _AT.sub("", str(error))
        suggestion = None
        if path and path[-1] == "version" and not isinstance(value, str):
            suggestion = 'quote it, as in version: "1.0.0"'
        elif isinstance(value, str) and (known := _literals(kind)):
            message = f"must be one of: {', '.join(known)}"
            suggestion = nearest(value, known)
        flaws.append(Flaw(path, f"{message[0].lower()}{message[1:]}", suggestion))


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
