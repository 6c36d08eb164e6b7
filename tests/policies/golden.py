"""GREEN and the scenarios of `ml-deployment`: reading them, and turning a scenario into facts."""

from copy import deepcopy
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import yaml

from phasegate.engine.canonical import digest
from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.facts import Evidence, Facts, Release, Subject, Waiver
from phasegate.engine.instants import parse_instant
from phasegate.engine.shape import read_data
from phasegate.policies.publication import candidate
from phasegate.shapes import catalogue

ROOT = Path(__file__).resolve().parents[2]
POLICY = ROOT / "policies" / "ml-deployment" / "1.0.0" / "policy.yaml"
GOLDEN = ROOT / "tests" / "data" / "golden"


@cache
def policy() -> CompiledPolicy:
    return candidate(POLICY.read_bytes(), catalogue()).compiled


@cache
def _green() -> Any:
    return yaml.safe_load((GOLDEN / "green.yaml").read_text(encoding="utf-8"))


def green() -> Any:
    """The body of a `POST /v1/evaluate`, to be changed at will."""
    return deepcopy(_green())


def scenarios() -> list[Any]:
    found: list[Any] = yaml.safe_load((GOLDEN / "scenarios.yaml").read_text(encoding="utf-8"))["scenarios"]
    return found


def merged(old: Any, new: Any) -> Any:
    """`new` put into `old`: mappings at every depth, lists as a whole; null takes a key out."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    result = {key: value for key, value in old.items() if new.get(key, value) is not None}
    return {**result, **{key: merged(old.get(key), value) for key, value in new.items() if value is not None}}


def changed(change: dict[str, Any]) -> Any:
    """GREEN with a scenario's change."""
    known = set(change) - {"at", "attributes", "release", "remove", "every_record", "replace", "add", "waivers"}
    assert not known, f"no change is called {known}"
    body = green()
    records = {record["type"]: record for record in body["evidence"]}
    assert len(records) == len(body["evidence"]), "GREEN holds one record of each type"
    originals = deepcopy(records)
    body["at"] = change.get("at", body["at"])
    body["subject"]["attributes"] = merged(body["subject"]["attributes"], change.get("attributes", {}))
    body["release"] = merged(body["release"], change.get("release", {}))
    for kind in records.copy() if change.get("remove") == "all" else change.get("remove", []):
        del records[kind]
    for kind in records:
        records[kind] = merged(records[kind], change.get("every_record", {}))
    for kind, new in change.get("replace", {}).items():
        records[kind] = merged(records[kind], new)
    added = [
        merged(originals[record["like"]], {key: value for key, value in record.items() if key != "like"})
        if "like" in record
        else record
        for record in change.get("add", [])
    ]
    body["evidence"] = [*records.values(), *added]
    body["waivers"] = change.get("waivers", body["waivers"])
    return body


def facts(body: Any) -> tuple[Facts, datetime]:
    """The facts and the instant of a body. Raises `Invalid` where data does not fit its shape."""
    return (
        Facts(
            msgspec.convert(body["subject"], Subject),
            msgspec.convert(body["release"], Release),
            tuple(_evidence(record) for record in body["evidence"]),
            tuple(msgspec.convert(waiver, Waiver) for waiver in body["waivers"]),
        ),
        parse_instant(body["at"]),
    )


def _evidence(record: Any) -> Evidence:
    kind = policy().policy.evidence[record["type"]]
    data = read_data(policy().shapes[kind.shape], record["data"])
    return msgspec.convert({"digest": digest(record), **record, "data": data}, Evidence)
