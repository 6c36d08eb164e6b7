"""Things that are declared: entries are concatenated."""

from collections.abc import Sequence

from phasegate.adapters.alert_rules import SHAPE as RULES
from phasegate.adapters.kubernetes import SHAPE as WORKLOADS
from phasegate.adapters.kubernetes import how_good
from phasegate.adapters.merging.parts import Data, listed, unlisted
from phasegate.adapters.text import Warnings

__all__ = ["RULES", "WORKLOADS", "merge_rules", "merge_workloads"]


def merge_rules(parts: Sequence[Data], warnings: Warnings) -> Data:
    """The rules of all files. Of too many, those not healthy and alerts come first."""
    rules, cut = listed(
        parts,
        "rules",
        lambda one: (one.get("health", "ok") == "ok", one["kind"] != "alerting"),
        as_written=True,
    )
    return {"rules": rules, **unlisted(parts, cut)}


def merge_workloads(parts: Sequence[Data], warnings: Warnings) -> Data:
    """The containers and autoscalers of all files. Of too many, those that lack most come first."""
    containers, cut = listed(parts, "containers", how_good, as_written=True)
    autoscalers, more = listed(parts, "autoscalers", lambda one: one["max"] > one["min"], as_written=True)
    return {"containers": containers, "autoscalers": autoscalers, **unlisted(parts, cut + more)}
