"""RFC 8785: the examples of its text, and what phasegate adds to it."""

import struct
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from phasegate.engine.canonical import canonical, digest, digest_of_bytes
from phasegate.engine.facts import Artifact
from phasegate.engine.instants import rfc3339
from tests.engine.strategies import bounded


def test_the_example_of_section_3_2_2() -> None:
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    assert canonical(value).decode() == (
        '{"literals":[null,true,false],'
        '"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_keys_are_sorted_by_utf_16_units_as_in_section_3_2_3() -> None:
    value = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    assert canonical(value).decode() == ('{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\U0001f600":5,"\ufb33":3}')


@pytest.mark.parametrize(
    ("bits", "text"),
    [
        ("0000000000000000", "0"),
        ("8000000000000000", "0"),
        ("0000000000000001", "5e-324"),
        ("8000000000000001", "-5e-324"),
        ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("ffefffffffffffff", "-1.7976931348623157e+308"),
        ("4340000000000000", "9007199254740992"),
        ("c340000000000000", "-9007199254740992"),
        ("4430000000000000", "295147905179352830000"),
        ("44b52d02c7e14af5", "9.999999999999997e+22"),
        ("44b52d02c7e14af6", "1e+23"),
        ("44b52d02c7e14af7", "1.0000000000000001e+23"),
        ("444b1ae4d6e2ef4e", "999999999999999700000"),
        ("444b1ae4d6e2ef4f", "999999999999999900000"),
        ("444b1ae4d6e2ef50", "1e+21"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
        ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("41b3de4355555553", "333333333.3333332"),
        ("41b3de4355555557", "333333333.33333343"),
        ("becbf647612f3696", "-0.0000033333333333333333"),
        ("43143ff3c1cb0959", "1424953923781206.2"),
    ],
)
def test_the_numbers_of_appendix_b(bits: str, text: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical(number).decode() == text


def test_a_whole_double_and_an_integer_are_written_alike() -> None:
    assert canonical([1, 1.0, -0.0, -3.0]) == b"[1,1,0,-3]"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_has_no_form(number: float) -> None:
    with pytest.raises(ValueError, match="JCS"):
        canonical({"x": number})


def test_a_lone_surrogate_has_no_form() -> None:
    for value in ("\ud800", {"\ud800": 1}, ["a\udfffb"]):
        with pytest.raises(ValueError, match=r"UTF-8|surrogates"):
            canonical(value)


def test_integers_that_a_double_cannot_hold_keep_all_their_digits() -> None:
    near = [2**53 - 1, 2**53, 2**53 + 1, 2**63 - 1, -(2**63), -(2**53)]
    assert len({canonical(number) for number in near}) == len(near)
    assert canonical(2**53 - 1) == b"9007199254740991"


def test_text_is_left_as_it_is() -> None:
    composed, decomposed = "\u00e9", "e\u0301"
    assert canonical(composed) != canonical(decomposed)
    assert canonical("\u007f\u2028/<>") == '"\u007f\u2028/<>"'.encode()


def test_structs_tuples_and_mappings_are_read_alike() -> None:
    assert canonical(Artifact("m", "0")) == canonical({"sha256": "0", "name": "m"})
    assert canonical((1, [2])) == canonical([1, (2,)])


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2026, 3, 1, 12, tzinfo=UTC),
        datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC),
        datetime(2026, 3, 1, 13, tzinfo=timezone(timedelta(hours=1))),
    ],
)
def test_an_instant_has_one_form_whatever_its_zone(instant: datetime) -> None:
    assert canonical([instant]) == canonical([rfc3339(instant)])


def test_a_digest_is_sha256_over_the_canonical_bytes() -> None:
    assert digest({}) == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert digest({}) == digest_of_bytes(b"{}")
    assert digest({"b": 1, "a": 2}) == digest({"a": 2.0, "b": 1.0})


_numbers = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(-1e16, 1e16),
    st.floats(-1e-3, 1e-3),
    st.integers(-(2**53) + 1, 2**53 - 1),
)
_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
_values = st.recursive(
    st.one_of(st.none(), st.booleans(), _numbers, _texts),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_texts, inner, max_size=4),
    max_leaves=8,
)


@bounded(400)
@given(_values)
def test_any_json_value_has_the_form_that_another_implementation_gives_it(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)
