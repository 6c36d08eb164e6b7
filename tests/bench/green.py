"""GREEN, the release that passes all but sign-offs (`green.json`), in the forms that the rows need."""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from phasegate.engine.canonical import digest
from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.facts import Artifact, Evidence, Facts, Release, Subject
from phasegate.engine.instants import parse_instant, rfc3339
from phasegate.engine.shape import read_data
from phasegate.policies.publication import Candidate, candidate
from phasegate.shapes import catalogue

HERE = Path(__file__).parent
POLICY = HERE.parents[1] / "policies/ml-deployment/1.0.0/policy.yaml"
REGO = HERE / "checklist.rego"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def request() -> dict[str, Any]:
    """GREEN without its sign-offs, which the server doesn't evaluate yet."""
    found: dict[str, Any] = json.loads((HERE / "green.json").read_bytes())
    del found["signoffs"]
    return found


def published() -> Candidate:
    """The checklist's policy."""
    return candidate(POLICY.read_bytes(), catalogue())


def facts(policy: CompiledPolicy, asked: dict[str, Any]) -> Facts:
    """As they are gathered from a database: data and instants parsed, digests and ids beside the records."""
    subject, release = asked["subject"], asked["release"]
    return Facts(
        subject=Subject(subject["name"], subject["kind"], subject["team"], "", subject["attributes"]),
        release=Release(
            version=release["version"],
            artifacts=tuple(Artifact(each["name"], each["sha256"]) for each in release["artifacts"]),
            registered_at=parse_instant(release["registered_at"]),
            registered_by=release["registered_by"],
            predecessor=release["predecessor"],
        ),
        evidence=tuple(_record(policy, n, given) for n, given in enumerate(asked["evidence"])),
    )


def _record(policy: CompiledPolicy, n: int, given: dict[str, Any]) -> Evidence:
    kind = policy.policy.evidence[given["type"]]
    return Evidence(
        type=given["type"],
        data=read_data(policy.shapes[kind.shape], given["data"]),
        collected_at=parse_instant(given["collected_at"]),
        received_at=parse_instant(given["received_at"]),
        digest=digest(given),
        context=given["context"],
        submitted_by=given["submitted_by"],
        strength=given["strength"],
        format=given["format"],
        id=f"01956a4e-8f00-7000-8000-{n:012x}",
    )


def envelopes(policy: CompiledPolicy, now: datetime) -> list[tuple[str, dict[str, Any]]]:
    """GREEN's evidence as it is sent today: scope and envelope, those of the subject first, since what was agreed
    has to be there before what is measured. No `collected_at`, so that all is in force as of its receipt; the
    instants inside the data are moved along."""
    asked = request()
    later = now - parse_instant(asked["at"])
    sent = [
        (
            policy.policy.evidence[given["type"]].scope,
            {"type": given["type"], "data": _moved(given["data"], later), "context": given["context"]},
        )
        for given in asked["evidence"]
    ]
    return sorted(sent, key=lambda pair: pair[0] != "subject")


def _moved(value: Any, later: timedelta) -> Any:
    if isinstance(value, dict):
        return {key: _moved(item, later) for key, item in value.items()}
    if isinstance(value, list):
        return [_moved(item, later) for item in value]
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        return rfc3339(parse_instant(value) + later)
    return value
