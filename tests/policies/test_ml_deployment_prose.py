"""The texts of the newest `ml-deployment`: complete, of a readable length, and true where they name types and keys."""

import re
from typing import Any

import pytest
import yaml

from phasegate.engine.policy import Criterion, Policy
from phasegate.policies.publication import candidate
from phasegate.shapes import catalogue
from tests.policies import golden

NEWEST = max(
    (path for path in golden.POLICY.parents[1].iterdir() if path.is_dir()),
    key=lambda path: tuple(int(part) for part in path.name.split(".")),
)
SOURCE = (NEWEST / "policy.yaml").read_text(encoding="utf-8")
POLICY: Policy = candidate(SOURCE.encode(), catalogue()).policy
FORMER: Any = yaml.safe_load(golden.POLICY.read_text(encoding="utf-8"))
_FENCE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_COMMAND = re.compile(r"^phasegate submit (?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
_HEADING_OR_HTML = re.compile(r"^ *#|<[A-Za-z!/]", re.MULTILINE)


def words(markdown: str) -> int:
    """Without blocks of code."""
    return len(_FENCE.sub("", markdown).split())


def commands(criterion: Criterion) -> list[str]:
    return [found.replace("\\\n", " ") for found in _COMMAND.findall(criterion.guidance)]


each = pytest.mark.parametrize("criterion", POLICY.criteria, ids=lambda criterion: criterion.id)


@each
def test_every_text_is_there_and_of_a_readable_length(criterion: Criterion) -> None:
    assert all((criterion.owner, criterion.source, criterion.references, criterion.frameworks))
    assert 40 <= words(criterion.why) <= 80
    assert 100 <= words(criterion.guidance) <= 220
    assert 40 <= words(criterion.remediation) <= 90
    assert 3 <= len(criterion.traps) <= 6
    assert all(len(re.findall(r"[.!?](?:\s|$)", trap)) == 1 for trap in criterion.traps), "one sentence each"


@each
def test_the_guidance_says_how_to_submit_what_the_criterion_reads(criterion: Criterion) -> None:
    assert any(re.search(rf"--type {criterion.evidence}(\s|$)", command) for command in commands(criterion))
    for command in commands(criterion):
        kind = POLICY.evidence[re.findall(r"--type (\S+)", command)[0]]
        stated = set(re.findall(r"--context (\w+)=", command))
        assert set(kind.required_context) <= stated <= kind.context_keys
        of_subject = kind.scope == "subject"
        assert ("--subject-scope" in command, " SUBJECT - " in command) == (of_subject, of_subject)


@each
def test_frameworks_are_declared(criterion: Criterion) -> None:
    assert set(criterion.frameworks) <= set(POLICY.frameworks)


def test_phases_types_parameters_and_levels_have_their_texts() -> None:
    assert all((POLICY.introduction, *(phase.overview for phase in POLICY.phases)))
    assert all(kind.title and kind.doc for kind in POLICY.evidence.values())
    assert all(parameter.doc and parameter.unit for parameter in POLICY.params.values())
    assert POLICY.attributes is not None
    assert all(attribute.doc for attribute in POLICY.attributes.values())
    assert POLICY.maturity is not None
    assert [level.level for level in POLICY.maturity.levels] == [1, 2, 3, 4, 5]
    assert all(level.description and level.anti_patterns and level.next_step for level in POLICY.maturity.levels)


def test_the_prose_has_neither_placeholders_nor_headings_nor_html() -> None:
    assert not re.search(r"\b(TODO|TBD|FIXME)\b|lorem ipsum", SOURCE, re.IGNORECASE)
    texts = [POLICY.introduction, *(phase.overview for phase in POLICY.phases)]
    texts += [text for found in POLICY.criteria for text in (found.why, found.guidance, found.remediation)]
    assert not [text for text in texts if _HEADING_OR_HTML.search(_FENCE.sub("", text))]


def test_the_criteria_of_the_first_version_are_there_in_their_order() -> None:
    former = [criterion["id"] for phase in FORMER["phases"] for criterion in phase["criteria"]]
    assert [criterion.id for criterion in POLICY.criteria] == former
    assert len(former) == 26
