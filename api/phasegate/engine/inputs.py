"""What a decision was made from, as one digest."""

from datetime import datetime
from hashlib import sha256

import msgspec

from phasegate.engine.canonical import canonical
from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.facts import Facts, SignOff
from phasegate.engine.instants import rfc3339
from phasegate.engine.selection import Selection

_text = msgspec.json.Encoder().encode
"""Of text, null, switches and lists of them: their JSON is the same in RFC 8785."""


def inputs_digest(policy: CompiledPolicy, facts: Facts, selection: Selection, gate: str, at: datetime) -> str:
    """SHA-256 over the RFC 8785 form of all that went in; evidence, sign-offs and waivers as sets, sorted.

    The parts are put together by hand, keys in order: what holds only text and null is canonical as
    msgspec writes it, and canonicalising it again would cost more than the decision.
    """
    subject, release = facts.subject, facts.release
    waivers = {
        _text(
            (
                w.criterion,
                w.reason,
                w.granted_by,
                rfc3339(w.granted_at),
                rfc3339(w.expires_at),
                rfc3339(w.revoked_at) if w.revoked_at is not None and w.revoked_at <= at else None,
            )
        )
        for w in facts.waivers
        if w.granted_at <= at
    }
    signoffs = {_text(_line(s, at)) for s in facts.signoffs if s.at <= at}
    of_release = (
        release.version,
        [(a.name, a.sha256) for a in release.ordered],
        rfc3339(release.registered_at),
        release.registered_by,
        sorted(set(release.registered_for)),
        release.predecessor,
        *(() if release.pinned_at is None else (rfc3339(release.pinned_at),)),
    )
    of_subject = _text((subject.name, subject.kind, subject.team, subject.title))[:-1]
    parts = (
        b'{"at":' + _text(rfc3339(at)),
        b'"evidence":[' + b",".join(selection.received) + b"]",
        b'"gate":' + _text(gate),
        b'"policy":' + _text(policy.digest),
        b'"release":' + _text(of_release),
        b'"signoffs":[' + b",".join(sorted(signoffs)) + b"]",
        b'"subject":' + of_subject + b"," + canonical(subject.attributes) + b"]",
        b'"waivers":[' + b",".join(sorted(waivers)) + b"]}",
    )
    return "sha256:" + sha256(b",".join(parts)).hexdigest()


def _line(signoff: SignOff, at: datetime) -> tuple[object, ...]:
    withdrawn = signoff.withdrawn_at is not None and signoff.withdrawn_at <= at
    return (
        signoff.criterion,
        signoff.role,
        signoff.verdict,
        signoff.by,
        rfc3339(signoff.at),
        sorted(set(signoff.acknowledged)),
        signoff.comment,
        signoff.via,
        signoff.mfa,
        rfc3339(signoff.withdrawn_at) if withdrawn and signoff.withdrawn_at is not None else None,
        None if signoff.artifacts is None else sorted(set(signoff.artifacts)),
        signoff.policy_digest,
        *(() if signoff.covered is None else (sorted(set(signoff.covered)),)),
    )
