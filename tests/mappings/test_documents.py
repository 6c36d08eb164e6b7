"""Bytes as the document of a mapping."""

from typing import Any

import pytest

from phasegate.errors import Invalid, Malformed
from phasegate.mappings.documents import Documents


def read(reads: str, raw: bytes) -> Any:
    return Documents().document(reads, raw).value


class TestWhatIsRead:
    @pytest.mark.parametrize(
        ("reads", "raw", "value"),
        [
            ("json", b'{"a": [1, 1.0, null, "x"], "b": null}', {"a": [1, 1.0, None, "x"]}),
            ("json", b'{"a": NaN, "b": -Infinity}', {"a": "NaN", "b": "-Infinity"}),
            ("ndjson", b'{"a": 1}\n\n[2]\r\n', [{"a": 1}, [2]]),
            ("ndjson", b"", []),
            ("csv", b'a,b\n1,"x, y"\n2,"line\nline"\n', [{"a": "1", "b": "x, y"}, {"a": "2", "b": "line\nline"}]),
            ("csv", b"\xef\xbb\xbfa\r\n007\r\n\r\n", [{"a": "007"}]),
            ("csv", b"a,b\n", []),
            ("yaml", b"a: yes\n", [{"a": "yes"}]),
            ("yaml", b"a: 1\n---\n---\n- 2\n", [{"a": 1}, [2]]),
        ],
    )
    def test_each_form(self, reads: str, raw: bytes, value: Any) -> None:
        assert read(reads, raw) == value

    def test_an_int_stays_one(self) -> None:
        one, other = read("json", b"[1, 1.0]")
        assert (type(one), type(other)) == (int, float)

    def test_xml_by_its_names_as_written_and_without_namespaces(self) -> None:
        raw = b"""<?xml version="1.0"?>
<r:Run xmlns:r="urn:r" r:Id="7"><Case name="a"> one <b/> two </Case><!-- no --><Case/></r:Run>"""
        case = {"tag": "Case", "attrs": {"name": "a"}, "text": "one  two"}
        empty = {"attrs": {}, "text": "", "children": []}
        assert read("xml", raw) == {
            "tag": "Run",
            "attrs": {"Id": "7"},
            "text": "",
            "children": [{**case, "children": [{"tag": "b", **empty}]}, {"tag": "Case", **empty}],
        }


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("reads", "raw", "told"),
        [
            ("json", b'{"a": 1, "a": 2}', "stands twice in one object"),
            ("json", b"[" * 100 + b"]" * 100, "nested more than 64 deep"),
            ("json", b"\xff", "not UTF-8"),
            ("json", b"", "this is not JSON"),
            ("ndjson", b"{}\n{} {}\n", "line 2 is no JSON value"),
            ("ndjson", b"{}\n" * 100_001, "more than 100,000 lines"),
            ("csv", b"a,b,a\n1,2,3\n", "the header names the column 'a' twice"),
            ("csv", b"a,b\n1\n", "line 2, column 1: the row has 1 fields and the header 2"),
            ("csv", b'a\n"x', "this is not CSV"),
            ("csv", b"a\n\0\n", "a NUL is in the file"),
            ("csv", b"a\n" + b"1\n" * 100_001, "more than 100,000 rows"),
            ("yaml", b"a: &x 1\nb: *x\n", "anchors and aliases are not allowed"),
            ("yaml", b"a: 1\na: 2\n", "stands here twice"),
            ("xml", b'<!DOCTYPE r [<!ENTITY a "b">]><r>&a;</r>', "the file has a DTD"),
            ("xml", b"<a>" * 200 + b"</a>" * 200, "nested more than 100 deep"),
            ("xml", b"<r>" + b"<a/>" * 120_001 + b"</r>", "more than 120,000 elements"),
            ("xml", b'<r xmlns:x="urn:x" a="1" x:a="2"/>', "one name but for their namespace"),
            ("xml", b"<r>", "not well-formed XML"),
        ],
    )
    def test_each_with_its_reason(self, reads: str, raw: bytes, told: str) -> None:
        documents = Documents()
        for _ in range(2):
            with pytest.raises((Malformed, Invalid), match=told):
                documents.document(reads, raw)

    def test_more_values_than_a_mapping_sees(self) -> None:
        with pytest.raises(Invalid, match="at most 1,000,000 values"):
            read("json", b"[" + b"0," * 1_000_001 + b"0]")


def test_a_file_is_read_once() -> None:
    documents = Documents()
    raw = b'{"a": 1}'
    assert documents.document("json", raw) is documents.document("json", raw)
    assert documents.document("json", b'{"a": 2}').value == {"a": 2}
