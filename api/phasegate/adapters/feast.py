"""Feast: the JSON of `feast registry-dump`."""

import re
from datetime import datetime
from typing import Any

from phasegate.adapters import check_report
from phasegate.adapters.check_report import Checks
from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.json_file import look, parse
from phasegate.adapters.text import Warnings, shown
from phasegate.adapters.typed import label, listed, mapping, mappings, moment, refused, text, within, words
from phasegate.engine.facts import Producer
from phasegate.engine.instants import rfc3339

REGISTRY = "registry-report"
MAX_ENTRIES = 1_000
_VIEWS = ("featureViews", "streamFeatureViews")
_SECONDS = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,9})?)s")
_READY = "AVAILABLE_ONLINE"


class Feast:
    """The adapter `feast`."""

    name = "feast"
    version = "1.0.0"
    shapes = (REGISTRY, check_report.SHAPE)
    title = "Feast registry (feast registry-dump)"
    command = "feast registry-dump > registry.json"
    fingerprint = "JSON with the lists `featureViews` and `dataSources`"
    example = Example("feast.json")

    def detects(self, raw: bytes) -> bool:
        content = look(raw)
        return isinstance(content, dict) and all(
            isinstance(content.get(key), list) for key in ("featureViews", "dataSources")
        )

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The feature views as a `registry-report`; or, for a `data-quality-report`, whether each was materialised.

        How old the newest row is, the registry doesn't know, so no check has an age.
        """
        content = mapping(parse(raw), "")
        if "featureViews" not in content:
            raise refused("featureViews", "is missing: send what `feast registry-dump` writes")
        views = [
            (f"{key}[{n}]", each)
            for key in _VIEWS
            for n, each in enumerate(mappings(content[key], key) if key in content else [])
        ]
        if hints.shape == check_report.SHAPE:
            return _checks(views, hints)
        return _registry(views, words(content.get("project")), hints)


def _registry(views: list[tuple[str, dict[str, Any]]], project: str, hints: Hints) -> Reading:
    warnings = Warnings()
    entries = []
    for path, view in views:
        name, spec, meta = _parts(view, path)
        until = _materialized_until(meta, path, warnings)
        updated = moment(meta.get("lastUpdatedTimestamp"), warnings)
        tags = within(spec, "tags", f"{path}.spec")
        if not all(isinstance(value, str) for value in tags.values()):
            raise refused(f"{path}.spec.tags", "must hold texts alone")
        entry: dict[str, Any] = {
            "version": name,
            "status": "ready" if meta.get("state") == _READY else "",
            "tags": tags,
        }
        stated = {"updated_at": updated, "materialized_until": until}
        entries.append(entry | {key: rfc3339(at) for key, at in stated.items() if at is not None})
    if not entries:
        warnings.add("the registry holds no feature view")
    if len(entries) > MAX_ENTRIES:
        entries.sort(key=lambda entry: "materialized_until" in entry)
    data = {
        "kind": "feature-store",
        "name": label(project),
        "entries": entries[:MAX_ENTRIES],
        "aliases": {},
        "complete": True,
    }
    if len(entries) > MAX_ENTRIES:
        data["unlisted"] = len(entries) - MAX_ENTRIES
    if said := count_exit_code(data, hints.exit_code):
        warnings.add(said)
    return Reading(REGISTRY, data, producer=Producer("feast"), warnings=warnings.all())


def _checks(views: list[tuple[str, dict[str, Any]]], hints: Hints) -> Reading:
    checks = Checks()
    for path, view in views:
        name, spec, meta = _parts(view, path)
        until = _materialized_until(meta, path, checks.warnings)
        if until is None:
            checks.warnings.add(f"the feature view {shown(name)} was never materialised: counted as failed")
        checks.add(name, "fail" if until is None else "pass", limit_s=_lifetime(spec, path))
    return checks.reading(Producer("feast"), hints)


def _parts(view: dict[str, Any], path: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Name, spec and state of a feature view."""
    spec = mapping(view.get("spec"), f"{path}.spec")
    return label(text(spec.get("name"), f"{path}.spec.name")), spec, within(view, "meta", path)


def _materialized_until(meta: dict[str, Any], path: str, warnings: Warnings) -> datetime | None:
    """The end of the latest interval; they aren't in order."""
    intervals = listed(meta, "materializationIntervals", f"{path}.meta")
    ends = [moment(interval.get("endTime"), warnings) for interval in intervals]
    return max((end for end in ends if end is not None), default=None)


def _lifetime(spec: dict[str, Any], path: str) -> float | None:
    """Seconds for which a value may be served; Feast writes 0 where there is no limit."""
    stated = spec.get("ttl")
    if stated is None:
        return None
    found = _SECONDS.fullmatch(stated) if isinstance(stated, str) else None
    if found is None:
        raise refused(f"{path}.spec.ttl", "must be a length of time in seconds, such as 86400s")
    return float(found[1]) or None
