"""Attributes of events as HTTP headers."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.envelopes.header import decoded
from phasegate.errors import Malformed

VISIBLE = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"%')


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),
        (b"a%20%22b%22%20100%25", 'a "b" 100%'),
        (b"gate=launch;v=1,2", "gate=launch;v=1,2"),
        (b"%e2%82%ac", "€"),
        (b"%41%62", "Ab"),
        (b"%2525", "%25"),
        (b'"a b"', "a b"),
        (b'"a \\"b\\" \\\\ c"', 'a "b" \\ c'),
        (b'"%E2%82%AC"', "€"),
        (b'"', '"'),
        (b'""', ""),
        (b"", ""),
        (b"  a \t", "a"),
        (b"a%2", "a%2"),
        (b"100%", "100%"),
        ("€".encode(), "€"),
    ],
)
def test_one_round(value: bytes, text: str) -> None:
    assert decoded("ce-x", value) == text


@pytest.mark.parametrize("value", [b"%C0%A0", b"%FF", b"%ED%A0%80", b"\xa0", b"a%E2%82", b'"%C0%A0"'])
def test_what_is_not_utf_8_is_refused(value: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        decoded("ce-x", value)
    assert caught.value.faults[0].path == "ce-x"


@given(st.text())
def test_what_is_encoded_as_the_specification_says_comes_back(text: str) -> None:
    if any("\ud800" <= char <= "\udfff" for char in text):
        return
    assert decoded("ce-x", quote(text, safe=VISIBLE).encode()) == text
