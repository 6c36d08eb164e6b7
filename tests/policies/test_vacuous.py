"""The output of a tool of which nothing ran satisfies no criterion that reads it, though all else is green."""

from contextlib import suppress
from functools import cache

import pytest

from phasegate.adapters.registry import adapters
from phasegate.errors import Invalid, Malformed
from tests.adapters.vacuous import VACUOUS
from tests.fuzz.judge import Judge
from tests.fuzz.originals import take

SHAPES = {shape for shape, *_ in VACUOUS}
BESIDE = {("explanation", "temporal-validation")}
"""A type that is read only for a warning sign; its own criterion asks for the evidence."""
VERSIONS = ("1.0.0", "1.1.0")
NAMES = [f"{shape}: {name}: {told}" for shape, name, told, _ in VACUOUS]


@cache
def judge(version: str) -> Judge:
    return Judge(version)


def test_every_format_of_these_shapes_has_an_output_of_which_nothing_ran() -> None:
    there = {(shape, name) for name, adapter in adapters().items() for shape in set(adapter.shapes) & SHAPES}
    assert {(shape, name) for shape, name, *_ in VACUOUS} == there


@pytest.mark.parametrize(("shape", "name", "told", "raw"), VACUOUS, ids=NAMES)
def test_nothing_ran_satisfies_nothing(shape: str, name: str, told: str, raw: bytes) -> None:
    assert told
    try:
        taken = take(raw, shape)
    except (Malformed, Invalid):
        return
    assert taken.format == name
    for version in VERSIONS:
        for kind in judge(version).types(shape):
            reading = {c for c in judge(version).policy.affected_by(kind) if (kind, c) not in BESIDE}
            assert reading
            satisfied = judge(version).judge({kind: taken.data}).satisfied - judge(version).not_applicable
            assert not satisfied & reading, (version, kind)


def test_outputs_of_which_nothing_ran_are_read_where_they_can_be() -> None:
    """So that what is asserted of them is asserted of something."""
    read = set()
    for shape, _, _, raw in VACUOUS:
        with suppress(Malformed, Invalid):
            read.add((shape, take(raw, shape).format))
    assert len(read) > 15
