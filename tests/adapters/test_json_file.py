"""A tool's JSON file: strict, but for numbers that are none."""

import math

import pytest

from phasegate.adapters.json_file import look, lost_numbers, parse
from phasegate.errors import Malformed


def test_numbers_that_are_none_are_read_as_what_they_mean() -> None:
    content = parse(b'{"a": NaN, "b": Infinity, "c": -Infinity, "d": 1}')
    assert math.isnan(content["a"])
    assert (content["b"], content["c"], content["d"]) == (math.inf, -math.inf, 1)


@pytest.mark.parametrize(
    "raw", [b"", b"{", b'{"a": 1, "a": 2}', b'{"a": 1e999}', b'{"a": ' + b"9" * 4400 + b"}", b"[" * 100_000, b"\xff"]
)
def test_what_two_readers_could_read_differently_is_refused(raw: bytes) -> None:
    assert look(raw) is None
    with pytest.raises(Malformed):
        parse(raw)
    with pytest.raises(Malformed):
        parse(raw)


@pytest.mark.parametrize("raw", [b'"text"', b"5", b"<xml/>", b"ok 1\n", b"---\na: 1\n"])
def test_what_is_no_object_or_list_matches_no_fingerprint(raw: bytes) -> None:
    assert look(raw) is None


def test_white_space_before_it_is_no_matter() -> None:
    assert look(b' \n\t{"a": [1]}') == {"a": [1]}


def test_lost_numbers_are_named_with_their_places() -> None:
    raw = b'{"a": [1, NaN, {"b c": -Infinity}], "\xc2\x85": 1.7976931348623157e+308, "NaN": 1, "d": "Infinity"}'
    assert lost_numbers(raw) == "left out, as they are no finite numbers: a[1], a[2].b c, \ufffd"
    assert lost_numbers(b"[" + b"NaN," * 7 + b"1]") == (
        "left out, as they are no finite numbers: [0], [1], [2], [3], [4] and more"
    )


@pytest.mark.parametrize("raw", [b'{"NaN": "NaN", "a": 1e307}', b"NaN", b'{"a": NaN', b"ok 1 - NaN\n", b"", b"<NaN/>"])
def test_where_no_number_is_lost_none_is_named(raw: bytes) -> None:
    assert lost_numbers(raw) is None
