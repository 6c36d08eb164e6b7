"""The shape `alert-rules`, which the two forms of Prometheus rules give."""

from collections.abc import Sequence
from typing import Any

SHAPE = "alert-rules"
MAX_RULES = 1_000


def rule(
    group: str,
    kind: str,
    name: str,
    expr: str,
    for_s: float,
    labels: dict[str, str],
    annotations: dict[str, str],
) -> dict[str, Any]:
    """The fields that a rule has wherever it comes from. `for_s` in seconds."""
    return {
        "group": group,
        "name": name,
        "kind": kind,
        "expr": expr,
        "for_s": for_s,
        "severity": labels.get("severity", ""),
        "runbook_url": annotations.get("runbook_url", ""),
        "labels": labels,
        "annotations": annotations,
    }


def rules_data(rules: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The fields of the shape: the rules in their order. Of too many, those not healthy and alerts come first."""
    if len(rules) <= MAX_RULES:
        return {"rules": list(rules)}
    ordered = sorted(rules, key=lambda one: (one.get("health", "ok") == "ok", one["kind"] != "alerting"))
    return {"rules": ordered[:MAX_RULES], "unlisted": len(rules) - MAX_RULES}
