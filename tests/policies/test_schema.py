"""The JSON Schema of policy files: it refuses faults of structure as publication does, and nothing that compiles."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from phasegate.engine.policy import Policy
from phasegate.errors import Flawed, Invalid
from phasegate.policies.publication import candidate
from phasegate.policies.schema import policy_schema
from phasegate.policies.source import load
from phasegate.reading import read
from phasegate.resources import POLICIES
from phasegate.shapes import catalogue
from tests.cli.test_server_commands import SOUND as OF_THE_CLI
from tests.cli.test_server_commands import here
from tests.engine import small
from tests.engine.strategies import bounded, cases
from tests.http.test_policies import SOUND as OF_HTTP
from tests.policies.corpus import Broken, corpus, faults_by, found, sound, steps
from tests.policies.test_refusals import POLICY
from tests.support import policies as support

SHIPPED = sorted(POLICIES.glob("*/*/policy.yaml"))
COPY = POLICIES / "policy.schema.json"
MODELINE = "# yaml-language-server: $schema=../../policy.schema.json\n"
VALIDATOR = Draft202012Validator(policy_schema())
STRUCTURE, BEYOND = corpus("structure"), corpus("beyond")


TESTS = Path(__file__).parents[1]


def documents() -> Iterator[tuple[str, Any]]:
    """The policies of other tests, by where they are."""
    for file in (TESTS / "policies").glob("*/*/policy.yaml"):
        yield str(file.relative_to(TESTS)), load(file.read_bytes()).document
    for file in (TESTS / "vectors").glob("*.json"):
        yield file.stem, json.loads(file.read_bytes())["question"]["policy"]
    for name, text in (("refusals", POLICY), ("cli", OF_THE_CLI)):
        yield name, load(text.encode()).document
    yield "http", load(OF_HTTP).document
    yield from (("acceptance", support.document()), ("simple", support.simple("simple")), ("small", small.document()))
    yield "nulls", small.document(attributes=None, waivers=None, maturity=None)


DOCUMENTS = dict(documents())


def refused(document: Any) -> set[str]:
    """The places that publication names; none where it would publish."""
    try:
        candidate(json.dumps(document).encode(), catalogue())
    except Invalid as invalid:
        return {fault.path for fault in invalid.faults}
    return set()


def near(place: str, at: str) -> bool:
    """Whether a place is `at`, or the object or list that holds it directly."""
    return steps(place) in (steps(at), steps(at)[:-1])


class TestTheCopy:
    def test_it_is_what_the_command_prints(self) -> None:
        """Made anew by `phasegate policy schema > policies/policy.schema.json`."""
        ended = here("policy", "schema")
        assert (ended.code, ended.err) == (0, "")
        assert ended.out == COPY.read_text(encoding="utf-8")
        assert json.loads(ended.out) == policy_schema()

    def test_it_is_a_schema(self) -> None:
        Draft202012Validator.check_schema(policy_schema())

    @pytest.mark.parametrize("file", SHIPPED, ids=lambda file: "@".join(file.parts[-3:-1]))
    def test_each_shipped_policy_leads_editors_to_it_and_fits(self, file: Any) -> None:
        assert file.read_text(encoding="utf-8").startswith(MODELINE)
        assert (file.parent / MODELINE.split("=")[1].strip()).resolve() == COPY
        assert faults_by(VALIDATOR, load(file.read_bytes()).document) == set()


class TestBroken:
    def test_what_is_broken_was_sound(self) -> None:
        assert refused(sound()) == faults_by(VALIDATOR, sound()) == set()

    def test_the_corpus_is_large_and_tells_its_faults_apart(self) -> None:
        assert len(STRUCTURE) >= 30
        assert len({each.fault for each in STRUCTURE + BEYOND}) == len(STRUCTURE + BEYOND)

    @pytest.mark.parametrize("broken", STRUCTURE, ids=lambda broken: broken.fault)
    def test_of_structure_both_name_the_same_place(self, broken: Broken) -> None:
        by_schema, by_publication = faults_by(VALIDATOR, broken.document), refused(broken.document)
        assert any(near(place, broken.at) for place in by_schema), by_schema
        assert any(near(place, broken.at) for place in by_publication), by_publication
        assert broken.at in by_schema | by_publication
        assert [place for place in by_schema | by_publication if not near(place, broken.at)] == []

    @pytest.mark.parametrize("broken", BEYOND, ids=lambda broken: broken.fault)
    def test_beyond_structure_publication_is_alone(self, broken: Broken) -> None:
        assert faults_by(VALIDATOR, broken.document) == set()
        assert any(near(place, broken.at) for place in refused(broken.document))


WRONG: list[Any] = [
    None, True, 0, -1, 1.5, 1000, "", "x", "A b", "P1D", "-P1D", "P1M", "P0D", "object", "list<int>", "scalar", "all",
    "2026-03-01T12:00:00Z", "2026-03-01T12:00:00", [], ["x"], [{}], {}, {"x": {}}, ["hint"], {"hint": None},
]  # fmt: skip


def places_in(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place inside a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in inner:
        yield (*path, step)
        yield from places_in(item, (*path, step))


@st.composite
def changed(draw: st.DrawFn) -> Any:
    """The sound policy with one to three values taken out or replaced."""
    document = sound()
    for _ in range(draw(st.integers(1, 3))):
        *above, last = draw(st.sampled_from(sorted(places_in(document), key=str)))
        holder = found(document, tuple(above))
        if draw(st.booleans()):
            holder[last] = deepcopy(draw(st.sampled_from(WRONG)))
        else:
            del holder[last]
        if not document:
            break
    return document


class TestLaws:
    @given(changed())
    @bounded(500)
    def test_what_compiles_fits_and_what_no_struct_can_hold_does_not(self, document: Any) -> None:
        fits = VALIDATOR.is_valid(document)
        try:
            read(Policy, document)
        except Flawed:
            assert not fits
        if not fits:
            assert refused(document), faults_by(VALIDATOR, document)

    @given(cases())
    @bounded(100)
    def test_random_policies_fit(self, case: Any) -> None:
        document = json.loads(msgspec.json.encode(case.policy))
        assert faults_by(VALIDATOR, document) == set()

    @pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
    def test_the_policies_of_other_tests_fit(self, document: Any) -> None:
        assert refused(document) == set()
        assert faults_by(VALIDATOR, document) == set()


def parts(schema: Any) -> Iterator[Any]:
    """Every schema inside a schema."""
    yield schema
    for item in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from parts(item)


class TestForEditors:
    def test_every_object_is_closed_and_every_key_explained(self) -> None:
        schema = policy_schema()
        for struct in (schema, *schema["$defs"].values()):
            assert struct["additionalProperties"] is False
            assert struct["description"]
            assert [key for key, value in struct["properties"].items() if not value.get("description")] == []

    def test_patterns_are_of_ecma_262(self) -> None:
        patterns = [
            p["pattern"] for p in parts(policy_schema()) if isinstance(p, dict) and isinstance(p.get("pattern"), str)
        ]
        assert patterns
        for pattern in patterns:
            assert re.search(r"\\[^.?dw]|\(\?(?!:)|[+*}]\+", pattern) is None, pattern
