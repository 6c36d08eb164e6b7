"""A document that does not fit: which faults are told, where, and in which words."""

import gc
import time
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, get_args

import msgspec
import pytest

from phasegate.engine import policy
from phasegate.errors import Fault, Invalid, Malformed
from phasegate.http.bodies import Reason
from phasegate.http.evidence import Envelope
from phasegate.http.releases import ReleaseBody
from phasegate.http.subjects import SubjectBody
from phasegate.operations.evaluate import Question
from phasegate.reading import MOST_FAULTS, Name, NameOrNone, Sha256, read_json, read_struct
from phasegate.wording import matching


class Inner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    sha256: Sha256 | None = None


class Outer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    inner: Inner
    count: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 0
    share: float = 0.0
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=5)] = "-"
    listed: Annotated[tuple[Inner, ...], msgspec.Meta(min_length=1, max_length=2)] = (Inner("a"),)
    texts: dict[Name, str] = {}
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    age: timedelta | None = None
    many: Literal["all"] | tuple[policy.Name, ...] | None = None
    version: policy.Semver | None = None


def faults(kind: Any, document: Any) -> tuple[Fault, ...]:
    with pytest.raises(Invalid) as refused:
        read_struct(kind, document)
    return refused.value.faults


@pytest.mark.parametrize(
    ("document", "path", "message"),
    [
        ({}, "inner", "is required"),
        ({"inner": {}}, "inner.name", "is required"),
        ({"inner": {"name": "a"}, "listed": [{"name": "a"}, {}]}, "listed[1].name", "is required"),
        ({"inner": []}, "inner", "must be a mapping with keys"),
        ({"inner": {"name": "a", "nam": 1}}, "inner.nam", "'nam' is no key here"),
        ({"inner": {"name": 3}}, "inner.name", "must be text, not a whole number"),
        ({"inner": {"name": None}}, "inner.name", "must be text, not null"),
        ({"inner": {"name": "a", "sha256": True}}, "inner.sha256", "must be text, not a bool"),
        ({"inner": {"name": "a"}, "count": 1.5}, "count", "must be a whole number, not a decimal number"),
        ({"inner": {"name": "a"}, "count": -1}, "count", "must be at least 0"),
        ({"inner": {"name": "a"}, "count": 1001}, "count", "must be at most 1000"),
        ({"inner": {"name": "a"}, "share": "1"}, "share", "must be a number, not text"),
        ({"inner": {"name": "a"}, "title": ""}, "title", "must not be empty"),
        ({"inner": {"name": "a"}, "title": "abcdef"}, "title", "has 6 characters; at most 5 are allowed"),
        ({"inner": {"name": "a"}, "listed": []}, "listed", "must not be empty"),
        ({"inner": {"name": "a"}, "listed": [{}, {}, {}]}, "listed", "has 3 entries; at most 2 are allowed"),
        ({"inner": {"name": "a"}, "texts": {"a": 1}}, "texts.a", "must be text, not a whole number"),
        ({"inner": {"name": "a"}, "texts": []}, "texts", "must be a mapping with keys, not a list"),
        ({"inner": {"name": "a"}, "many": 3}, "many", "must be text or a list, not a whole number"),
        ({"inner": {"name": "a"}, "many": "al"}, "many", "must be one of: all"),
        (
            {"inner": {"name": "a"}, "at": "2026-03-01T12:00:00"},
            "at",
            "must be an RFC 3339 instant with a zone, such as 2026-11-23T12:00:00Z",
        ),
        (
            {"inner": {"name": "a"}, "at": "soon"},
            "at",
            "must be an RFC 3339 instant with a zone, such as 2026-11-23T12:00:00Z",
        ),
        (
            {"inner": {"name": "a"}, "age": "P1Y"},
            "age",
            "must be a length of time in days, hours, minutes and seconds, such as P90D",
        ),
        (
            {"inner": {"name": "a"}, "age": "a while"},
            "age",
            "must be a length of time in days, hours, minutes and seconds, such as P90D",
        ),
        (
            {"inner": {"name": "a b"}},
            "inner.name",
            "must start with a letter or digit and hold letters, digits, . _ + - only, at most 128 characters",
        ),
        ({"inner": {"name": "a", "sha256": "A" * 64}}, "inner.sha256", "must be 64 lower-case hex digits"),
        (
            {"inner": {"name": "a"}, "texts": {"a b": "c"}},
            "texts.a b",
            "must start with a letter or digit and hold letters, digits, . _ + - only, at most 128 characters",
        ),
        (
            {"inner": {"name": "a"}, "many": ["Upper"]},
            "many[0]",
            (
                "must start with a lower-case letter or digit and hold lower-case letters, digits and - only, "
                "at most 64 characters"
            ),
        ),
        (
            {"inner": {"name": "a"}, "version": "1.0"},
            "version",
            (
                "must be three numbers without leading zeros, such as 1.0.0 or 1.1.0-rc.1 "
                "(Semantic Versioning, no build metadata)"
            ),
        ),
    ],
)
def test_a_fault_is_told_where_it_is_and_in_words(document: Any, path: str, message: str) -> None:
    assert [(fault.path, fault.message) for fault in faults(Outer, document)] == [(path, message)]


def test_an_optional_name_may_be_empty() -> None:
    assert faults(NameOrNone, "a b")[0].message.startswith("must be empty, or start with a letter or digit")


def test_every_fault_is_told_and_not_only_the_first() -> None:
    document = {"inner": {"name": "a b", "sha256": 1}, "count": -1, "titel": "x"}
    assert [fault.path for fault in faults(Outer, document)] == ["inner.name", "inner.sha256", "count", "titel"]


def _metas(kind: Any, seen: set[Any]) -> list[msgspec.Meta]:
    """Every `Meta` in a type and in the structs inside it."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if kind in seen:
            return []
        seen.add(kind)
        return [meta for field in msgspec.structs.fields(kind) for meta in _metas(field.type, seen)]
    if isinstance(kind, msgspec.Meta):
        return [kind]
    return [meta for inside in get_args(kind) for meta in _metas(inside, seen)]


@pytest.mark.parametrize("kind", [policy.Policy, Question, SubjectBody, ReleaseBody, Envelope, Reason])
def test_no_body_answers_with_a_regular_expression(kind: Any) -> None:
    patterns = [meta for meta in _metas(kind, set()) if meta.pattern is not None]
    assert [meta.pattern for meta in patterns if not meta.extra] == []


def test_a_pattern_without_words_would_be_seen() -> None:
    class Two(msgspec.Struct):
        bare: Annotated[str, msgspec.Meta(pattern="x")] | None
        worded: Annotated[str, matching("x", "be an x")]

    assert [bool(meta.extra) for meta in _metas(Two, set())] == [False, True]


@pytest.mark.parametrize(
    "entry",
    [{"type": "t", "collected_at": "2027-01-01T00:00:00Z"}, {}, {"type": 1}, 7, {"typ": "t"}],
    ids=["whole", "empty", "wrong", "no mapping", "unknown key"],
)
@pytest.mark.parametrize("key", ["evidence", "waivers", "signoffs"])
def test_a_body_as_large_as_any_is_refused_at_once(key: str, entry: Any) -> None:
    """A hundred thousand entries; looking at each would hold up everybody else for seconds."""
    document = {
        "policy": {"name": "p", "version": "1.0.0"},
        "subject": {"name": "a"},
        "release": {"version": "1"},
        key: [entry] * 100_000,
    }
    gc.collect()
    began = time.process_time()
    found = faults(Question, document)
    assert time.process_time() - began < 0.5
    assert 0 < len(found) <= MOST_FAULTS
    assert (found[0].path, found[0].message.split(";")[0]) == (key, "has 100000 entries")


def test_one_bad_entry_among_many_is_found() -> None:
    class Listed(msgspec.Struct):
        inside: tuple[Inner, ...]

    document = {"inside": [{"name": "a"}] * 50_000 + [{"name": ""}]}
    assert [fault.path for fault in faults(Listed, document)] == ["inside[50000].name"]


@pytest.mark.parametrize("many", [b"{}", b"[]", b"[[]]", b'{"":0}', b'{"a"\n\t:{}}', b"0"])
def test_so_many_values_that_they_would_fill_the_memory_are_refused(many: bytes) -> None:
    with pytest.raises(Malformed, match="too many values to be read at once; send it in parts"):
        read_json(b"[" + (many + b",") * (10_000_000 // (len(many) + 1)) + many + b"]")


def test_long_texts_with_whatever_signs_are_no_such_matter() -> None:
    text = "2026-11-23T06:21:42 " * 400_000
    assert read_json(f'{{"a": "{text}"}}'.encode()) == {"a": text}
