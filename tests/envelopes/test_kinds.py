"""Any JSON value is a message, or refused in words."""

import json
import tracemalloc
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.envelopes.cloudevent import read_binary, split_batch
from phasegate.envelopes.kinds import message_in
from phasegate.envelopes.message import Beside, Event, Message, combined
from phasegate.errors import Invalid, Malformed, Problem
from phasegate.http.addressed_bodies import CDEVENT, CLOUDEVENT, ENVELOPE, FILE_EVENT, OWN_STATEMENT, STATEMENT
from phasegate.reading import read_json
from tests.envelopes.test_statement import JSON

EXAMPLES = [ENVELOPE, STATEMENT, OWN_STATEMENT, CLOUDEVENT, FILE_EVENT, CDEVENT]


def read(document: Any) -> Message:
    raw = json.dumps(document).encode()
    return message_in(read_json(raw), raw)


def test_what_each_is() -> None:
    own, result, stated, event, file, cdevent = (read(each) for each in EXAMPLES)
    assert own.artifacts == result.artifacts == stated.artifacts == event.artifacts == cdevent.artifacts
    assert [each.reader for each in (own, result, cdevent)] == [None, "in-toto-test-result", "cdevents"]
    assert own.data == stated.data == event.data
    assert event.event == Event("https://ci.example/job/42", "0190b2c0-0000-7000-8000-000000000001")
    assert (event.subject, event.release) == (cdevent.subject, cdevent.release) == ("churn-scorer", "2.1.0")
    assert (file.type, file.artifacts, file.media_type) == ("edge-case-tests", None, "application/xml")
    assert file.file is not None
    assert file.file.startswith(b"<testsuite")


@given(st.sampled_from(EXAMPLES), st.data())
def test_a_changed_value_is_read_or_refused_in_words(example: dict[str, Any], data: st.DataObject) -> None:
    document = json.loads(json.dumps(example))
    place = document
    while True:
        key = data.draw(st.sampled_from(sorted(place)))
        if not isinstance(place[key], dict) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(JSON)
    with suppress(Problem):
        assert isinstance(read(document), Message)


@given(st.lists(st.tuples(st.binary(max_size=8).map(lambda name: b"ce-" + name), st.binary(max_size=8)), max_size=6))
def test_any_headers_are_an_event_or_refused_in_words(headers: list[tuple[bytes, bytes]]) -> None:
    whole = [(b"ce-specversion", b"1.0"), (b"ce-id", b"1"), (b"ce-source", b"/s"), (b"ce-type", b"t"), *headers]
    with suppress(Problem):
        assert read_binary(whole, b"x", "text/plain").event is not None


class TestBatch:
    def test_each_is_kept_as_it_was_written(self) -> None:
        assert split_batch(b'[ {"a":  1.0} ,3]', 2) == [b'{"a":  1.0}', b"3"]
        assert split_batch(b" [] \n", 2) == []
        assert split_batch('["é",\n[[]]]'.encode(), 2) == ['"é"'.encode(), b"[[]]"]

    def test_of_too_many_one_more_is_found(self) -> None:
        assert split_batch(b"[1,2,3,4,5]", 2) == [b"1", b"2", b"3"]

    MALFORMED = (b"", b"[", b"[1", b"[1,", b"[1,]", b"[,1]", b"[1 2]", b"[1] x", b"[]]", b"[],", b"[1;", b"[NaN]")

    @pytest.mark.parametrize("raw", [*MALFORMED, b"\xff", b'["a', b"[" * 100_000])
    def test_what_is_malformed(self, raw: bytes) -> None:
        with pytest.raises(Malformed):
            split_batch(raw, 9)

    def test_what_is_no_list(self) -> None:
        for raw in (b"{}", b"1", b'"[1]"'):
            with pytest.raises(Invalid, match="must be a list of events"):
                split_batch(raw, 9)

    @pytest.mark.parametrize("raw", [b"[" + b"{}," * 300_000 + b"{}]", b"[" + b"1," * 500_000 + b"1]"])
    def test_many_little_ones_do_not_fill_the_memory(self, raw: bytes) -> None:
        tracemalloc.start()
        split_batch(raw, 1_000)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 4 * len(raw)


def test_what_stands_beside_fills_in_and_never_overrules() -> None:
    inside = Message(subject="s", type="t", context={"a": "1"})
    found = combined(inside, Beside(subject="s", release="1", artifacts=("x",), format="junit", context={"b": "2"}))
    assert (found.release, found.artifacts, found.format) == ("1", ("x",), "junit")
    assert found.context == {"a": "1", "b": "2"}
    for wrong in (Beside(subject="other"), Beside(type="other"), Beside(context={"a": "2"})):
        with pytest.raises(Invalid, match="contradicts"):
            combined(inside, wrong)
