"""GREEN, the base case of `ml-deployment`, as it would stand in a server's database."""

from typing import Any

import msgspec
from sqlalchemy import Connection
from uuid_utils.compat import uuid7

from phasegate.engine.canonical import digest
from phasegate.engine.facts import Producer
from phasegate.engine.instants import parse_instant
from phasegate.operations.releases import bound_to, found_release
from phasegate.storage import evidence, launches
from phasegate.storage.evidence import EvidenceRecord
from phasegate.storage.launches import LaunchRecord
from phasegate.storage.subjects import raise_counter
from tests.policies import golden
from tests.support.desk import Desk
from tests.support.world import World

SUBJECT, VERSION = "churn-scorer", "2.1.0"
PATH = f"/v1/subjects/{SUBJECT}/releases/{VERSION}"
OWNERS = {"model-owner": "model-owner-1", "business-owner": "business-owner-1"}
EVERYBODY = OWNERS | {"legal": "legal-1", "compliance": "compliance-1"}
ACKNOWLEDGED = [
    name for c in golden.policy().policy.criteria if c.signoff is not None for name in c.signoff.acknowledge
]


class Green:
    """A world in which the release was shown to be ready, and the people of the story."""

    def __init__(self, world: World, *, without: str = "", registrar: str = "ci-bot", **attributes: Any) -> None:
        self.world = world
        body = golden.green()
        self.evidence: list[Any] = [each for each in body["evidence"] if each["type"] != without]
        self.subject: dict[str, Any] = body["subject"] | {"attributes": body["subject"]["attributes"] | attributes}
        self.at("2026-12-01T08:00:00Z")
        raw = golden.POLICY.read_bytes()
        headers = {"Content-Type": "application/yaml"}
        assert world.call("POST", "/v1/policies", content=raw, headers=headers).status_code == 201
        self.at("2027-02-01T08:00:00Z")
        self.tokens = {
            person: world.own(person, "read", "signoffs:write", "releases:write") for person in EVERYBODY.values()
        }
        self.tokens["approver-1"] = world.own("approver-1", "read", "waivers:write", "releases:write")
        for role, person in EVERYBODY.items():
            world.role(person, role)
        self.at("2026-12-01T08:00:00Z")
        world.subject(SUBJECT, policy="ml-deployment@1.0.0", **{k: v for k, v in self.subject.items() if k != "name"})
        world.release(SUBJECT, "2.0.0", "c" * 64)
        went_live = parse_instant("2026-12-01T09:00:00Z")
        launched = LaunchRecord(str(uuid7()), "2.0.0", went_live, "ci-bot", str(uuid7()))
        world.write(lambda connection: launches.insert(connection, world.org, SUBJECT, launched, ""))
        self.at("2027-03-01T08:00:00Z")
        artifacts = {"version": VERSION, "artifacts": body["release"]["artifacts"]}
        who = {"token": self.tokens[registrar]} if registrar in self.tokens else {}
        assert world.post(f"/v1/subjects/{SUBJECT}/releases", artifacts, **who).status_code == 201
        world.write(lambda connection: [self._store(connection, each) for each in self.evidence])
        self.desk = Desk(world, SUBJECT, PATH, "", "", "")

    def at(self, instant: str) -> None:
        """Set the clock."""
        self.world.clock.now = parse_instant(instant)

    def show(self, kind: str, collected_at: str, **changes: Any) -> str:
        """A further record like the last of its type; its id."""
        like = next(each for each in reversed(self.evidence) if each["type"] == kind)
        stamps = {"collected_at": collected_at, "received_at": collected_at}
        data = like["data"] | changes.pop("data", {})
        return str(self.world.write(lambda c: self._store(c, like | stamps | {"data": data} | changes)))

    def sign(self, role: str, at: str, verdict: str = "approve", person: str = "", **more: Any) -> Any:
        """Sign, with every acknowledgement; the answer."""
        self.at(at)
        token = self.tokens[person or EVERYBODY[role]]
        return self.desk.send(token, role, verdict, **({"acknowledged": ACKNOWLEDGED} | more))

    def signed(self) -> "Green":
        """Both owners approve, as in GREEN."""
        assert self.sign("model-owner", "2027-03-05T09:00:00Z").status_code == 201
        assert self.sign("business-owner", "2027-03-05T09:30:00Z").status_code == 201
        return self

    def gates(self, at: str = "2027-03-05T12:00:00Z") -> list[str]:
        """The answers for the six phases."""
        self.at(at)
        phases = golden.policy().policy.phases
        return [str(self.world.decision(PATH, gate=phase.id)["outcome"]) for phase in phases]

    def criterion(self, name: str, at: str = "2027-03-05T12:00:00Z") -> Any:
        self.at(at)
        decision = self.world.decision(PATH)
        return next(c for phase in decision["phases"] for c in phase["criteria"] if c["id"] == name)

    def _store(self, connection: Connection, told: dict[str, Any]) -> str:
        policy, org = golden.policy(), self.world.org
        kind = policy.policy.evidence[told["type"]]
        release = found_release(connection, org, SUBJECT, VERSION)
        artifacts = tuple(artifact.sha256 for artifact in release.artifacts) if kind.scope == "release" else None
        bound = bound_to(release.artifacts) if artifacts is not None else ""
        record = EvidenceRecord(
            id=str(uuid7()),
            digest=digest([org, told]),
            subject=SUBJECT,
            bound=bound,
            artifacts=artifacts,
            type=told["type"],
            shape=kind.shape,
            shape_digest=policy.shape_digests[kind.shape],
            format=told.get("format", "json"),
            strength=told.get("strength", "measured"),
            data=msgspec.json.encode(told["data"]),
            context=told.get("context", {}),
            producer=Producer(),
            collected_at=parse_instant(told["collected_at"]),
            received_at=parse_instant(told["received_at"]),
            submitted_by=told.get("submitted_by", "ci-bot"),
            submitted_for=(),
            identity={},
            warnings=(),
            raw_sha256=None,
            raw_media_type="application/json",
        )
        assert evidence.insert(connection, org, record, None)
        raise_counter(connection, org, SUBJECT, bound)
        return record.id
