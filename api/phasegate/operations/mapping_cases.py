"""Running a policy's cases of mappings: a file comes in through the same door as one that is submitted."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET

from phasegate.adapters.interface import Hints
from phasegate.adapters.registry import choose
from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.instants import parse_instant, rfc3339
from phasegate.engine.shape import read_data
from phasegate.errors import Invalid, Problem
from phasegate.mappings.adapter import competing
from phasegate.policies.cases.comparison import Difference
from phasegate.policies.cases.mapped import MappingCase


class MappingRan(NamedTuple):
    """A case and what came out otherwise."""

    case: MappingCase
    differences: tuple[Difference, ...]
    """Empty where it came out as expected."""


def run(policy: CompiledPolicy, cases: Iterable[MappingCase]) -> Iterator[MappingRan]:
    """Read each case's file."""
    for case in cases:
        yield MappingRan(case, tuple(_differences(policy, case)))


def _differences(policy: CompiledPolicy, case: MappingCase) -> Iterator[Difference]:
    expect = case.expect
    mapping = policy.policy.mappings[case.mapping]
    try:
        adapter = choose(case.content, None, mapping.shape, among=competing(policy))
        if adapter.name != case.mapping:
            yield Difference("mapping", case.mapping, adapter.name)
            return
        reading = adapter.read(case.content, Hints(shape=mapping.shape))
    except Problem as problem:
        if expect.refused is UNSET:
            yield Difference("refused", "a file that fits", problem.detail)
        elif expect.refused not in problem.detail:
            yield Difference("refused", f"contains: {expect.refused}", problem.detail)
        return
    if expect.refused is not UNSET:
        yield Difference("refused", f"contains: {expect.refused}", "the file fits")
        return
    try:
        wanted = read_data(policy.shapes[mapping.shape], expect.data)
    except Invalid as refusal:
        yield Difference("data", "data of the shape", refusal.detail)
        return
    for name in dict.fromkeys((*wanted, *reading.data)):
        if wanted.get(name) != reading.data.get(name):
            yield Difference(f"data.{name}", _shown(wanted.get(name)), _shown(reading.data.get(name)))
    if expect.collected_at is not UNSET:
        instant = None if expect.collected_at is None else parse_instant(expect.collected_at)
        if instant != reading.collected_at:
            told = [None if each is None else rfc3339(each) for each in (instant, reading.collected_at)]
            yield Difference("collected_at", _shown(told[0]), _shown(told[1]))


def _shown(value: Any) -> str:
    return msgspec.json.encode(value).decode() if value is not None else "nothing"
