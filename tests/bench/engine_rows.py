"""In process, against Open Policy Agent with the same checklist."""

import json
from typing import Any

from phasegate.engine.decision import encode
from phasegate.engine.gate import decide
from phasegate.engine.instants import parse_instant
from phasegate.policies.publication import candidate
from phasegate.shapes import catalogue
from tests.bench.green import POLICY, REGO, facts, published, request
from tests.bench.measure import interleaved, seconds_of
from tests.bench.table import Result, Target


async def decision(rounds: int) -> Result:
    """Facts in memory to encoded answer, against JSON in, JSON out of a prepared query."""
    from tests.bench.opa import Opa

    asked = request()
    policy, gate, at = published().compiled, asked["gate"], parse_instant(asked["at"])
    signed = {criterion.id for criterion in policy.policy.criteria if criterion.signoff is not None}
    known, given, opa = facts(policy, asked), json.dumps(asked, separators=(",", ":")).encode(), Opa(REGO.read_text())

    def answer() -> bytes:
        return encode(decide(policy, known, gate, at))

    _agree(json.loads(answer()), json.loads(opa.decide(given))["result"][0]["expressions"][0]["value"], signed)

    async def ours() -> float:
        return seconds_of(answer, 10) * 1e3

    async def peer() -> float:
        return seconds_of(lambda: opa.decide(given), 3) * 1e3

    mine, other = await interleaved(3 * rounds, ours, peer)
    opa.close()
    note = (
        f"{len(known.evidence)} records; OPA reads its JSON and writes its answer within its figure, as a caller must"
    )
    return Result(mine, other, "ms", "OPA prepared", Target("at most", 0.15), note)


def _agree(ours: dict[str, Any], peer: dict[str, Any], aside: set[str]) -> None:
    """Two that decide differently have done different work. Criteria with sign-offs stand aside: ours calls them
    missing until sign-offs are evaluated."""
    mine, other = (
        {c["id"]: c["status"] for phase in each["phases"] for c in phase["criteria"]} for each in (ours, peer)
    )
    differing = {name: (mine[name], other.get(name)) for name in mine.keys() - aside if mine[name] != other.get(name)}
    assert len(mine) == 26, f"{len(mine)} criteria"
    assert not differing, f"ours and OPA differ on {differing}"


async def compilation(rounds: int) -> Result:
    """What publishing a policy costs before anything is stored."""
    from tests.bench.opa import compile_seconds

    raw, rego, shapes = POLICY.read_bytes(), REGO.read_text(), catalogue()

    async def ours() -> float:
        return seconds_of(lambda: candidate(raw, shapes)) * 1e3

    async def peer() -> float:
        return compile_seconds(rego) * 1e3

    mine, other = await interleaved(rounds, ours, peer)
    note = "ours includes reading the YAML, every check of the policy, and its digest"
    return Result(mine, other, "ms", "OPA parse + compile", Target("at most", 1.0), note)
