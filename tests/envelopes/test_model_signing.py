"""Model signing: which artifacts a statement is about, and what can't be bound."""

import base64
import copy
import json
from hashlib import sha256
from typing import Any

import pytest

from phasegate.envelopes.model_signing import PREDICATE, bound
from phasegate.envelopes.statement import read_statement
from phasegate.errors import Invalid
from tests.envelopes.test_sigstore_bundle import MODEL

A, B = "a" * 64, "b" * 64
ROOT = sha256(bytes.fromhex(A) + bytes.fromhex(B)).hexdigest()
SIGNED: dict[str, Any] = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [{"name": "model", "digest": {"sha256": ROOT}}],
    "predicateType": PREDICATE,
    "predicate": {
        "serialization": {"method": "files", "hash_type": "sha256", "allow_symlinks": False, "ignore_paths": [".git"]},
        "resources": [
            {"name": "a.bin", "algorithm": "sha256", "digest": A},
            {"name": "b.bin", "algorithm": "sha256", "digest": B},
        ],
    },
}


def found(document: dict[str, Any]) -> Any:
    return bound(read_statement(json.dumps(document).encode()))


def changed(**parts: Any) -> dict[str, Any]:
    """With other parts of the predicate."""
    document = copy.deepcopy(SIGNED)
    for key, value in parts.items():
        if key in ("method", "hash_type"):
            document["predicate"]["serialization"][key] = value
        else:
            document["predicate"][key] = value
    return document


class TestBound:
    def test_the_files_and_the_root(self) -> None:
        assert found(SIGNED).files == (A, B)
        assert found(SIGNED).root == (ROOT,)

    def test_a_real_one(self) -> None:
        statement = read_statement(base64.b64decode(MODEL["dsseEnvelope"]["payload"]))
        assert bound(statement).files == ("bc9a717db6064a32cbe9eae6fc40651dd6d36ef1757183f590eff2b1765d7ebc",)
        assert bound(statement).root == ("afa48c8674afe334b8a7dea34f7b46ab256e9255edf8da2132792341b667a45b",)

    @pytest.mark.parametrize(
        "document",
        [
            changed(method="shards"),
            changed(method=None),
            changed(hash_type="blake2b"),
            changed(hash_type="SHA256"),
            changed(serialization=None),
            changed(serialization={}),
            changed(resources=None),
            changed(resources=[]),
            changed(resources=SIGNED["predicate"]["resources"][::-1]),
            changed(resources=SIGNED["predicate"]["resources"][:1]),
            changed(resources=[*SIGNED["predicate"]["resources"], {"name": "c", "algorithm": "sha256", "digest": A}]),
            changed(resources=["a.bin"]),
            changed(resources=[{"name": "a.bin", "algorithm": "blake3", "digest": A}]),
            changed(resources=[{"name": "a.bin:0:100", "algorithm": "sha256-shard", "digest": A}]),
            changed(resources=[{"name": "a.bin", "algorithm": "sha256", "digest": A.upper()}]),
            changed(resources=[{"name": "a.bin", "algorithm": "sha256", "digest": A}] * 2),
            SIGNED | {"subject": SIGNED["subject"] * 2},
            SIGNED | {"subject": [{"name": "model", "digest": {"sha256": A}}]},
            {key: value for key, value in SIGNED.items() if key != "predicate"},
        ],
    )
    def test_what_can_t_be_bound_is_refused(self, document: dict[str, Any]) -> None:
        with pytest.raises(Invalid):
            found(document)
