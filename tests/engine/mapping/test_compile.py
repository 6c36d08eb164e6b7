"""What publication refuses in a mapping, where, and what it says to do."""

import json
from typing import Any

import pytest

from phasegate.engine.mapping.document import document
from phasegate.errors import Flaw, Invalid
from phasegate.policies.publication import candidate
from tests.engine.mapping.making import compiled, policy_with, written


def flaws(fields: dict[str, Any], **more: Any) -> list[tuple[str, str, str | None]]:
    return [told(flaw) for flaw in compiled(written(fields, **more))[1]]


def told(flaw: Flaw) -> tuple[str, str, str | None]:
    assert flaw.path[:2] == ("mappings", "mine")
    return ".".join(map(str, flaw.path[2:])), flaw.message, flaw.suggestion


DYN = "a value whose type nobody knows (dyn)"
WRONG: dict[str, tuple[dict[str, Any], str, str, str | None]] = {
    "dyn": ({"rate": "doc.x"}, "fields.rate", f"must be double, but yields {DYN}", "wrap it in double(…)"),
    "an int for a double": (
        {"rate": "int(doc.x)"},
        "fields.rate",
        "must be double, but yields int",
        "wrap it in double(…)",
    ),
    "a double for an int": ({"count": 1.5}, "fields.count", "must be int, not 1.5", None),
    "a number for a text": ({"name": 1}, "fields.name", "must be string, not 1", None),
    "a switch for a number": ({"count": True}, "fields.count", "must be int, not true", None),
    "a text for an instant": (
        {"at": "string(doc.at)"},
        "fields.at",
        "must be timestamp, but yields string",
        "wrap it in timestamp(…)",
    ),
    "a dyn list": (
        {"words": "doc.words"},
        "fields.words",
        f"must be list<string>, but yields {DYN}",
        "{over: …, value: string(row)}",
    ),
    "one for a list": (
        {"words": "string(doc.x)"},
        "fields.words",
        "must be list<string>, but yields string",
        "{over: …, value: string(row)}",
    ),
    "an expression for an object": (
        {"last": "doc.last"},
        "fields.last",
        "must be object: a map of its fields",
        None,
    ),
    "no field": ({"cuont": "1"}, "fields.cuont", "is not a field of thing", "did you mean 'count'?"),
    "no field inside": (
        {"last": {"by": "''", "zz": "''"}},
        "fields.last.zz",
        "is not a field of thing",
        None,
    ),
    "lacks one inside": ({"last": {}}, "fields.last", "lacks by, which thing requires (string)", None),
    "a map for a list": (
        {"words": {"a": "''"}},
        "fields.words",
        "must be list<string>: an expression, or a fold with `over`",
        None,
    ),
    "a misspelt fold": (
        {"rate": {"over": "[1.0]", "takes": "sum"}},
        "fields.rate",
        "must be double: an expression, or a fold with `over` or `value`",
        "did you mean 'take'?",
    ),
    "an unknown take": (
        {"rate": {"over": "[1.0]", "take": "median"}},
        "fields.rate.take",
        "must be one of: list, count, sum, min, max, mean, map, p50 to p99",
        "did you mean 'mean'?",
    ),
    "a key without a map": (
        {"words": {"over": "['a']", "key": "row"}},
        "fields.words",
        "only `take: map` has a `key`",
        None,
    ),
    "a map without a key": (
        {"metrics": {"over": "[1.0]", "take": "map"}},
        "fields.metrics",
        "`take: map` needs a `key`",
        None,
    ),
    "a key that is no text": (
        {"metrics": {"over": "[1.0]", "take": "map", "key": "row"}},
        "fields.metrics.key",
        "must be text, but yields double",
        "wrap it in string(…)",
    ),
    "a list for a map": (
        {"metrics": {"over": "[1.0]"}},
        "fields.metrics",
        "must be map<string,double>, but the fold gives a list",
        "{over: …, value: double(row)} with take: map and a key",
    ),
    "a sum of dyn": (
        {"rate": {"over": "doc.x", "take": "sum"}},
        "fields.rate",
        f"sum is taken of int or double, not of {DYN}",
        "value: double(row)",
    ),
    "a count that is a double": (
        {"rate": {"over": "doc.x", "take": "count"}},
        "fields.rate",
        "must be double, but yields int",
        "wrap it in double(…)",
    ),
    "a value that is counted": (
        {"count": {"over": "doc.x", "take": "count", "value": "row"}},
        "fields.count.value",
        "has no meaning beside `take: count`; a condition goes into `where`",
        None,
    ),
    "over no list": ({"words": {"over": "1"}}, "fields.words.over", "must be a list, but is int", None),
    "where no switch": (
        {"words": {"over": "['a']", "where": "row"}},
        "fields.words.where",
        "must be true or false, but yields string",
        "compare it with something, as in `… == true`",
    ),
    "take without over": (
        {"rate": {"value": "1.0", "take": "sum"}},
        "fields.rate.take",
        "has a meaning beside `over` alone",
        None,
    ),
    "a row where there is none": (
        {"name": "row"},
        "fields.name",
        "there is no 'row' outside a fold; an expression may name doc",
        None,
    ),
    "a bad pattern": ({"sound": "doc.x.matches('[')"}, "fields.sound", "'[' is no RE2 pattern: missing ]: [", None),
    "an empty expression": ({"name": ""}, "fields.name", "must be CEL text of at most 4000 characters", None),
    "a long one": ({"name": f"'{'a' * 4000}'"}, "fields.name", "must be CEL text of at most 4000 characters", None),
}


@pytest.mark.parametrize(("fields", "path", "message", "suggestion"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_a_field(fields: dict[str, Any], path: str, message: str, suggestion: str | None) -> None:
    assert flaws(fields) == [(path, message, suggestion)]


def test_a_required_field_that_nobody_gives() -> None:
    mapping = written({})
    del mapping["fields"]["count"]
    assert [told(flaw)[:2] for flaw in compiled(mapping)[1]] == [
        ("fields", "lacks count, which thing requires (int)")
    ], "lists and maps are empty, and what is optional is left out"


@pytest.mark.parametrize(
    ("let", "path", "message"),
    [
        ({"doc": 1}, "let.doc", "'doc' has a meaning of its own; choose another name"),
        ({"in": 1}, "let.in", "'in' has a meaning of its own; choose another name"),
        ({"a": "b", "b": 1}, "let.a", "there is no 'b'; an expression may name doc"),
        ({"a": {"x": 1}}, "let.a", "takes an expression or a fold with `over`; a map of fields belongs under `fields`"),
        ({"a": {"value": "1", "where": "true"}}, "let.a", "takes an expression or a fold with `over`; a map of fields"),
        ({"a": "1 +"}, "let.a", "Syntax error"),
    ],
)
def test_what_is_wrong_with_a_name(let: dict[str, Any], path: str, message: str) -> None:
    ((at, found, _),) = flaws({}, let=let)
    assert at == path
    assert found.startswith(message)


def test_a_name_is_typed_by_its_expression() -> None:
    let = {"n": "int(doc.n)", "all": {"over": "doc.xs", "value": "double(row)"}, "top": {"over": "all", "take": "max"}}
    assert flaws({"count": "n", "rate": "top", "metrics": {"top": "top"}}, let=let) == []
    assert flaws({"rate": "n"}, let=let) == [("fields.rate", "must be double, but yields int", "wrap it in double(…)")]


@pytest.mark.parametrize(
    ("more", "path", "message"),
    [
        ({"detect": "doc.x"}, "detect", f"must be true or false, but yields {DYN}"),
        ({"detect": "row == 1"}, "detect", "there is no 'row' outside a fold; an expression may name doc"),
        ({"collected_at": "doc.at"}, "collected_at", f"must be timestamp, but yields {DYN}"),
        ({"collected_at": 5}, "collected_at", "must be timestamp, not 5"),
    ],
)
def test_detection_and_time(more: dict[str, Any], path: str, message: str) -> None:
    assert [found[:2] for found in flaws({}, **more)] == [(path, message)]


def test_a_shape_that_no_evidence_has() -> None:
    assert flaws({}, shape="thin") == [("shape", "no evidence type has the shape 'thin'", "did you mean 'thing'?")]


def test_the_name_of_what_no_tool_wrote() -> None:
    with pytest.raises(Invalid, match="is the format of evidence that nobody's tool wrote"):
        candidate(json.dumps(policy_with({"json": written({})})).encode(), {})


def test_names_of_fields_are_no_keys_of_a_policy() -> None:
    """`max_age` is a length of time in an evidence type, and any field in a shape."""
    field = {"type": "duration"}
    shape = {"fields": {"count": {"type": "int"}, "max_age": field, "effective_from": {"type": "timestamp"}}}
    fields = {"max_age": "duration(doc.age)", "effective_from": "timestamp(doc.at)"}
    found = candidate(json.dumps(policy_with({"mine": written(fields)}, shape)).encode(), {})
    doc = document({"age": "90s", "at": "2026-01-02T03:04:05Z"})
    data = found.compiled.mappings["mine"].read(doc).data
    assert data == {"count": 1, "max_age": "PT90S", "effective_from": "2026-01-02T03:04:05Z"}


def test_all_mappings_together_are_bounded() -> None:
    one = written({"metrics": {f"k{n}": "double(doc.x)" for n in range(190)}})
    with pytest.raises(Invalid, match="hold more than 1,000 expressions together"):
        candidate(json.dumps(policy_with({f"m{n}": one for n in range(6)})).encode(), {})
    with pytest.raises(Invalid, match="holds 51 mappings; at most 50"):
        candidate(json.dumps(policy_with({f"m{n}": written({}) for n in range(51)})).encode(), {})


def test_too_much_of_it_is_refused_at_once() -> None:
    many = {f"k{n}": "double(doc.x)" for n in range(300)}
    assert flaws({"metrics": many}) == [("", "holds more than 200 expressions", None)]
    deep: Any = {"x": "''"}
    for _ in range(20):
        deep = {"value": deep}
    assert [message for _, message, _ in flaws({"last": deep})] == ["values are nested more than 8 deep"]


def test_a_fault_has_its_line_and_column_in_the_file() -> None:
    text = """\
policy: small
version: "1.0.0"
shapes: {thing: {fields: {rate: {type: double}}}}
evidence: {thing: {shape: thing, scope: release}}
mappings:
  mine:
    reads: json
    shape: thing
    detect: |
      has(doc.x)
    fields:
      rate: {over: doc.xs, value: 'double(rwo)', take: max}
phases:
  - id: first
    criteria:
      - {id: c, title: C, evidence: thing, checks: [{that: evidence.rate > 0.0, otherwise: no}]}
"""
    candidate(text.replace("rwo", "row").encode(), {})
    with pytest.raises(Invalid) as refused:
        candidate(text.encode(), {})
    (fault,) = refused.value.faults
    assert (fault.path, fault.line) == ("mappings.mine.fields.rate.value", 12)
    assert fault.column == text.splitlines()[11].index("rwo") + 1
    assert fault.suggestion == "did you mean 'row'?"
