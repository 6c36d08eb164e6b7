"""in-toto Statements as values."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phasegate.envelopes.own import PREDICATE
from phasegate.envelopes.statement import TEST_RESULT, message_of, read_statement
from phasegate.errors import Invalid, Malformed, Problem
from tests.support.world import A, B

REAL = Path(__file__).parent / "samples" / "statement_test_pass.json"


def statement(**changes: Any) -> bytes:
    said = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "m", "digest": {"sha256": A}}],
        "predicateType": "https://example.org/p/v1",
        "predicate": {"b": 1.0, "a": [1]},
    }
    return json.dumps(said | changes).encode()


def test_one_that_a_tool_wrote() -> None:
    found = read_statement(REAL.read_bytes())
    assert [(each.name, each.sha256[:8]) for each in found.subjects] == [("churn-scorer-2.1.0.onnx", "fe91e3a5")]
    assert found.predicate_type == TEST_RESULT
    assert found.predicate["passedTests"] == ["rollback_drill_staging", "fallback_rule_engine"]
    message = message_of(found)
    assert (message.reader, message.received) == ("in-toto-test-result", REAL.read_bytes())


def test_the_predicate_is_kept_as_it_was_written() -> None:
    found = read_statement(b'{"predicate" : {"b": 1.0,  "a":[1]} ,' + statement(predicate=None)[1:-20] + b"}")
    assert found.predicate_bytes == b'{"b": 1.0,  "a":[1]}'


@pytest.mark.parametrize("version", ["v1", "v0.1"])
def test_both_versions_of_the_framework(version: str) -> None:
    assert read_statement(statement(_type=f"https://in-toto.io/Statement/{version}")).artifacts == (A,)


def test_artifacts_are_a_set() -> None:
    subject = [{"digest": {"sha256": sha}} for sha in (B, A, B)]
    assert read_statement(statement(subject=subject)).artifacts == (A, B)


def test_without_a_predicate_it_is_empty() -> None:
    for raw in (statement(predicate=None), statement(predicate={})):
        assert read_statement(raw).predicate == {}
    assert read_statement(json.dumps({k: v for k, v in json.loads(statement()).items() if k != "predicate"}).encode())


def test_our_own_predicate() -> None:
    predicate = {
        "type": "unit-tests",
        "data": {"a": 1},
        "context": {"environment": "staging"},
        "collected_at": "2027-03-05T12:00:00+01:00",
        "producer": {"tool": "t", "version": "1"},
    }
    message = message_of(read_statement(statement(predicateType=PREDICATE, predicate=predicate)))
    assert (message.type, message.data, message.file, message.received) == ("unit-tests", {"a": 1}, None, None)
    assert message.collected_at is not None
    assert message.collected_at.isoformat() == "2027-03-05T11:00:00+00:00"
    assert (message.context, message.producer.tool) == ({"environment": "staging"}, "t")


def test_every_fault_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        read_statement(statement(_type="https://in-toto.io/Statement/v9", subject=[{"digest": {}}], predicateType=""))
    assert [fault.path for fault in caught.value.faults] == ["_type", "predicateType", "subject[0].digest"]


def test_a_digest_without_sha256_says_why() -> None:
    with pytest.raises(Invalid, match="has no sha256"):
        read_statement(statement(subject=[{"digest": {"sha512": "0", "gitCommit": "c"}}]))


def test_more_artifacts_than_a_release_can_have() -> None:
    found = read_statement(statement(subject=[{"digest": {"sha256": f"{n:064x}"}} for n in range(101)]))
    with pytest.raises(Invalid, match="101 artifacts"):
        message_of(found)


@pytest.mark.parametrize(
    "raw", [b"", b"[", b"\xff", b'{"_type": NaN}', statement().replace(b"{", b'{"_type": "x", ', 1)]
)
def test_what_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        read_statement(raw)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["_type", "subject", "predicateType", "predicate"]), JSON)
def test_whatever_stands_there_is_read_or_refused_in_words(key: str, value: Any) -> None:
    with suppress(Problem):
        assert message_of(read_statement(statement(**{key: value}))).artifacts


@given(JSON, JSON)
def test_whatever_describes_a_subject_too(digest: Any, name: Any) -> None:
    with suppress(Problem):
        found = read_statement(statement(subject=[{"digest": {"sha256": A}}, {"digest": digest, "name": name}]))
        assert all(len(each.sha256) == 64 for each in found.subjects)
