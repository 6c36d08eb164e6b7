"""Public keys: registering them, their limits, and what their revocation takes along."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.http.test_signed_evidence import Signing, evidence
from tests.support.clock import START
from tests.support.policies import Document
from tests.support.problems import problem
from tests.support.routes import PUBLIC_KEY
from tests.support.signing import SIGNERS, envelope, p256_signer
from tests.support.world import World

KEYID = "4a75e98cd55de870e953c730081a884e8fef9d0300e5c6a7eeed81d78a7aa760"
BODY: Document = {
    "name": "ci",
    "public_key": PUBLIC_KEY,
    "subjects": ["fraud-*"],
    "types": ["unit-tests"],
    "not_before": "2027-01-01T00:00:00Z",
    "not_after": "2028-01-01T00:00:00Z",
}


def instant(**ahead: float) -> str:
    return (START + timedelta(**ahead)).isoformat().replace("+00:00", "Z")


@pytest.fixture
def signing(world: World) -> Signing:
    return Signing(world)


class TestRegister:
    def test_what_it_answers(self, world: World) -> None:
        answer = world.post("/v1/keys", BODY)
        assert answer.status_code == 201
        found = answer.json()
        assert {key: found[key] for key in BODY} == BODY
        assert found["keyid"] == KEYID
        assert found["algorithm"] == "ed25519"
        assert found["revoked_at"] is None
        assert found["registered_at"] == instant()
        assert world.get(f"/v1/keys/{found['id']}").json() == found
        assert world.audited()[-1] == "key.registered"

    @pytest.mark.parametrize("algorithm", SIGNERS)
    def test_every_algorithm(self, world: World, algorithm: str) -> None:
        signer = SIGNERS[algorithm]()
        found = world.post("/v1/keys", BODY | {"public_key": signer.pem}).json()
        assert (found["keyid"], found["algorithm"]) == (signer.keyid, algorithm.removesuffix("-pkcs1"))

    def test_from_now_on_and_without_an_end(self, world: World) -> None:
        body = {key: BODY[key] for key in ("name", "public_key", "subjects", "types")}
        found = world.post("/v1/keys", body).json()
        assert (found["not_before"], found["not_after"]) == (instant(), None)
        world.clock.forward(hours=1)
        again = world.post("/v1/keys", body)
        assert (again.status_code, again.json()) == (200, found)

    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"name": ""}, "name"),
            ({"name": PUBLIC_KEY}, "name"),
            ({"public_key": ""}, "public_key"),
            ({"public_key": 3}, "public_key"),
            ({"public_key": PUBLIC_KEY * 2}, "public_key"),
            ({"public_key": "x" * 20_000}, "public_key"),
            ({"subjects": []}, "subjects"),
            ({"subjects": "*"}, "subjects"),
            ({"subjects": [""]}, "subjects[0]"),
            ({"types": []}, "types"),
            ({"not_before": "tomorrow"}, "not_before"),
            ({"not_after": "2027-03-05T12:00:00"}, "not_after"),
            ({"not_after": "2026-12-31T00:00:00Z"}, "not_after"),
            ({"not_after": "2027-03-05T12:00:00Z"}, "not_after"),
            ({"not_before": "2029-01-01T00:00:00Z"}, "not_after"),
            ({"keyid": KEYID}, "keyid"),
            ({"algorithm": "ed25519"}, "algorithm"),
        ],
    )
    def test_what_is_refused(self, world: World, change: dict[str, Any], path: str) -> None:
        problem(world.post("/v1/keys", BODY | change), 422, path=path)
        assert world.count("key") == 0

    @pytest.mark.parametrize("missing", ["name", "public_key", "subjects", "types"])
    def test_what_is_required(self, world: World, missing: str) -> None:
        body = {key: value for key, value in BODY.items() if key != missing}
        problem(world.post("/v1/keys", body), 422, path=missing)

    def test_a_private_key_is_never_told_again(self, world: World) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        for field in ("public_key", "name"):
            answer = world.post("/v1/keys", BODY | {field: pem})
            assert answer.status_code == 422
            assert not any(line in answer.text for line in pem.splitlines()[1:-1])
        problem(world.post("/v1/keys", BODY | {"public_key": pem}), 422, "private_key")
        assert pem.splitlines()[1] not in str(world.sql.rows("SELECT * FROM audit WHERE org = :org", org=world.org))

    def test_the_same_key_with_other_limits(self, world: World) -> None:
        world.post("/v1/keys", BODY)
        for change in ({"name": "x"}, {"subjects": ["*"]}, {"types": ["*"]}, {"not_after": "2029-01-01T00:00:00Z"}):
            problem(world.post("/v1/keys", BODY | change), 409, "key_exists")
        assert world.count("key") == 1

    def test_a_revoked_key_never_comes_back(self, world: World) -> None:
        found = world.post("/v1/keys", BODY).json()
        world.post(f"/v1/keys/{found['id']}/revocation", {"reason": "lost"})
        problem(world.post("/v1/keys", BODY), 409, "key_revoked")

    def test_orgs_don_t_see_each_other(self, world: World) -> None:
        found = world.post("/v1/keys", BODY).json()
        other = world.another()
        assert other.post("/v1/keys", BODY | {"subjects": ["*"]}).status_code == 201
        problem(other.get(f"/v1/keys/{found['id']}"), 404)
        problem(other.post(f"/v1/keys/{found['id']}/revocation", {"reason": "x"}), 404)
        assert [each["subjects"] for each in other.get("/v1/keys").json()["items"]] == [["*"]]

    def test_the_list(self, world: World) -> None:
        ids = [
            world.post("/v1/keys", BODY | {"public_key": p256_signer().pem, "name": f"k{number}"}).json()["id"]
            for number in range(5)
        ]
        first = world.get("/v1/keys?limit=3").json()
        second = world.get(f"/v1/keys?limit=3&cursor={first['next_cursor']}").json()
        assert [each["id"] for each in first["items"] + second["items"]] == ids[::-1]
        assert second["next_cursor"] is None


class TestRevoke:
    def revoke(self, signing: Signing, key: str, status: int = 200, **more: Any) -> Document:
        answer = signing.world.post(f"/v1/keys/{key}/revocation", {"reason": "it leaked"} | more)
        assert answer.status_code == status, answer.text
        found: Document = answer.json()
        return found

    def revoked(self, signing: Signing, *records: Document) -> list[bool]:
        answers = [signing.world.get(f"/v1/evidence/{each['id']}").json() for each in records]
        return [each["revoked_at"] is not None for each in answers]

    def sent(self, signing: Signing, number: int) -> list[Document]:
        """Attested records, an hour apart."""
        made = []
        for each in range(number):
            made.append(signing.stored(envelope(evidence(mark=str(each)), signing.signer)))
            signing.world.clock.forward(hours=1)
        return made

    def test_what_was_attested_stands(self, signing: Signing) -> None:
        made = self.sent(signing, 2)
        found = self.revoke(signing, signing.key)
        assert (found["revoked_at"], found["compromised_since"]) == (instant(hours=2), None)
        assert found["evidence_revoked"] == 0
        assert self.revoked(signing, *made) == [False, False]
        assert signing.world.status(signing.path, "tests-pass") == "pass"

    def test_compromised_it_takes_along_what_it_attested_since(self, signing: Signing) -> None:
        made = self.sent(signing, 3)
        others = signing.world.submit(signing.path, "other-tests", context={"environment": "staging"})
        before = signing.world.decision(signing.path)
        found = self.revoke(signing, signing.key, compromised_since=instant(hours=1))
        assert found["evidence_revoked"] == 2
        assert self.revoked(signing, *made, others) == [False, True, True, False]
        # The counters rose: no kept answer survives, and the older record speaks again.
        after = signing.world.decision(signing.path)
        assert after["inputs_digest"] != before["inputs_digest"]
        assert signing.world.audited()[-3:] == ["key.revoked", "evidence.revoked", "evidence.revoked"]
        reasons = signing.world.sql.rows("SELECT text FROM free_text WHERE org = :org", org=signing.world.org)
        assert sum("it leaked" in str(text) for (text,) in reasons) == 3

    def test_nothing_left_to_pass_by(self, signing: Signing) -> None:
        self.sent(signing, 2)
        assert signing.world.decision(signing.path)["outcome"] == "go"
        self.revoke(signing, signing.key, compromised_since="2020-01-01T00:00:00Z")
        assert signing.world.decision(signing.path)["outcome"] == "no-go"
        assert signing.world.status(signing.path, "tests-pass") == "missing"
        # The decision of then is as it was.
        then = signing.world.decision(signing.path, at=instant(hours=1, minutes=30))
        assert then["outcome"] == "go"

    def test_since_is_half_open(self, signing: Signing) -> None:
        (made,) = self.sent(signing, 1)
        assert self.revoke(signing, signing.key, compromised_since=instant(microseconds=1))["evidence_revoked"] == 0
        assert self.revoke(signing, signing.key, compromised_since=instant())["evidence_revoked"] == 1
        assert self.revoked(signing, made) == [True]

    def test_again_and_earlier(self, signing: Signing) -> None:
        made = self.sent(signing, 3)
        first = self.revoke(signing, signing.key)
        signing.world.clock.forward(hours=1)
        assert self.revoke(signing, signing.key)["revoked_at"] == first["revoked_at"]
        found = self.revoke(signing, signing.key, compromised_since=instant(hours=2))
        assert (found["revoked_at"], found["compromised_since"]) == (first["revoked_at"], instant(hours=2))
        assert self.revoke(signing, signing.key, compromised_since=instant(hours=2))["evidence_revoked"] == 0
        assert self.revoke(signing, signing.key, compromised_since=instant())["evidence_revoked"] == 2
        assert self.revoked(signing, *made) == [True, True, True]
        assert signing.world.count("key_revocation") == 3

    def test_what_another_key_attested_too_stands_until_both_are_compromised(self, signing: Signing) -> None:
        other = p256_signer()
        key = signing.register(other)
        both = signing.stored(envelope(evidence(mark="both"), signing.signer, other))
        later = signing.stored(envelope(evidence(mark="later"), signing.signer))
        signing.world.clock.forward(hours=1)
        assert signing.stored(envelope(evidence(mark="later"), other))["id"] == later["id"]
        assert self.revoke(signing, signing.key, compromised_since=instant(hours=-1))["evidence_revoked"] == 0
        assert self.revoked(signing, both, later) == [False, False]
        assert self.revoke(signing, key, compromised_since=instant(minutes=30))["evidence_revoked"] == 1
        assert self.revoked(signing, both, later) == [False, True]
        assert self.revoke(signing, key, compromised_since=instant())["evidence_revoked"] == 1
        assert self.revoked(signing, both, later) == [True, True]

    def test_a_key_that_signed_and_did_not_count_takes_nothing_along(self, signing: Signing) -> None:
        other = p256_signer()
        key = signing.register(other, types=["else"])
        made = signing.stored(envelope(evidence(), signing.signer, other))
        assert self.revoke(signing, key, compromised_since=instant())["evidence_revoked"] == 0
        assert self.revoked(signing, made) == [False]

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            ({}, "reason"),
            ({"reason": ""}, "reason"),
            ({"reason": "x", "compromised_since": "yesterday"}, "compromised_since"),
            ({"reason": "x", "compromised_since": "2027-03-05T12:00:01Z"}, "compromised_since"),
            ({"reason": "x", "since": "2027-03-05T12:00:00Z"}, "since"),
        ],
    )
    def test_what_is_refused(self, signing: Signing, body: Document, path: str) -> None:
        problem(signing.world.post(f"/v1/keys/{signing.key}/revocation", body), 422, path=path)
        assert signing.world.count("key_revocation") == 0

    def test_an_unknown_key(self, signing: Signing) -> None:
        self.revoke(signing, "01890000-0000-7000-8000-000000000000", 404)
