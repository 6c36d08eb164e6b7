"""Waivers: which one stands for a criterion, and why another doesn't."""

from collections.abc import Container, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.facts import Evidence, Facts, Waiver
from phasegate.engine.instants import in_force, rfc3339, spoken
from phasegate.engine.policy import Criterion, WaiverLimits
from phasegate.engine.selection import Selection


class Standing(NamedTuple):
    """The waiver that stands (None: none does), every one in force, and a note on each that doesn't count."""

    waiver: Waiver | None
    in_force: tuple[Waiver, ...]
    notes: tuple[str, ...]


NONE_GRANTED = Standing(None, (), ())


def standing(
    criterion: Criterion, limits: WaiverLimits | None, facts: Facts, excused: Iterable[Evidence], at: datetime
) -> Standing:
    """The waivers of one criterion at `at`; `excused` is the evidence it would excuse."""
    counting: list[Waiver] = []
    notes: list[str] = []
    barred = involved(facts, excused)
    for waiver in facts.waivers:
        if waiver.criterion != criterion.id or waiver.granted_at > at:
            continue
        why_not = _refused(waiver, criterion, limits, barred, at)
        if why_not is None:
            counting.append(waiver)
        else:
            notes.append(f"the waiver by {waiver.granted_by} {why_not}")
    counting = sorted(set(counting), key=lambda w: (w.expires_at, w.granted_at, w.granted_by, w.reason))
    return Standing(counting[-1] if counting else None, tuple(counting), tuple(sorted(set(notes))))


def excused_by(policy: CompiledPolicy, criterion: str, selection: Selection) -> list[Evidence]:
    """The evidence that a waiver of this criterion excuses: what the criterion is judged on."""
    return [selection.shown[kind].evidence for kind in policy.rules[criterion].types if kind in selection.shown]


def involved(facts: Facts, excused: Iterable[Evidence]) -> Mapping[str, str]:
    """Who may not approve a waiver that excuses this evidence, each with what he had to do with it."""
    found: dict[str, str] = {}
    for record in excused:
        told = f"submitted the evidence that it excuses: {record.type}"
        found |= dict.fromkeys((record.submitted_by, *record.submitted_for), told)
    found |= dict.fromkeys((facts.release.registered_by, *facts.release.registered_for), "registered the release")
    found.pop("", None)
    return found


def _refused(
    waiver: Waiver, criterion: Criterion, limits: WaiverLimits | None, barred: Container[str], at: datetime
) -> str | None:
    if not criterion.waivable:
        return "does not count: this criterion cannot be waived"
    if limits is None:
        return "does not count: this policy allows none"
    if waiver.expires_at - waiver.granted_at > limits.max:
        return f"does not count: it lasts longer than {spoken(limits.max)}"
    if not waiver.reason.strip() or not waiver.granted_by:
        return "does not count: it states no reason or no approver"
    if waiver.granted_by in barred:
        return "does not count: the approver registered the release or submitted the evidence it excuses"
    # What time can change comes last, so that a waiver that never counted doesn't change a decision by ending.
    if waiver.revoked_at is not None and waiver.revoked_at <= at:
        return f"was revoked at {rfc3339(waiver.revoked_at)}"
    if not in_force(waiver.granted_at, waiver.expires_at, at):
        return f"ended at {rfc3339(waiver.expires_at)}"
    return None
