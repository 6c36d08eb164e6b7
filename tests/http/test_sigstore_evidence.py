"""Sigstore bundles over HTTP: keyless by rules of trust, with a key by registered keys, and models that were signed."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from litestar.testing import TestClient

from phasegate.http.app import create_app
from phasegate.settings import Settings
from tests.envelopes.test_sigstore_bundle import KEYLESS, MODEL
from tests.http.test_signed_evidence import Signing, evidence
from tests.support.clock import START, Clock
from tests.support.own_sigstore import OwnSigstore
from tests.support.policies import Document
from tests.support.problems import problem
from tests.support.signing import ed25519_signer, envelope
from tests.support.world import A, B, C, World, world_in

if TYPE_CHECKING:
    from litestar import Litestar

BUNDLE = {"Content-Type": "application/vnd.dev.sigstore.bundle.v0.3+json"}
ISSUER = "https://token.actions.githubusercontent.com"
WORKFLOW = "https://github.com/acme/model/.github/workflows/release.yml@refs/heads/main"
RUN = {15: "632596897", 17: "131804563", 14: "refs/heads/main", 20: "push"}
NAMED = {
    "identity": WORKFLOW,
    "source_repository_identifier": "632596897",
    "source_repository_owner_identifier": "131804563",
}


@pytest.fixture(scope="module")
def sigstore() -> OwnSigstore:
    return OwnSigstore()


@pytest.fixture(scope="module")
def trusting(
    settings: Settings, clock: Clock, sigstore: OwnSigstore, tmp_path_factory: pytest.TempPathFactory
) -> "Iterator[TestClient[Litestar]]":
    """An application whose operator trusts that Sigstore."""
    root = tmp_path_factory.mktemp("root") / "trusted_root.json"
    root.write_bytes(sigstore.trusted_root())
    with TestClient(create_app(msgspec.structs.replace(settings, sigstore_trusted_root=root), clock)) as started:
        yield started


@pytest.fixture
def signing(trusting: "TestClient[Litestar]", clock: Clock) -> Signing:
    """An org there."""
    clock.now = START
    return Signing(world_in(trusting, clock))


def trust(signing: Signing, **change: Any) -> str:
    """Add a rule of trust; its id."""
    body = {
        "name": "release",
        "use": "sigstore",
        "issuer": ISSUER,
        "match": NAMED,
        "subjects": ["*"],
    }
    answer = signing.world.post("/v1/trust", body | change)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def by_key(signer: Any, payload: bytes, hint: str | None = None) -> Document:
    """A bundle signed with a key."""
    return {
        "mediaType": BUNDLE["Content-Type"],
        "verificationMaterial": {"publicKey": {"hint": signer.keyid if hint is None else hint}, "tlogEntries": []},
        "dsseEnvelope": envelope(payload, signer),
    }


class TestKeyless:
    def test_an_identity_that_a_rule_names(self, signing: Signing, sigstore: OwnSigstore) -> None:
        trust(signing)
        found = signing.stored(sigstore.bundle(evidence(), ISSUER, WORKFLOW, RUN))
        assert (found["strength"], found["warnings"]) == ("attested", [])
        assert signing.world.status(signing.path, "tests-pass") == "pass"
        record = signing.world.get(f"/v1/evidence/{found['id']}").json()
        assert record["identity"] == {
            "issuer": ISSUER,
            "identity": WORKFLOW,
            "source_repository_identifier": "632596897",
            "source_repository_owner_identifier": "131804563",
            "source_repository_ref": "refs/heads/main",
            "build_trigger": "push",
        }

    @pytest.mark.parametrize(
        "media", [BUNDLE["Content-Type"], "application/json", "application/vnd.dev.sigstore.bundle+json;version=0.3"]
    )
    def test_every_media_type(self, signing: Signing, sigstore: OwnSigstore, media: str) -> None:
        trust(signing)
        for path in ("/v1/evidence", f"{signing.path}/evidence"):
            document = sigstore.bundle(evidence(mark=path), ISSUER, WORKFLOW, RUN)
            answer = signing.world.post(path, document, headers={"Content-Type": media})
            assert (answer.status_code, answer.json()["strength"]) == (201, "attested"), answer.text

    def test_no_rule_is_no_trust(self, signing: Signing, sigstore: OwnSigstore) -> None:
        signing.weak(sigstore.bundle(evidence(), ISSUER, WORKFLOW, RUN), "no rule of trust names")

    @pytest.mark.parametrize(
        "change",
        [
            {"issuer": f"{ISSUER}/"},
            {"issuer": "https://issuer.example"},
            {"match": NAMED | {"identity": WORKFLOW.replace("main", "mai")}},
            {"match": NAMED | {"identity": f"{WORKFLOW}*"}},
            {"match": NAMED | {"source_repository_identifier": "1"}},
            {"match": NAMED | {"runner_environment": "github-hosted"}},
            {"subjects": ["fraud-*"]},
            {"use": "login", "client_id": "x", "match": {"repository_id": "1", "repository_owner_id": "2"}},
        ],
    )
    def test_a_rule_for_somebody_else(self, signing: Signing, sigstore: OwnSigstore, change: Document) -> None:
        trust(signing, **change)
        signing.weak(sigstore.bundle(evidence(), ISSUER, WORKFLOW, RUN), "no rule of trust names")

    def test_a_run_that_a_pull_request_started(self, signing: Signing, sigstore: OwnSigstore) -> None:
        trust(signing)
        for run in (RUN | {20: "pull_request"}, RUN | {20: "pull_request_target"}, RUN | {14: "refs/pull/7/merge"}):
            document = sigstore.bundle(evidence(mark=str(run)), ISSUER, WORKFLOW, run)
            signing.weak(document, "no rule of trust names")
        trust(signing, match=NAMED | {"build_trigger": "pull_request"})
        document = sigstore.bundle(evidence(mark="named"), ISSUER, WORKFLOW, RUN | {20: "pull_request"})
        assert signing.stored(document)["strength"] == "attested"

    def test_a_rule_that_was_removed(self, signing: Signing, sigstore: OwnSigstore) -> None:
        rule = trust(signing)
        made = signing.stored(sigstore.bundle(evidence(), ISSUER, WORKFLOW, RUN))
        assert signing.world.call("DELETE", f"/v1/trust/{rule}").status_code == 200
        assert signing.world.status(signing.path, "tests-pass") == "pass"
        assert signing.world.get(f"/v1/evidence/{made['id']}").json()["strength"] == "attested"
        signing.world.clock.forward(seconds=1)
        signing.weak(sigstore.bundle(evidence(mark="1"), ISSUER, WORKFLOW, RUN), "no rule of trust names")

    def test_a_rule_of_another_org(self, signing: Signing, sigstore: OwnSigstore) -> None:
        trust(Signing(signing.world.another()))
        signing.weak(sigstore.bundle(evidence(), ISSUER, WORKFLOW, RUN), "no rule of trust names")

    def test_a_person_s_address_is_not_kept_in_the_record(self, signing: Signing, sigstore: OwnSigstore) -> None:
        address = "release@example.com"
        trust(signing, issuer="https://accounts.example", match={"identity": address})
        found = signing.stored(sigstore.bundle(evidence(), "https://accounts.example", address))
        assert found["strength"] == "attested"
        assert address not in signing.world.get(f"/v1/evidence/{found['id']}").text

    @pytest.mark.parametrize("part", ["payload", "signature", "another"])
    def test_what_does_not_verify(self, signing: Signing, sigstore: OwnSigstore, part: str) -> None:
        trust(signing)
        document = sigstore.bundle(evidence(), ISSUER, WORKFLOW, RUN)
        other = sigstore.bundle(evidence(mark="1"), ISSUER, WORKFLOW, RUN)
        if part == "payload":
            document["dsseEnvelope"]["payload"] = other["dsseEnvelope"]["payload"]
        elif part == "signature":
            document["dsseEnvelope"]["signatures"] = other["dsseEnvelope"]["signatures"]
        else:
            document = OwnSigstore().bundle(evidence(), ISSUER, WORKFLOW, RUN)
        signing.refused(document)

    def test_a_real_one_of_another_sigstore(self, signing: Signing) -> None:
        signing.refused(KEYLESS)

    def test_without_a_trusted_root(self, world: World) -> None:
        found = Signing(world).refused(KEYLESS, "no_trusted_root")
        assert "PHASEGATE_SIGSTORE_TRUSTED_ROOT" in found["detail"]


class TestByAKey:
    def test_a_registered_one(self, signing: Signing) -> None:
        assert signing.stored(by_key(signing.signer, evidence()))["strength"] == "attested"
        assert signing.world.status(signing.path, "tests-pass") == "pass"

    def test_an_unknown_one(self, signing: Signing) -> None:
        signing.weak(by_key(ed25519_signer(), evidence()), "not registered")

    def test_a_hint_at_another_key(self, signing: Signing) -> None:
        problem(signing.send(by_key(signing.signer, evidence(), "another")), 422, "unreadable_bundle")

    def test_changed(self, signing: Signing) -> None:
        document = by_key(signing.signer, evidence())
        document["dsseEnvelope"]["payload"] = envelope(evidence(mark="1"))["payload"]
        signing.refused(document)


class TestModels:
    """A signed model can be bound; what it is evidence of takes a mapping that reads its predicate."""

    PREDICATE = "https://model_signing/signature/v1.0"

    def signed(self, *shas: str, method: str = "files") -> bytes:
        root = sha256(b"".join(bytes.fromhex(sha) for sha in shas)).hexdigest()
        return json.dumps(
            {
                "_type": "https://in-toto.io/Statement/v1",
                "subject": [{"name": "model", "digest": {"sha256": root}}],
                "predicateType": self.PREDICATE,
                "predicate": {
                    "serialization": {"method": method, "hash_type": "sha256"},
                    "resources": [
                        {"name": f"f{n}", "algorithm": "sha256", "digest": sha} for n, sha in enumerate(shas)
                    ],
                },
            }
        ).encode()

    def test_what_can_t_be_bound_is_an_error(self, signing: Signing) -> None:
        document = by_key(signing.signer, self.signed(A, B, method="shards"))
        problem(signing.send(document, "/v1/evidence?type=unit-tests"), 422, "unbound_statement")

    def test_it_is_about_its_files_or_their_root(self, signing: Signing) -> None:
        """Found by what it is about; and refused, since nothing here reads its predicate as tests."""
        root = sha256(bytes.fromhex(A) + bytes.fromhex(C)).hexdigest()
        signing.world.release(signing.subject, "2.0.0", root)
        for shas, told in (((A, B), 422), ((A, C), 422)):
            answer = signing.send(by_key(signing.signer, self.signed(*shas)), "/v1/evidence?type=unit-tests")
            assert answer.status_code == told
            assert answer.json()["code"] not in ("which_subject", "unbound_statement"), answer.text
        answer = signing.send(by_key(signing.signer, self.signed(B, C)), "/v1/evidence?type=unit-tests")
        assert answer.json()["code"] == "which_subject"

    def test_a_real_one(self, signing: Signing) -> None:
        answer = signing.send(MODEL, "/v1/evidence?type=unit-tests")
        problem(answer, 422, "signature_refused")


def test_the_setting_names_a_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="PHASEGATE_SIGSTORE_TRUSTED_ROOT"):
        Settings.read({"PHASEGATE_SIGSTORE_TRUSTED_ROOT": str(tmp_path / "nowhere.json")})
