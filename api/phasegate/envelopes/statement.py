"""in-toto Statements (framework v1): claims about artifacts that are named by digest.

Unknown fields are ignored, as the framework demands: dropping one must never make more of a statement.
"""

from typing import Any

import msgspec

from phasegate.envelopes.message import Message, artifact_set
from phasegate.envelopes.own import PREDICATE, own_fields
from phasegate.errors import Fault, Invalid
from phasegate.reading import read_json, read_struct

MEDIA_TYPE = "application/vnd.in-toto+json"
TYPES = ("https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1")
"""What `_type` may be. The older one has the same members; cosign still writes it."""
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
_HEX = frozenset("0123456789abcdef")
_LONGEST = 2_000


class Described(msgspec.Struct, frozen=True):
    """One subject of a statement: a file by its digest; the name is a label without meaning."""

    name: str
    sha256: str


class Statement(msgspec.Struct, frozen=True):
    """What a statement says, whoever says it."""

    subjects: tuple[Described, ...]
    predicate_type: str
    predicate: dict[str, Any]
    predicate_bytes: bytes
    """The predicate as it was written."""
    payload: bytes
    """The whole statement as it was written."""

    @property
    def artifacts(self) -> tuple[str, ...]:
        """The set of sha256 that it names, sorted. Raises `Invalid` where no release has so many."""
        return artifact_set([each.sha256 for each in self.subjects])


class _Parts(msgspec.Struct):
    predicate: msgspec.Raw = msgspec.Raw(b"{}")


class _Resource(msgspec.Struct):
    digest: dict[str, str]
    name: str = ""


class _Form(msgspec.Struct, rename={"kind": "_type", "predicate_type": "predicateType"}):
    kind: str
    subject: tuple[_Resource, ...]
    predicate_type: str
    predicate: dict[str, Any] = {}


def is_statement(document: Any) -> bool:
    """Whether a JSON value says that it is a statement, of whatever version."""
    kind = document.get("_type") if isinstance(document, dict) else None
    return isinstance(kind, str) and kind.startswith("https://in-toto.io/Statement/")


def read_statement(payload: bytes) -> Statement:
    """The statement in a DSSE payload, a file or a body. Raises `Malformed`, or `Invalid` with every fault.

    Of the digests sha256 alone is looked at; a subject without one can't be bound to anything and is refused.
    """
    return statement_of(read_json(payload), payload)


def statement_of(document: Any, payload: bytes) -> Statement:
    """The same of JSON that was read already."""
    form = read_struct(_Form, _without_unknown(document))
    faults = [] if form.kind in TYPES else [Fault("_type", f"must be {TYPES[0]}")]
    if not form.subject:
        faults.append(Fault("subject", "names no artifact"))
    if not 0 < len(form.predicate_type) <= _LONGEST:
        faults.append(Fault("predicateType", f"must be a URI of 1 to {_LONGEST} characters"))
    faults += [fault for n, each in enumerate(form.subject) if (fault := _unbound(n, each.digest)) is not None]
    if faults:
        raise Invalid.of(faults)
    return Statement(
        tuple(Described(each.name, each.digest["sha256"]) for each in form.subject),
        form.predicate_type,
        form.predicate,
        bytes(msgspec.json.decode(payload, type=_Parts).predicate),
        payload,
    )


def message_of(statement: Statement, media_type: str = MEDIA_TYPE) -> Message:
    """The evidence in a statement: our own predicate is an envelope with the type in it; a test result and any
    other predicate is a tool's file. Raises `Invalid`."""
    if statement.predicate_type == PREDICATE:
        return Message(artifacts=statement.artifacts, **own_fields(statement.predicate, "predicate"))
    return Message(
        artifacts=statement.artifacts,
        file=statement.predicate_bytes,
        reader="in-toto-test-result" if statement.predicate_type == TEST_RESULT else None,
        received=statement.payload,
        media_type=media_type,
    )


def _without_unknown(document: Any) -> Any:
    """Nulls count as absent: nothing that a statement says is null."""
    if not isinstance(document, dict):
        return document
    known = {key: document[key] for key in ("_type", "subject", "predicateType", "predicate") if key in document}
    if isinstance(known.get("subject"), list):
        known["subject"] = [_descriptor(each) for each in known["subject"]]
    return {key: value for key, value in known.items() if value is not None}


def _descriptor(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    digest = value.get("digest")
    if isinstance(digest, dict):
        digest = {key: each for key, each in digest.items() if key == "sha256"}
    found = {"name": value.get("name"), "digest": digest}
    return {key: each for key, each in found.items() if each is not None}


def _unbound(n: int, digest: dict[str, str]) -> Fault | None:
    sha256 = digest.get("sha256")
    if sha256 is None:
        return Fault(f"subject[{n}].digest", "has no sha256, and artifacts are known by that alone")
    if len(sha256) != 64 or not _HEX.issuperset(sha256):
        return Fault(f"subject[{n}].digest.sha256", "must be 64 lower-case hex digits")
    return None
