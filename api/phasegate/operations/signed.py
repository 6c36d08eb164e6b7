"""Signed envelopes: what is inside, and what the signatures are worth.

Nothing is stored, 422 `signature_refused`, where
- a signature names a registered key and doesn't verify under it, whatever else was signed;
- a signature names no key, and no registered key made it (`envelopes.dsse` has the reasons for both);
- a bundle with a certificate doesn't verify against the trusted root; without a root it is 422 `no_trusted_root`.

Its evidence is `attested` where
- a registered key made a signature and may vouch: in its window at receipt, not revoked, and its `subjects` and
  `types` admit the evidence;
- a bundle's certificate verifies, and a rule of trust names its issuer and claims and admits the subject.

Its evidence counts as if unsigned, with a warning that says why, where
- the keys that signed may not vouch: not yet, no longer, revoked, for other subjects or types;
- no registered key signed at all;
- no rule of trust names the certificate's issuer and claims for this subject.

Of several signatures the best counts, and each that doesn't has its warning. What stands beside the signed statement
is the submitter's word: type, format and context are kept and named in a warning; a time would change what was signed
and is not used; an exit code that says the tool failed is refused. Evidence is known by what was signed: signing it
anew makes no newer record of it, and sent with other words beside it, it is as old as when it was received first.

Keys and rules are looked at again in the transaction that stores the evidence, and held until it ends: a revocation
comes before it, and the key no longer counts, or after it, and finds the record.
"""

from collections.abc import Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from anyio import to_thread
from sqlalchemy import Connection

from phasegate.engine.canonical import digest
from phasegate.engine.instants import in_force, rfc3339
from phasegate.envelopes import dsse, sigstore_bundle
from phasegate.envelopes.dsse import Envelope, Signed, read_envelope, signers
from phasegate.envelopes.message import Beside, Message, combined
from phasegate.envelopes.model_signing import PREDICATE as MODEL_SIGNING
from phasegate.envelopes.model_signing import bound
from phasegate.envelopes.public_keys import of_der
from phasegate.envelopes.sigstore_bundle import read_bundle, verify_keyless
from phasegate.envelopes.statement import MEDIA_TYPE, message_of, read_statement
from phasegate.errors import Conflict, Fault, Invalid
from phasegate.operations.addressed import Attestor, Sent, Vouch, Vouched
from phasegate.operations.trust import matches
from phasegate.storage import keys, release_keys, trust
from phasegate.storage.database import Database
from phasegate.storage.keys import KeyRecord

_NOBODY = "nobody who may vouch for it signed it: it counts as if unsigned"
_UNUSED = ("collected_at", "exit_code")
_SAID_BESIDE = ("type", "format")


def is_signed(document: Any) -> bool:
    """Whether a JSON document is a DSSE envelope or a Sigstore bundle."""
    return dsse.looks_like_one(document) or sigstore_bundle.looks_like_one(document)


async def open_signed(
    database: Database,
    org: str,
    raw: bytes,
    document: Any,
    media_type: str,
    beside: Beside,
    trusted_root: Path | None,
    at: datetime,
) -> Sent:
    """The evidence in a DSSE envelope or Sigstore bundle (`raw`, read as `document`), and who vouches for it: verified
    first, read then, and out of the very bytes that were verified. Raises `Invalid`, `Malformed`."""
    if sigstore_bundle.looks_like_one(document):
        bundle = read_bundle(document)
        if bundle.keyless:
            envelope, claims = await _keyless(raw, trusted_root)
            vouch: Vouch = partial(_by_identity, org, claims)
            return Sent(_add(await _read(database, org, envelope), envelope, raw, media_type, beside), vouch)
        envelope = bundle.envelope
    else:
        envelope = read_envelope(document)
    known = await database.read(lambda connection: keys.every(connection, org))
    signed = await to_thread.run_sync(signers, envelope, [of_der(key.der) for key in known])
    vouch = partial(_by_keys, org, signed, at)
    return Sent(_add(await _read(database, org, envelope), envelope, raw, media_type, beside), vouch)


async def _read(database: Database, org: str, envelope: Envelope) -> Message:
    """What a verified payload says."""
    kind = envelope.payload_type
    if kind != MEDIA_TYPE and not (kind.startswith("application/vnd.in-toto.") and kind.endswith("+json")):
        raise Invalid.at("payloadType", f"must be {MEDIA_TYPE}, an in-toto statement", code="payload_type")
    statement = read_statement(envelope.payload)
    message = message_of(statement)
    if statement.predicate_type != MODEL_SIGNING:
        return message
    about = bound(statement)
    by_root = await database.read(
        lambda connection: release_keys.subjects_with_set(connection, org, digest(list(about.root)))
    )
    return msgspec.structs.replace(message, artifacts=about.root if by_root else about.files)


def _add(message: Message, envelope: Envelope, raw: bytes, media_type: str, beside: Beside) -> Message:
    """The message as received, and of what was said beside it whatever may be added. Raises `Invalid`."""
    if beside.exit_code:
        lost = "stands beside what was signed, which doesn't say that the tool failed"
        hint = "sign a statement that does"
        raise Invalid(f"exit_code {lost}; {hint}", faults=(Fault("exit_code", lost, suggestion=hint),))
    unused = [name for name in _UNUSED if getattr(beside, name) is not None]
    whole = combined(message, msgspec.structs.replace(beside, **dict.fromkeys(_UNUSED)))
    warnings = [f"{name} stood beside what was signed and is not used" for name in unused]
    warnings += [
        f"{name} stood beside what was signed: the submitter's word"
        for name in _SAID_BESIDE
        if getattr(beside, name) is not None and getattr(message, name) is None
    ]
    warnings += [f"context.{key} stood beside what was signed: the submitter's word" for key in sorted(beside.context)]
    told = (*message.warnings, *warnings)
    return msgspec.structs.replace(whole, received=raw, media_type=media_type, signed=envelope.payload, warnings=told)


async def _keyless(raw: bytes, trusted_root: Path | None) -> tuple[Envelope, dict[str, str]]:
    if trusted_root is None:
        told = "can be verified only against a trusted root of Sigstore, and this server has none"
        mend = "the operator sets PHASEGATE_SIGSTORE_TRUSTED_ROOT to a trusted_root.json; or sign with a registered key"
        fault = Fault("verificationMaterial.certificate", told, suggestion=mend)
        raise Invalid(f"a keyless bundle {told}: {mend}", faults=(fault,), code="no_trusted_root")
    return await to_thread.run_sync(verify_keyless, raw, trusted_root)


def _by_keys(org: str, signed: Signed, at: datetime, connection: Connection, subject: str, kind: str) -> Vouched:
    """What the signatures of registered keys are worth for one subject and evidence type."""
    warnings = [f"{_told(hint)} was not checked: its key is not registered" for hint in signed.unknown]
    counted = []
    for signer in signed.by:
        key = keys.by_keyid(connection, org, signer.keyid)
        against = "it is not registered" if key is None else _against(key, subject, kind, at)
        if key is not None and against is None:
            counted.append(key)
        else:
            warnings.append(f"the signature by the key {signer.keyid} does not count: {against}")
    if not counted:
        return Vouched(warnings=(*warnings, _NOBODY))

    def confirm(connection: Connection) -> None:
        for key in counted:
            keys.hold(connection, org, key.id)
            now = keys.by_id(connection, org, key.id)
            if now is None or now.revoked_at is not None:
                raise Conflict(f"the key {key.name} was revoked meanwhile; send the envelope again", code="key_revoked")

    identity = {"keyid": " ".join(sorted(key.keyid for key in counted))}
    attestors = tuple(Attestor("key", key.id) for key in counted)
    return Vouched("attested", identity, tuple(warnings), attestors, confirm)


def _by_identity(org: str, claims: dict[str, str], connection: Connection, subject: str, _kind: str) -> Vouched:
    """What a verified certificate is worth for one subject."""
    rules = [
        rule
        for rule in trust.of_use(connection, org, "sigstore", claims["issuer"])
        if matches(rule, claims) and _admits(rule.subjects, subject)
    ]
    if not rules:
        told = f"no rule of trust names {claims['identity']} of {claims['issuer']} for {subject}"
        return Vouched(warnings=(told, _NOBODY))

    def confirm(connection: Connection) -> None:
        for rule in rules:
            if trust.by_id(connection, org, rule.id) is None:
                told = f"the rule of trust {rule.name} was removed meanwhile; send the bundle again"
                raise Conflict(told, code="trust_removed")

    # An address of mail is a person's, and records can't be erased; the bundle itself can.
    identity = {name: text for name, text in claims.items() if name != "identity" or "://" in text}
    return Vouched("attested", identity, (), tuple(Attestor("rule", rule.id) for rule in rules), confirm)


def _against(key: KeyRecord, subject: str, kind: str, at: datetime) -> str | None:
    """Why a key may not vouch; None where it may."""
    if key.revoked_at is not None:
        return f"it was revoked at {rfc3339(key.revoked_at)}"
    if not in_force(key.not_before, key.not_after, at):
        until = "" if key.not_after is None else f" to {rfc3339(key.not_after)}"
        return f"it vouches from {rfc3339(key.not_before)}{until} only"
    if not _admits(key.subjects, subject):
        return f"it may not vouch for the subject {subject}"
    if not _admits(key.types, kind):
        return f"it may not vouch for evidence of type {kind}"
    return None


def _admits(patterns: Sequence[str], name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _told(hint: str) -> str:
    return f"the signature by {hint[:64]!r}" if hint else "a signature that names no key"
