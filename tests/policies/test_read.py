"""Reading a policy file: what its digest is made of, and what its scalars mean."""

import json
from typing import Any

import pytest

from phasegate.engine.canonical import digest
from phasegate.policies.publication import Candidate, candidate, recompile
from phasegate.policies.source import load
from tests.policies.test_refusals import POLICY


def read(text: str | bytes) -> Candidate:
    return candidate(text if isinstance(text, bytes) else text.encode(), {})


READ = read(POLICY)


def reordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: reordered(value[key]) for key in reversed(value)}
    return [reordered(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(READ.document),
        json.dumps(READ.document, indent=2),
        json.dumps(READ.document, indent="\t"),
        json.dumps(reordered(READ.document)),
        "# a comment\n" + POLICY,
        POLICY.replace("\n", "\r\n"),
        "\ufeff" + POLICY,
        "---\n" + POLICY + "...\n",
        POLICY.replace("policy: small", "'policy': \"small\""),
        POLICY.replace("default: 0.5", "default: 5e-1").replace("max: 1}", "max: 1.0}"),
        POLICY.replace("that: evidence.passed > 0", "that: >-\n              evidence.passed\n              > 0"),
    ],
    ids=["JSON", "indented", "tabs", "reordered", "comment", "CRLF", "BOM", "markers", "quotes", "numbers", "folded"],
)
def test_the_digest_is_of_the_content_and_not_of_its_spelling(text: str) -> None:
    assert read(text).digest == READ.digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title: Tests pass", "title: Tests  pass"),
        ("evidence.passed > 0", "evidence.passed >  0"),
        ("{phases: [first]", "{phases: [first, second]"),
        ("roles: [owner, legal]", "roles: [legal, owner]"),
        ("scope: subject}", "scope: subject, recurring: false}"),
    ],
    ids=["title", "expression", "list", "order of a list", "a default written out"],
)
def test_other_content_has_another_digest(old: str, new: str) -> None:
    assert old in POLICY
    assert read(POLICY.replace(old, new, 1)).digest != READ.digest


def test_the_digest_is_over_the_content_as_read_before_defaults() -> None:
    assert READ.digest == digest(READ.document)
    assert READ.digest == READ.compiled.digest


def test_a_published_version_is_compiled_again_from_its_content() -> None:
    again = recompile(READ.document, READ.compiled.shapes)
    assert (again.digest, again.policy) == (READ.digest, READ.policy)


@pytest.mark.parametrize("title", ["é", "go 🚀", "one\u2028two", "a \u2028 b", "a \u0085 b", '/ \\ " \t \n'])
@pytest.mark.parametrize("escape", [True, False], ids=["escaped", "as it is"])
def test_json_is_read_as_the_json_it_is(title: str, escape: bool) -> None:
    """YAML or JSON doesn't matter: beyond 16 bits JSON escapes in pairs, and it has no line ends but two."""
    text = json.dumps({**READ.document, "title": title}, ensure_ascii=escape)
    assert read(text).policy.title == title


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("on", "on"),
        ("No", "No"),
        ("true", True),
        ("True", True),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-7", -7),
        ("+7", 7),
        ("007", 7),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("12:30", "12:30"),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("1e100", 1e100),
        (".nan", ".nan"),
        (".inf", ".inf"),
        ("1.0.0", "1.0.0"),
        ("2026-03-01", "2026-03-01"),
        ("'12'", "12"),
        ('"true"', "true"),
        ("9223372036854775807", 9223372036854775807),
        ("-9223372036854775808", -9223372036854775808),
    ],
)
def test_scalars_follow_the_core_schema_of_yaml_1_2(text: str, value: Any) -> None:
    found = load(f"key: {text}\n".encode()).document["key"]
    assert found == value
    assert type(found) is type(value)


def test_a_whole_default_of_a_double_is_a_double() -> None:
    made = read(POLICY.replace("default: 0.5", "default: 1"))
    assert type(made.compiled.params["share"]) is float


def test_a_default_may_be_any_integer_of_64_bits() -> None:
    made = read(POLICY.replace("default: 3, min: 1, max: 5", "default: 9223372036854775807"))
    assert made.compiled.params["least"] == 2**63 - 1


def test_everything_written_is_in_the_policy() -> None:
    policy = READ.policy
    assert [phase.id for phase in policy.phases] == ["first", "second"]
    assert [criterion.id for criterion in policy.criteria] == ["tests-pass", "review", "others-pass"]
    assert policy.evidence["run-report"].required_context == ("split",)
    assert policy.evidence["run-report"].context_keys == {"split", "note"}
    assert policy.maturity is not None
    assert [level.name for level in policy.maturity.levels] == ["Ad Hoc", "Steady"]


def test_who_reads_a_type_is_known() -> None:
    assert READ.compiled.affected_by("run-report") == ("tests-pass", "others-pass")
    assert READ.compiled.affected_by("other-report") == ("others-pass",)
    assert READ.compiled.affected_by("no-such-type") == ()


def test_a_default_has_the_type_of_its_parameter_however_it_is_written() -> None:
    """RFC 8785 writes 3 and 3.0 alike, so both have one digest; they must be one policy."""
    whole, written_as_double = (read(POLICY.replace("default: 3,", f"default: {text},")) for text in ("3", "3.0"))
    assert whole.digest == written_as_double.digest
    kinds = [type(made.compiled.params["least"]) for made in (whole, written_as_double)]
    assert kinds == [int, int]
