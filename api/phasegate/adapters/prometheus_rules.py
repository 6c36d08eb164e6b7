"""Prometheus rule files, which promtool, Thanos, Mimir and VictoriaMetrics read too."""

import re
from typing import Any

from phasegate.adapters.alert_rules import SHAPE, rule, rules_data
from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.json_file import look
from phasegate.adapters.text import Warnings, shown
from phasegate.adapters.typed import listed, mapping, mappings, refused, text, within
from phasegate.adapters.yaml_file import decoded, documents

_GROUPS = re.compile(rb"^groups:", re.M)
_MANIFEST = re.compile(rb"^(apiVersion|kind):", re.M)
_DURATION = re.compile(
    r"(?:([0-9]{1,9})y)?(?:([0-9]{1,9})w)?(?:([0-9]{1,9})d)?(?:([0-9]{1,9})h)?"
    r"(?:([0-9]{1,9})m)?(?:([0-9]{1,9})s)?(?:([0-9]{1,9})ms)?"
)
_SECONDS = (31_536_000.0, 604_800.0, 86_400.0, 3_600.0, 60.0, 1.0, 0.001)


class PrometheusRules:
    """The adapter `prometheus-rules`."""

    name = "prometheus-rules"
    version = "1.0.0"
    shapes = (SHAPE,)
    title = "Prometheus rule file (YAML with `groups`)"
    command = "the rule files that Prometheus loads"
    fingerprint = "YAML or JSON with `groups` at its top, without `apiVersion`"
    example = Example("prometheus-rules.yml")

    def detects(self, raw: bytes) -> bool:
        content = look(raw)
        if isinstance(content, dict):
            return isinstance(content.get("groups"), list)
        return _GROUPS.search(raw) is not None and _MANIFEST.search(raw) is None

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `alert-rules` as written. Whether Prometheus accepts the expressions, `promtool check rules` tells."""
        warnings = Warnings()
        found = documents(decoded(raw))
        if len(found) != 1:
            raise refused("", f"the file must hold one YAML document; it holds {len(found)}")
        content = mapping(found[0], "")
        if "groups" not in content:
            raise refused("", "the file holds no `groups`")
        rules = []
        for n, group in enumerate(listed(content, "groups")):
            path = f"groups[{n}]"
            shared = _texts(group, "labels", path, warnings)
            name = text(group.get("name"), f"{path}.name")
            for m, each in enumerate(mappings(group.get("rules"), f"{path}.rules")):
                rules.append(_rule(each, f"{path}.rules[{m}]", name, shared, warnings))
        if not rules:
            warnings.add("the file holds no rule")
        data = rules_data(rules)
        if said := count_exit_code(data, hints.exit_code):
            warnings.add(said)
        return Reading(SHAPE, data, warnings=warnings.all())


def _rule(each: dict[str, Any], path: str, group: str, shared: dict[str, str], warnings: Warnings) -> dict[str, Any]:
    kinds = [key for key in ("alert", "record") if each.get(key) is not None]
    if len(kinds) != 1:
        raise refused(path, "must have either `alert` or `record`")
    expr = each.get("expr")
    return rule(
        group,
        "alerting" if kinds[0] == "alert" else "recording",
        text(each[kinds[0]], f"{path}.{kinds[0]}"),
        text(str(expr) if type(expr) in (int, float) else expr, f"{path}.expr"),
        _length(each.get("for"), f"{path}.for"),
        shared | _texts(each, "labels", path, warnings),
        _texts(each, "annotations", path, warnings),
    )


def _texts(parent: dict[str, Any], key: str, path: str, warnings: Warnings) -> dict[str, str]:
    """Labels or annotations: Prometheus takes any scalar for the text that it is written as."""
    result = {}
    for name, value in within(parent, key, path).items():
        if isinstance(value, dict | list):
            raise refused(f"{path}.{key}.{name[:64]}", "must be text")
        if not isinstance(value, str):
            value = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
            warnings.add(f"{path}.{key}.{name[:64]} is written without quotes; read as {shown(value)}")
        result[name] = value
    return result


def _length(value: Any, path: str) -> float:
    """Seconds of `1h30m` and the like; 0 where there is none."""
    if value is None or (value == 0 and type(value) is int):
        return 0.0
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None or not any(found.groups()):
        if value == "0":
            return 0.0
        raise refused(path, "must be a length of time as Prometheus writes it, such as 10m or 1h30m")
    return sum(int(part) * seconds for part, seconds in zip(found.groups("0"), _SECONDS, strict=True))
