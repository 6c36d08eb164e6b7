"""One result of a SARIF run: whether it is a finding, and how severe."""

from typing import Any

from phasegate.adapters.scan_report import SEVERITIES, Scan
from phasegate.adapters.text import shown
from phasegate.adapters.typed import finite, listed, mapping, object_in, words

_LEVELS = {"error": "high", "warning": "medium", "note": "low", "none": "info"}
_CLEAN = ("pass", "notApplicable")
_OPEN = ("open", "review")


class Rules:
    """The rules of a run's tool, by place and by name."""

    def __init__(self, run: dict[str, Any], path: str) -> None:
        tool = mapping(run.get("tool"), f"{path}.tool")
        driver = mapping(tool.get("driver"), f"{path}.tool.driver")
        extensions = listed(tool, "extensions", f"{path}.tool")
        self._listed = listed(driver, "rules", f"{path}.tool.driver")
        self._named: dict[str, dict[str, Any]] = {}
        every = [*self._listed]
        for n, extension in enumerate(extensions):
            every += listed(extension, "rules", f"{path}.tool.extensions[{n}]")
        for rule in every:
            self._named.setdefault(words(rule.get("id")), rule)
        self._overridden = [
            self._levels(listed(invocation, "ruleConfigurationOverrides", f"{path}.invocations[{n}]"))
            for n, invocation in enumerate(listed(run, "invocations", path))
        ]

    def of(self, result: dict[str, Any]) -> dict[str, Any]:
        """The rule of a result; empty where it names none that is known."""
        reference = result.get("rule")
        reference = reference if isinstance(reference, dict) else {}
        name = words(result.get("ruleId")) or words(reference.get("id"))
        if not name:
            at = result.get("ruleIndex", reference.get("index"))
            elsewhere = "toolComponent" in reference
            return self._listed[at] if type(at) is int and 0 <= at < len(self._listed) and not elsewhere else {}
        # CA1000/1 is a part of rule CA1000
        return self._named.get(name) or self._named.get(name.rpartition("/")[0]) or {}

    def usual_level(self, result: dict[str, Any], rule: dict[str, Any]) -> Any:
        """Of a result that states none: what the invocation that found it was told, else the rule's own."""
        at = object_in(result.get("provenance")).get("invocationIndex")
        told = self._overridden[at] if type(at) is int and 0 <= at < len(self._overridden) else {}
        usual = object_in(rule.get("defaultConfiguration")).get("level", "warning")
        return told.get(words(rule.get("id")), usual)

    def _levels(self, overrides: list[dict[str, Any]]) -> dict[str, Any]:
        """By rule."""
        found = {}
        for override in overrides:
            configuration = object_in(override.get("configuration"))
            if "level" in configuration:
                descriptor = object_in(override.get("descriptor"))
                rule = self.of({"ruleId": descriptor.get("id"), "rule": descriptor})
                found[words(rule.get("id"))] = configuration["level"]
        return found


def finding(result: dict[str, Any], path: str, rules: Rules, scan: Scan) -> None:
    """Counts a result that is a finding; tells of what was suppressed or left open."""
    kind = result.get("kind", "fail")
    if kind in _CLEAN or result.get("baselineState") == "absent":
        return
    suppressions = listed(result, "suppressions", path)
    if suppressions and all(each.get("status", "accepted") == "accepted" for each in suppressions):
        scan.warnings.add("the file suppresses findings; they are not counted")
        return
    if kind in _OPEN:
        scan.skipped += 1
        scan.warnings.add("the tool left results open, for a person to judge; counted as skipped")
        return
    rule = rules.of(result)
    name = words(result.get("ruleId")) or words(rule.get("id")) or "(unnamed)"
    scan.add(name, _severity(result, rule, kind, rules, scan), _message(result, rule), _location(result))


def _severity(result: dict[str, Any], rule: dict[str, Any], kind: Any, rules: Rules, scan: Scan) -> str:
    """By level, or by the security severity where that is worse."""
    level = result.get("level", rules.usual_level(result, rule) if kind != "informational" else "none")
    severity = _LEVELS.get(level) if isinstance(level, str) else None
    if severity is None:
        severity = "high"
        scan.warnings.add(f"{shown(str(level))} is no level of SARIF; counted as high")
    scores = [severity]
    for holder in (result, rule):
        properties = holder.get("properties")
        if isinstance(properties, dict) and "security-severity" in properties:
            scores.append(_scored(properties["security-severity"], scan))
    return min(scores, key=SEVERITIES.index)


def _scored(value: Any, scan: Scan) -> str:
    try:
        # The one number that SARIF's users write as text.
        score = finite(float(value) if isinstance(value, str) else value)
    except ValueError:
        score = None
    if score is None:
        scan.warnings.add(f"the security-severity {shown(str(value))} is no number; ignored")
        return "info"
    return "critical" if score >= 9 else "high" if score >= 7 else "medium" if score >= 4 else "info"


def _message(result: dict[str, Any], rule: dict[str, Any]) -> str:
    told = result.get("message")
    told = told if isinstance(told, dict) else {}
    if direct := words(told.get("text")) or words(told.get("markdown")):
        return direct
    strings = rule.get("messageStrings")
    known = strings.get(words(told.get("id"))) if isinstance(strings, dict) else None
    return words(known.get("text")) if isinstance(known, dict) else ""


def _location(result: dict[str, Any]) -> str:
    """`FILE:LINE` of the first place that names a file."""
    places = result.get("locations")
    for place in places if isinstance(places, list) else []:
        physical = place.get("physicalLocation") if isinstance(place, dict) else None
        physical = physical if isinstance(physical, dict) else {}
        artifact, region = physical.get("artifactLocation"), physical.get("region")
        file = words(artifact.get("uri")) if isinstance(artifact, dict) else ""
        line = region.get("startLine") if isinstance(region, dict) else None
        if file:
            return f"{file}:{line}" if type(line) is int else file
    return ""
