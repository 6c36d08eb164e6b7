"""What a new policy version changes, and the step it needs."""

import json
from copy import deepcopy
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import pytest
import yaml

from phasegate.engine.canonical import digest
from phasegate.engine.policy import Field, Mapping, Policy, Shape
from phasegate.policies.diff import (
    STEPS,
    Change,
    Edition,
    allowed,
    diff,
    least,
    neighbours,
    required_step,
    too_large,
)
from phasegate.policies.diff.table import RULES
from phasegate.policies.diff.words import tokens
from phasegate.policies.publication import candidate
from phasegate.reading import read
from phasegate.shapes import catalogue
from tests.policies.golden import POLICY
from tests.policies.pairs import PAIRS
from tests.policies.pairs.base import BASE, MAPPING, Document, Pair, edited, put

every = pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS.keys())


def edition(document: Document) -> Edition:
    """A policy that could be published."""
    return edition_of(json.dumps(document).encode())


def edition_of(raw: bytes) -> Edition:
    found = candidate(raw, catalogue())
    return Edition(found.policy, found.compiled.shapes)


@cache
def base() -> Edition:
    return edition(BASE)


def changes(document: Document) -> tuple[Change, ...]:
    return diff(base(), edition(document))


def meaning(of: Edition) -> str:
    """A digest after defaults, in which two spellings of one value are the same."""
    return digest(msgspec.to_builtins(of))


class TestPairs:
    @every
    def test_step_kind_and_words(self, pair: Pair) -> None:
        found = changes(edited(pair.edit))
        told = "\n".join(f"{each.step} {each.kind} {each.path}: {each.text}" for each in found)
        assert any((each.kind, each.path) == (pair.kind, pair.path) and pair.words in each.text for each in found), told
        assert required_step(found) == pair.step, told
        assert len(found) == pair.changes, told

    @every
    def test_back_again_differs_too(self, pair: Pair) -> None:
        there, back = base(), edition(edited(pair.edit))
        assert diff(back, there)
        assert diff(back, back) == ()

    @every
    def test_a_text_is_one_short_line_without_a_gap(self, pair: Pair) -> None:
        for each in changes(edited(pair.edit)):
            assert "\n" not in each.text
            assert len(each.text) < 400
            assert "{name}" not in each.text
            assert "None" not in each.text

    def test_there_are_enough(self) -> None:
        assert len(PAIRS) >= 50
        assert {pair.step for pair in PAIRS.values()} == set(STEPS)

    def test_a_renamed_phase_moves_its_criteria_neither_forward_nor_back(self) -> None:
        moved = [each for each in changes(edited(PAIRS["phase renamed"].edit)) if " moved from " in each.text]
        assert {each.kind for each in moved} == {"changed"}
        assert not any("asked for" in each.text for each in moved)


class TestNothingDiffers:
    def test_from_itself(self) -> None:
        assert diff(base(), base()) == ()

    @pytest.mark.parametrize("form", ["as JSON", "flow", "block", "keys in another order", "commented"])
    def test_in_another_form(self, form: str) -> None:
        """The shipped policy, reformatted: no difference, and the same digest."""
        raw = POLICY.read_bytes()
        first = candidate(raw, catalogue())
        content = first.document
        again = {
            "as JSON": json.dumps(content),
            "flow": "# flow\n" + yaml.safe_dump(content, default_flow_style=True, allow_unicode=True),
            "block": yaml.safe_dump(content, default_flow_style=False, sort_keys=False, width=40),
            "keys in another order": yaml.safe_dump(_backwards(content), sort_keys=False),
            "commented": raw.decode().replace("\nphases:", "\n# The phases.\nphases:   # in order\n"),
        }[form]
        second = candidate(again.encode(), catalogue())
        assert second.digest == first.digest
        assert diff(edition_of(raw), edition_of(again.encode())) == ()

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("evidence/ticket/recurring", False),
            ("phases/0/criteria/0/waivable", True),
            ("phases/0/criteria/1/depends_on", []),
            ("phases/1/criteria/0/signoff/max_age", "PT480H"),
            ("phases/1/criteria/1/effective_from", "2027-01-01T01:00:00+01:00"),
            ("shapes/report/fields/score/max", 1),
        ],
    )
    def test_a_default_written_out_and_another_spelling(self, path: str, value: Any) -> None:
        """The digest is made before defaults and can differ: publication then needs a new version, of any step."""
        assert changes(edited(put(path, value))) == ()

    @every
    def test_an_empty_difference_means_the_same_meaning(self, pair: Pair) -> None:
        other = edition(edited(pair.edit))
        assert (diff(base(), other) == ()) == (meaning(base()) == meaning(other))

    def test_the_version_is_no_difference(self) -> None:
        assert changes(edited(put("version", "9.0.0"))) == ()


def _backwards(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _backwards(item) for key, item in reversed(value.items())}
    return [_backwards(item) for item in value] if isinstance(value, list) else value


class TestTheTable:
    def test_every_key_has_a_rule(self) -> None:
        """Whoever adds a key to the policy model decides here what a difference in it amounts to."""
        for struct in _structs(Policy):
            assert struct in RULES, struct
            keys = [field.name for field in msgspec.structs.fields(struct)]
            assert sorted(RULES[struct]) == sorted(keys), struct

    def test_nothing_else_has_one(self) -> None:
        assert set(RULES) == _structs(Policy)

    def test_every_key_is_in_a_pair(self) -> None:
        """A rule that no pair meets could say anything. What is left out has its own test below."""
        met = {pair.path.rsplit(".", 1)[-1].split("[")[0] for pair in PAIRS.values()}
        met |= {step for pair in PAIRS.values() for step in pair.path.split(".")}
        keys = {key for kind, rules in RULES.items() for key in rules if kind is not Mapping}
        left_out = {"id", "version", "mappings", "that"}
        assert keys - met - left_out == set()


def _structs(kind: Any, seen: frozenset[Any] = frozenset()) -> set[Any]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if kind in seen:
            return set()
        hints = get_type_hints(kind, include_extras=True).values()
        return {kind}.union(*(_structs(hint, seen | {kind}) for hint in hints))
    if get_origin(kind) is not None or hasattr(kind, "__args__"):
        return set().union(*(_structs(inner, seen) for inner in get_args(kind)))
    return set()


class TestBuiltInShapes:
    """A version carries the shapes that it was published with."""

    def with_field(self, field: Field) -> tuple[Change, ...]:
        document = deepcopy(BASE)
        document["evidence"]["built"] = {"shape": "drill", "scope": "release"}
        drill = Shape(fields={"done": Field(type="bool")})
        raw = json.dumps(document).encode()
        found = [candidate(raw, {"drill": each}) for each in (drill, Shape(fields={**drill.fields, "at": field}))]
        return diff(*(Edition(each.policy, each.compiled.shapes) for each in found))

    def test_one_that_grew(self) -> None:
        (change,) = self.with_field(Field(type="timestamp", optional=True))
        assert (change.path, change.step) == ("shapes.drill.fields.at", "minor")

    def test_one_that_demands_more(self) -> None:
        assert required_step(self.with_field(Field(type="timestamp"))) == "major"

    def test_one_that_is_first_used(self) -> None:
        """The type says so; its shape is no change of the policy."""
        document = edited(put("evidence/soak", {"shape": "load-test", "scope": "release"}))
        assert [change.path for change in changes(document)] == ["evidence.soak"]


class TestMappings:
    """None of these would compile, so the policies are read alone."""

    @pytest.mark.parametrize(
        ("old", "new", "step", "path"),
        [
            ({}, {"k6": MAPPING}, "minor", "mappings.k6"),
            ({"k6": MAPPING}, {}, "major", "mappings.k6"),
            ({"k6": MAPPING}, {"k6": MAPPING | {"reads": "csv"}}, "major", "mappings.k6.reads"),
            ({"k6": MAPPING}, {"k6": MAPPING | {"shape": "spare"}}, "major", "mappings.k6.shape"),
            ({"k6": MAPPING}, {"k6": MAPPING | {"detect": "true"}}, "minor", "mappings.k6.detect"),
            ({"k6": MAPPING}, {"k6": MAPPING | {"fields": {"passed": 0}}}, "minor", "mappings.k6.fields.passed"),
            ({"k6": MAPPING | {"let": {"x": 1}}}, {"k6": MAPPING | {"let": {"x": True}}}, "minor", "mappings.k6.let.x"),
            ({"k6": MAPPING | {"let": {"x": 0}}}, {"k6": MAPPING | {"let": {"x": 0.0}}}, None, None),
            ({"k6": MAPPING}, {"k6": MAPPING | {"collected_at": "doc.at"}}, "minor", "mappings.k6.collected_at"),
            ({"k6": MAPPING}, {"k7": MAPPING}, "major", "mappings.k6 mappings.k7"),
        ],
    )  # fmt: skip
    def test_what_differs(self, old: Any, new: Any, step: str | None, path: str | None) -> None:
        before, after = (Edition(read(Policy, BASE | {"mappings": each}), {}) for each in (old, new))
        found = diff(before, after)
        assert required_step(found) == step
        assert [change.path for change in found] == (path.split() if path else [])


class TestTokens:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("a==b", " a\n== b // so"),
            ('x == "a // b"', 'x=="a // b"'),
            ("a . b[ 1 ]", "a.b[1]"),
            ("r'\\d' == 'x'", "r'\\d'=='x'"),
            ("'''a\n b''' + x", "'''a\n b'''+x"),
            ("1.5e-3 < x", "1.5e-3<x"),
        ],
    )
    def test_the_same(self, one: str, other: str) -> None:
        assert tokens(one) == tokens(other)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ('"a b"', '"ab"'),
            ('"a//b"', '"a"'),
            ("a in b", "ain b"),
            ("x > = 1", "x >= 1"),
            ("1 .5", "1.5"),
            ("1e5", "1 e5"),
            ('r "a"', 'r"a"'),
            ("'''a  b'''", "'''a b'''"),
            ("a && b", "a & & b"),
            ("'\\''", "'\\' '"),
            ("m.`a b` > 1", "m.`a  b` > 1"),
            ("m.`a//b` > 1", "m.`a//b` > 2"),
        ],
    )
    def test_not_the_same(self, one: str, other: str) -> None:
        assert tokens(one) != tokens(other)


class TestWords:
    def title(self, old: str, new: str) -> str:
        before, after = (edition(edited(put("phases/0/criteria/0/why", text))) for text in (old, new))
        (change,) = diff(before, after)
        return change.text

    def test_of_long_texts_the_part_that_differs(self) -> None:
        lead = "The same words to begin with. " * 20
        told = self.title(lead + "Then ten.", lead + "Then eleven.")
        assert "Then ten." in told
        assert "Then eleven." in told
        assert len(told) < 160

    def test_white_space_alone(self) -> None:
        assert self.title("a  text", "a\ntext") == 'why of fast differs in white space only: "a text"'

    def test_nothing_that_a_terminal_obeys(self) -> None:
        told = self.title("plain", "\x1b[2Jgone\r\u202e {name} {0}")
        assert told == 'why of fast reworded from "plain" to "[2Jgone {name} {0}"'


class TestHostile:
    @pytest.mark.parametrize("phases", [1, 1500])
    def test_everything_replaced(self, phases: int) -> None:
        """Every id another, every check, every message; the work grows with the size and not with its square."""

        def large(mark: str) -> Edition:
            check = {"that": f"evidence.passed > {len(mark)}", "otherwise": mark}
            document = edited(lambda d: d.pop("maturity"))
            each = [{"id": f"{mark}-{n}", "title": mark, "evidence": "ticket", "checks": [check]} for n in range(1500)]
            size = len(each) // phases
            document["phases"] = [
                {"id": f"p{mark}{n}", "criteria": each[n * size : (n + 1) * size]} for n in range(phases)
            ]
            return Edition(read(Policy, document), {})

        found = diff(large("a"), large("bb"))
        assert len(found) == 2 * (1500 + phases)
        assert required_step(found) == "major"


def some(*steps: str) -> tuple[Change, ...]:
    return tuple(msgspec.convert({"path": s, "kind": "changed", "step": s, "text": s}, Change) for s in steps)


class TestSteps:
    def test_the_largest_counts(self) -> None:
        assert required_step(()) is None
        assert required_step(some("patch", "major", "minor")) == "major"

    @pytest.mark.parametrize(
        ("old", "step", "version"),
        [
            ("1.2.3", "patch", "1.2.4"),
            ("1.2.3", "minor", "1.3.0"),
            ("1.2.3", "major", "2.0.0"),
            ("0.2.3", "patch", "0.2.4"),
            ("0.2.3", "minor", "0.2.4"),
            ("0.2.3", "major", "0.3.0"),
            ("0.0.3", "minor", "0.0.4"),
            ("0.0.3", "major", "0.0.4"),
            ("0.0.0", "major", "0.0.1"),
            ("1.1.0-rc.1", "minor", "1.2.0"),
        ],
    )
    def test_the_least_version(self, old: str, step: Any, version: str) -> None:
        assert least(old, step) == version
        assert allowed(old, version, some(step))

    @pytest.mark.parametrize(
        ("old", "new", "step", "enough"),
        [
            ("1.0.0", "1.0.1", "patch", True),
            ("1.0.0", "1.0.1", "minor", False),
            ("1.0.0", "1.1.0", "minor", True),
            ("1.0.0", "1.9.9", "major", False),
            ("1.0.0", "2.0.0", "major", True),
            ("1.0.0", "2.0.0", "patch", True),
            ("0.1.0", "0.1.1", "major", False),
            ("0.1.0", "1.0.0", "major", True),
            ("1.0.0", "2.0.0-rc.1", "major", True),
            ("1.0.0", "1.1.0-rc.1", "major", False),
            ("1.1.0-rc.1", "1.1.0-rc.2", "major", True),
            ("1.1.0-rc.1", "1.1.0", "major", True),
            ("1.1.0-rc.1", "1.1.1", "minor", False),
            ("1.0.0", "1.0.0", "patch", False),
            ("1.1.0", "1.0.0", "patch", False),
            ("1.1.0", "1.1.0-rc.1", "patch", False),
            ("1.9.0", "1.10.0", "minor", True),
        ],
    )
    def test_large_enough(self, old: str, new: str, step: str, enough: bool) -> None:
        assert allowed(old, new, some(step)) == enough
        assert [change.step for change in too_large(old, new, some(step))] == ([] if enough else [step])

    def test_nothing_needs_no_step(self) -> None:
        assert allowed("1.0.0", "1.0.0", ())

    @pytest.mark.parametrize(
        ("version", "below", "above"),
        [
            ("1.5.0", "1.2.0", "1.10.0"),
            ("1.2.0", "1.0.0", "1.10.0"),
            ("0.9.0", None, "1.0.0"),
            ("1.10.0-rc.2", "1.2.0", "2.0.0-rc.2"),
            ("2.0.0", "1.10.0", None),
            ("1.2.0-beta", "1.0.0", "1.10.0"),
            ("3.0.0", "2.0.0-rc.2", None),
        ],
    )
    def test_neighbours(self, version: str, below: str | None, above: str | None) -> None:
        published = ("1.10.0", "1.0.0", "2.0.0-rc.1", "1.2.0", "2.0.0-rc.2", "1.10.0-rc.1")
        assert neighbours(version, published) == (below, above)
