"""What a running Prometheus answers to `GET /api/v1/rules`."""

from datetime import datetime
from typing import Any

from phasegate.adapters.alert_rules import SHAPE, rule, rules_data
from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.interface import Example, Hints, Reading
from phasegate.adapters.json_file import look, parse
from phasegate.adapters.prometheus import answer
from phasegate.adapters.text import Warnings
from phasegate.adapters.typed import finite, mappings, moment, refused, text, within, words
from phasegate.engine.facts import Producer

_KINDS = ("alerting", "recording")
_NEVER = 1
"""The year of a rule that was never evaluated: Go's zero time."""


class PrometheusApiRules:
    """The adapter `prometheus-api-rules`."""

    name = "prometheus-api-rules"
    version = "1.0.0"
    shapes = (SHAPE,)
    title = "Prometheus rules that are loaded (GET /api/v1/rules)"
    command = "curl https://PROMETHEUS/api/v1/rules"
    fingerprint = "JSON with `status` and `data.groups`"
    example = Example("prometheus-api-rules.json")

    def detects(self, raw: bytes) -> bool:
        content = look(raw)
        data = content.get("data") if isinstance(content, dict) else None
        return isinstance(data, dict) and "status" in content and isinstance(data.get("groups"), list)

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The `alert-rules` with their health and state, at the instant of the last evaluation."""
        warnings = Warnings()
        data = answer(parse(raw), warnings)
        rules = []
        times: list[datetime] = []
        for n, group in enumerate(mappings(data.get("groups"), "data.groups")):
            path = f"data.groups[{n}]"
            name = text(group.get("name"), f"{path}.name")
            for m, each in enumerate(mappings(group.get("rules"), f"{path}.rules")):
                rules.append(_rule(each, f"{path}.rules[{m}]", name))
                at = moment(each.get("lastEvaluation"), warnings)
                if at is not None and at.year > _NEVER:
                    times.append(at)
        if data.get("groupNextToken"):
            warnings.add("the answer is one page of several; rules of the other pages are missing")
        if not rules:
            warnings.add("no rule is loaded")
        result = rules_data(rules)
        if said := count_exit_code(result, hints.exit_code):
            warnings.add(said)
        return Reading(SHAPE, result, max(times, default=None), Producer("prometheus"), warnings.all())


def _rule(each: dict[str, Any], path: str, group: str) -> dict[str, Any]:
    kind = each.get("type")
    if kind not in _KINDS:
        raise refused(f"{path}.type", "must be alerting or recording")
    length = each.get("duration")
    for_s = 0.0 if length is None else finite(length)
    if for_s is None or for_s < 0:
        raise refused(f"{path}.duration", "must be a number of seconds")
    labels, annotations = (_texts(each, key, path) for key in ("labels", "annotations"))
    name, expr = text(each.get("name"), f"{path}.name"), text(each.get("query"), f"{path}.query")
    running = {key: words(each.get(key)) for key in ("health", "state")}
    told = {key: word for key, word in running.items() if word}
    return rule(group, kind, name, expr, for_s, labels, annotations) | told


def _texts(each: dict[str, Any], key: str, path: str) -> dict[str, str]:
    found = within(each, key, path)
    if not all(isinstance(value, str) for value in found.values()):
        raise refused(f"{path}.{key}", "must hold texts alone")
    return dict(found)
