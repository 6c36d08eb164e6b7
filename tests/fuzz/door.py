"""Changed files through the real door: the application, HTTP, and a database."""

import tempfile
import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from phasegate.errors import Invalid, Malformed
from phasegate.resources import POLICIES
from tests.adapters.samples import CONTEXT
from tests.fuzz.hunt import MOST_GROWTH, SLOWEST, Outcome
from tests.fuzz.judge import CONTEXT as REQUIRED
from tests.fuzz.judge import NEWEST, newest
from tests.fuzz.mutators import Mutant, mutant
from tests.fuzz.originals import RELEASE, SUBJECT, Original, originals, take
from tests.support.memory import peak, resident

if TYPE_CHECKING:
    from tests.support.world import World

_MEDIA_TYPE = "application/octet-stream"


def run(mutants: int, seed: int) -> Outcome:
    """Send them, each original in turn."""
    from litestar.testing import TestClient

    from phasegate.http.app import create_app
    from phasegate.settings import Settings
    from tests.support.clock import Clock
    from tests.support.databases import Databases
    from tests.support.world import world_in

    found, outcome = originals(), Outcome()
    with tempfile.TemporaryDirectory() as folder:
        databases = Databases(Path(folder), None)
        url, clock = databases.migrated(), Clock()
        app = create_app(Settings(database=url, data=Path(folder)), clock)
        with TestClient(app, raise_server_exceptions=False) as client:
            world = world_in(client, clock)
            _prepare(world)
            before = resident()
            for number in range(mutants):
                original = found[number % len(found)]
                _send(world, original, mutant(original, found, Random(f"{seed}:posted:{number}")), number, outcome)
        databases.close()
    outcome.growth = max(0, peak() - before)
    if outcome.growth > MOST_GROWTH:
        outcome.faults.append(f"the process grew by {outcome.growth / 2**20:.0f} MiB")
    return outcome


def _prepare(world: "World") -> None:
    raw = (POLICIES / "ml-deployment" / NEWEST / "policy.yaml").read_bytes()
    assert world.post("/v1/policies", raw, headers={"Content-Type": "application/yaml"}).status_code == 201
    attributes = {"affects_people": True, "outcomes_observable": True, "regulated": False, "risk_tier": "medium"}
    world.subject(SUBJECT, f"ml-deployment@{NEWEST}", attributes=attributes)
    world.release(SUBJECT, RELEASE)


def _send(world: "World", original: Original, made: Mutant, number: int, outcome: Outcome) -> None:
    outcome.mutants += 1
    name = f"posted: {original.name}, {made.kind}, number {number}"
    chosen = newest().types(original.shape)[0]
    kind = newest().policy.policy.evidence[chosen]
    path = f"/v1/subjects/{SUBJECT}" + (f"/releases/{RELEASE}" if kind.scope == "release" else "")
    context = {key: REQUIRED.get(key, "x") for key in kind.required_context} | CONTEXT
    query = {"type": chosen, **{f"context.{key}": value for key, value in context.items()}}
    began = time.process_time()
    try:
        answer = world.post(f"{path}/evidence", made.raw, params=query, headers={"Content-Type": _MEDIA_TYPE})
    except AssertionError as error:  # a server error
        outcome.faults.append(f"{name}: {error}")
        return
    seconds = time.process_time() - began
    if seconds > outcome.slowest:
        outcome.slowest, outcome.slowest_one = seconds, name
    if seconds > SLOWEST:
        outcome.faults.append(f"{name}: took {seconds:.1f} s")
    accepted = answer.status_code in (200, 201)
    (outcome.accepted if accepted else outcome.refused)[made.kind] += 1
    if answer.status_code not in (200, 201, 400, 422):
        outcome.faults.append(f"{name}: {answer.status_code} {answer.text[:200]}")
    if accepted != _readable(original, made) and "in the future" not in answer.text:
        outcome.faults.append(f"{name}: {answer.status_code}, otherwise than it is read in this process")


def _readable(original: Original, made: Mutant) -> bool:
    try:
        take(made.raw, original.shape)
    except (Malformed, Invalid):
        return False
    return True
