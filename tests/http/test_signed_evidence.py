"""Signed evidence over HTTP: each outcome in `operations/signed.py`, on a policy that demands `attested`."""

import base64
import copy
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope as TheirEnvelope
from securesystemslib.signer import CryptoSigner  # type: ignore[attr-defined]  # its stub lists none

from phasegate.http.addressed_bodies import BUNDLE, KEYID, SIGNED
from tests.support.clock import START
from tests.support.policies import Document, junit, report, simple
from tests.support.problems import problem
from tests.support.routes import PUBLIC_KEY
from tests.support.signing import SIGNERS, Signer, ed25519_signer, envelope, p256_signer, statement
from tests.support.world import A, B, C, World

DSSE = {"Content-Type": "application/vnd.dsse.envelope.v1+json"}
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"


def instant(**ahead: float) -> str:
    return (START + timedelta(**ahead)).isoformat().replace("+00:00", "Z")


class Signing:
    """An org whose one criterion demands attested evidence, a release of two files, and a registered key."""

    def __init__(self, world: World) -> None:
        self.world = world
        policy = simple("attested")
        policy["phases"][0]["criteria"][0]["strength"] = "attested"
        policy["evidence"]["other-tests"] = {"shape": "test-report", "scope": "release", "context": ["environment"]}
        policy["phases"][0]["criteria"].append(
            {
                "id": "other",
                "title": "Other tests",
                "evidence": "other-tests",
                "advisory": True,
                "checks": [{"that": "evidence.passed > 0", "otherwise": "no"}],
            }
        )
        world.publish(policy)
        self.subject = world.subject(policy="attested@^1")
        self.path = world.release(self.subject, "1.0.0", A, B)
        self.signer = ed25519_signer()
        self.key = self.register(self.signer)

    def register(self, signer: Signer, **limits: Any) -> str:
        """Register a key; its id."""
        name = self.world.fresh("key")
        body = {"name": name, "public_key": signer.pem, "subjects": ["*"], "types": ["*"]} | limits
        answer = self.world.post("/v1/keys", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def send(self, document: Any, path: str = "/v1/evidence", **headers: str) -> Any:
        return self.world.post(path, document, headers=DSSE | headers)

    def stored(self, document: Any, path: str = "/v1/evidence") -> Document:
        answer = self.send(document, path)
        assert answer.status_code in (200, 201), answer.text
        found: Document = answer.json()
        return found

    def weak(self, document: Any, told: str, path: str = "/v1/evidence") -> Document:
        """It is stored, doesn't count as attested, and says why."""
        found = self.stored(document, path)
        assert found["strength"] in ("declared", "measured")
        assert any(told in warning for warning in found["warnings"]), found["warnings"]
        assert self.world.status(self.path, "tests-pass") != "pass"
        return found

    def refused(self, document: Any, code: str = "signature_refused", path: str = "/v1/evidence") -> Document:
        before = self.world.count("evidence")
        found = problem(self.send(document, path), 422, code)
        assert self.world.count("evidence") == before
        return found


def evidence(*shas: str, mark: str = "", **more: Any) -> bytes:
    """A statement of three passed tests."""
    predicate = {"type": "unit-tests", "data": report() | {"properties": {"mark": mark}}} | more
    return statement(*(shas or (A, B)), **predicate)


@pytest.fixture
def signing(world: World) -> Signing:
    return Signing(world)


class TestAttested:
    def test_signed_by_a_registered_key(self, signing: Signing) -> None:
        assert signing.world.status(signing.path, "tests-pass") == "missing"
        found = signing.stored(envelope(evidence(), signing.signer))
        assert (found["strength"], found["warnings"]) == ("attested", [])
        assert signing.world.status(signing.path, "tests-pass") == "pass"
        record = signing.world.get(f"/v1/evidence/{found['id']}").json()
        assert record["identity"] == {"keyid": signing.signer.keyid}
        assert record["artifacts"] == [A, B]

    @pytest.mark.parametrize("algorithm", SIGNERS)
    def test_every_kind_of_key(self, signing: Signing, algorithm: str) -> None:
        signer = SIGNERS[algorithm]()
        signing.register(signer)
        assert signing.stored(envelope(evidence(), signer))["strength"] == "attested"
        assert signing.world.status(signing.path, "tests-pass") == "pass"

    @pytest.mark.parametrize(
        "media",
        [
            "application/vnd.dsse.envelope.v1+json",
            "application/vnd.in-toto.test-result+dsse",
            "application/vnd.in-toto+dsse",
            "application/json",
        ],
    )
    def test_every_media_type(self, signing: Signing, media: str) -> None:
        for path in ("/v1/evidence", f"{signing.path}/evidence"):
            document = envelope(evidence(mark=path), signing.signer)
            answer = signing.world.post(path, document, headers={"Content-Type": media})
            assert (answer.status_code, answer.json()["strength"]) == (201, "attested"), answer.text

    def test_the_raw_bytes_are_the_envelope(self, signing: Signing) -> None:
        body = json.dumps(envelope(evidence(), signing.signer), indent=1).encode()
        found = signing.stored(body)
        answer = signing.world.get(f"/v1/evidence/{found['id']}/raw")
        assert (answer.content, answer.headers["content-type"]) == (body, DSSE["Content-Type"])

    def test_by_securesystemslib(self, signing: Signing) -> None:
        signer = CryptoSigner.generate_ecdsa()
        body = {"name": "x", "public_key": signer.public_key.keyval["public"], "subjects": ["*"], "types": ["*"]}
        assert signing.world.post("/v1/keys", body).status_code == 201
        theirs = TheirEnvelope(evidence(), "application/vnd.in-toto+json", {})
        theirs.sign(signer)
        document = json.loads(json.dumps(theirs.to_dict()))
        assert signing.stored(document)["strength"] == "attested"
        document["payload"] = base64.b64encode(evidence(mark="changed")).decode()
        signing.refused(document)

    def test_url_safe_base64(self, signing: Signing) -> None:
        document = envelope(evidence(mark="???>>>ÿÿ"), signing.signer)
        document["payload"] = document["payload"].replace("+", "-").replace("/", "_").rstrip("=")
        assert signing.stored(document)["strength"] == "attested"

    def test_a_test_result_with_its_type_beside_it(self, signing: Signing) -> None:
        predicate = {"result": "PASSED", "configuration": [{"name": "c"}], "passedTests": ["a", "b"]}
        payload = json.loads(statement(A, B, **predicate)) | {"predicateType": TEST_RESULT}
        document = envelope(json.dumps(payload).encode(), signing.signer)
        found = signing.stored(document, "/v1/evidence?type=unit-tests")
        assert found["strength"] == "attested"
        assert signing.world.status(signing.path, "tests-pass") == "pass"

    def test_as_lines(self, signing: Signing) -> None:
        good, bad = envelope(evidence(), signing.signer), envelope(evidence(mark="1"), signing.signer)
        bad["payload"] = good["payload"][:-4] + "AAAA"
        unknown = envelope(evidence(mark="2"), p256_signer())
        body = b"\n".join(json.dumps(each).encode() for each in (good, bad, unknown))
        answer = signing.world.post("/v1/evidence", body, headers={"Content-Type": "application/x-ndjson"})
        results = [json.loads(line) for line in answer.text.splitlines()]
        assert [each["status"] for each in results] == [201, 422, 201]
        assert [each.get("strength") for each in results] == ["attested", None, "declared"]

    def test_the_latest_speaks_whatever_its_strength(self, signing: Signing) -> None:
        signing.stored(envelope(evidence(), signing.signer))
        signing.world.clock.forward(minutes=1)
        signing.world.submit(signing.path)
        assert signing.world.status(signing.path, "tests-pass") == "fail"

    def test_the_example_of_the_document(self, signing: Signing) -> None:
        body = {"name": "x", "public_key": PUBLIC_KEY, "subjects": ["*"], "types": ["*"]}
        assert signing.world.post("/v1/keys", body).json()["keyid"] == KEYID
        for example in (SIGNED, BUNDLE):
            answer = signing.send(example, f"/v1/evidence?subject={signing.subject}")
            assert answer.json()["code"] == "unknown_evidence_type", answer.text  # so it was verified
        signing.refused(SIGNED | {"payloadType": "application/vnd.in-toto.x+json"})


class TestRefused:
    def test_one_changed_byte_of_the_payload(self, signing: Signing) -> None:
        document = envelope(evidence(), signing.signer)
        changed = bytearray(base64.b64decode(document["payload"]))
        changed[-10] ^= 1
        signing.refused(document | {"payload": base64.b64encode(changed).decode()})

    def test_another_key_under_the_name_of_a_registered_one(self, signing: Signing) -> None:
        signing.refused(envelope(evidence(), ed25519_signer(), keyid=signing.signer.keyid))
        other = ed25519_signer()
        signing.register(other)
        signing.refused(envelope(evidence(), other, keyid=signing.signer.keyid))

    def test_no_name_and_nobody_s(self, signing: Signing) -> None:
        signing.refused(envelope(evidence(), ed25519_signer(), keyid=""))

    def test_a_bad_signature_beside_a_good_one(self, signing: Signing) -> None:
        other = p256_signer()
        signing.register(other)
        document = envelope(evidence(), signing.signer, other)
        document["signatures"][1]["sig"] = envelope(b"else", other)["signatures"][0]["sig"]
        signing.refused(document)

    def test_a_bad_signature_of_a_key_that_no_longer_counts(self, signing: Signing) -> None:
        other = p256_signer()
        signing.world.post(f"/v1/keys/{signing.register(other)}/revocation", {"reason": "rotated"})
        document = envelope(evidence(), signing.signer, other)
        document["signatures"][1]["sig"] = envelope(b"else", other)["signatures"][0]["sig"]
        signing.refused(document)

    def test_the_key_of_another_org(self, signing: Signing, world: World) -> None:
        theirs = Signing(world.another())
        signing.weak(envelope(evidence(), theirs.signer), "not registered")
        signing.refused(envelope(evidence(), theirs.signer, keyid=""))

    @pytest.mark.parametrize("payload_type", ["text/plain", "application/json", "application/vnd.in-toto+xml", "ü"])
    def test_a_payload_that_is_no_statement(self, signing: Signing, payload_type: str) -> None:
        signing.refused(envelope(evidence(), signing.signer, kind=payload_type), "payload_type")

    def test_the_payload_type_is_looked_at_after_the_signature(self, signing: Signing) -> None:
        signing.refused(envelope(evidence(), signing.signer) | {"payloadType": "text/plain"})

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff", b'{"payload":"","payload":""}'])
    def test_no_envelope(self, signing: Signing, body: bytes) -> None:
        assert signing.world.post("/v1/evidence", body, headers=DSSE).status_code in (400, 422)
        assert signing.world.count("evidence") == 0

    def test_a_signed_payload_that_can_t_be_read(self, signing: Signing) -> None:
        for payload in (b"", b"{", b"[]", b"\xff\xff", evidence()[:-1], evidence() + b"x"):
            assert signing.send(envelope(payload, signing.signer)).status_code in (400, 422)
        assert signing.world.count("evidence") == 0

    def test_no_signature(self, signing: Signing) -> None:
        problem(signing.send(envelope(evidence())), 422, path="signatures")


class TestUnsigned:
    """What counts as if it were not signed."""

    def test_an_unknown_key(self, signing: Signing) -> None:
        signing.weak(envelope(evidence(), p256_signer()), "not registered")
        assert signing.world.status(signing.path, "tests-pass") == "fail"

    def test_beside_a_known_one_it_is_only_a_warning(self, signing: Signing) -> None:
        found = signing.stored(envelope(evidence(), p256_signer(), signing.signer))
        assert found["strength"] == "attested"
        assert "not registered" in found["warnings"][0]

    def test_other_artifacts(self, signing: Signing) -> None:
        for shas in ((A,), (A, C), (A, B, C)):
            document = envelope(evidence(*shas, mark=str(shas)), signing.signer)
            found = signing.stored(document, f"/v1/evidence?subject={signing.subject}")
            assert found["warnings"]
            answer = signing.stored(envelope(evidence(*shas), signing.signer), f"{signing.path}/evidence")
            assert answer["warnings"]
            assert signing.world.status(signing.path, "tests-pass") == "missing"

    def test_another_release_with_the_same_artifacts_has_it_too(self, signing: Signing) -> None:
        signing.stored(envelope(evidence(), signing.signer))
        path = signing.world.release(signing.subject, "1.0.1", B, A)
        assert signing.world.status(path, "tests-pass") == "pass"

    def test_before_and_after_its_time(self, signing: Signing) -> None:
        signer = p256_signer()
        signing.register(signer, not_before=instant(hours=1), not_after=instant(hours=2))
        clock = signing.world.clock
        signing.weak(envelope(evidence(mark="0"), signer), "vouches from")
        clock.forward(hours=1, microseconds=-1)
        signing.weak(envelope(evidence(mark="1"), signer), "vouches from")
        clock.forward(microseconds=1)
        assert signing.stored(envelope(evidence(mark="2"), signer))["strength"] == "attested"
        clock.forward(hours=1, microseconds=-1)
        assert signing.stored(envelope(evidence(mark="3"), signer))["strength"] == "attested"
        clock.forward(microseconds=1)
        signing.weak(envelope(evidence(mark="4"), signer), "vouches from")

    def test_other_subjects_and_types(self, signing: Signing) -> None:
        for number, limits in enumerate(({"subjects": ["fraud-*"]}, {"types": ["edge-*"]}, {"types": ["Unit-tests"]})):
            signer = p256_signer()
            signing.register(signer, **limits)
            signing.weak(envelope(evidence(mark=str(number)), signer), "may not vouch for")
        signer = p256_signer()
        signing.register(signer, subjects=["a", "model-*"], types=["b", "unit-*"])
        assert signing.stored(envelope(evidence(), signer))["strength"] == "attested"

    def test_a_revoked_key(self, signing: Signing) -> None:
        document = envelope(evidence(), signing.signer)
        assert signing.stored(document)["strength"] == "attested"
        signing.world.post(f"/v1/keys/{signing.key}/revocation", {"reason": "rotated"})
        # What it attested before stands.
        assert signing.world.status(signing.path, "tests-pass") == "pass"
        signing.world.clock.forward(seconds=1)
        signing.weak(envelope(evidence(mark="later"), signing.signer), "was revoked at")
        signing.weak(document, "was revoked at")

    def test_two_keys_of_which_one_counts(self, signing: Signing) -> None:
        other = p256_signer()
        signing.register(other, types=["else"])
        found = signing.stored(envelope(evidence(), other, signing.signer))
        assert found["strength"] == "attested"
        assert other.keyid in found["warnings"][0]
        record = signing.world.get(f"/v1/evidence/{found['id']}").json()
        assert record["identity"] == {"keyid": signing.signer.keyid}


class TestBeside:
    """What stands beside the signed statement."""

    def test_times_and_exit_codes_are_not_used(self, signing: Signing) -> None:
        query = f"collected_at={instant(hours=-1)}&exit_code=0"
        for path in (f"/v1/evidence?{query}", f"{signing.path}/evidence?{query}"):
            found = signing.stored(envelope(evidence(mark=path), signing.signer), path)
            assert found["strength"] == "attested"
            assert [each for each in found["warnings"] if "is not used" in each] == found["warnings"]
            assert len(found["warnings"]) == 2
            record = signing.world.get(f"/v1/evidence/{found['id']}").json()
            assert record["collected_at"] == record["received_at"]

    def test_that_the_tool_failed_is_not_lost(self, signing: Signing) -> None:
        for path in ("/v1/evidence", f"{signing.path}/evidence"):
            problem(signing.send(envelope(evidence(), signing.signer), f"{path}?exit_code=1"), 422, path="exit_code")
        assert signing.world.count("evidence") == 0

    def test_a_type_that_was_not_signed_is_the_submitter_s_word(self, signing: Signing) -> None:
        unsaid = json.loads(evidence())
        unsaid["predicateType"] = TEST_RESULT
        unsaid["predicate"] = {"result": "PASSED", "configuration": [], "passedTests": ["a"]}
        found = signing.stored(envelope(json.dumps(unsaid).encode(), signing.signer), "/v1/evidence?type=unit-tests")
        assert found["strength"] == "attested"
        assert found["warnings"] == ["type stood beside what was signed: the submitter's word"]
        said = signing.stored(envelope(evidence(), signing.signer), "/v1/evidence?type=unit-tests")
        assert said["warnings"] == []

    def test_nothing_signed_goes_in_an_event(self, signing: Signing) -> None:
        signed = envelope(evidence(), signing.signer)
        event = {"specversion": "1.0", "id": "1", "source": "/ci", "type": "x", "exitcode": "1"}
        media = {"Content-Type": "application/cloudevents+json"}
        problem(signing.world.post("/v1/evidence", event | {"data": signed}, headers=media), 422, path="data")
        headers = {f"ce-{key}": value for key, value in event.items()}
        answer = signing.world.post("/v1/evidence", signed, headers=headers | DSSE)
        problem(answer, 422, path="ce-id")
        assert signing.world.count("evidence") == 0

    def test_a_context_is_the_submitter_s_word(self, signing: Signing) -> None:
        document = envelope(evidence(type="other-tests"), signing.signer)
        found = signing.stored(document, "/v1/evidence?context.environment=staging")
        assert found["strength"] == "attested"
        assert "submitter's word" in found["warnings"][0]
        inside = envelope(evidence(type="other-tests", context={"environment": "staging"}), signing.signer)
        assert signing.stored(inside)["warnings"] == []
        problem(signing.send(inside, "/v1/evidence?context.environment=production"), 422)

    def test_another_type_than_the_signed_one(self, signing: Signing) -> None:
        problem(signing.send(envelope(evidence(), signing.signer), "/v1/evidence?type=other-tests"), 422, path="type")

    def test_a_signed_time_counts(self, signing: Signing) -> None:
        document = envelope(evidence(collected_at=instant(hours=-3)), signing.signer)
        found = signing.stored(document)
        assert signing.world.get(f"/v1/evidence/{found['id']}").json()["collected_at"] == instant(hours=-3)


class TestAgain:
    def test_the_same_again(self, signing: Signing) -> None:
        document = envelope(evidence(), signing.signer)
        first = signing.send(document)
        signing.world.clock.forward(hours=1)
        again = signing.send(document)
        assert (first.status_code, again.status_code) == (201, 200)
        assert again.json()["id"] == first.json()["id"]

    def test_written_or_signed_anew_it_is_no_newer(self, signing: Signing) -> None:
        signer = p256_signer()
        signing.register(signer)
        first = signing.stored(envelope(evidence(), signer))
        signing.world.clock.forward(hours=1)
        anew = envelope(evidence(), signer)
        for body in (anew, json.dumps(anew, indent=3).encode(), envelope(evidence(), signing.signer)):
            assert signing.stored(body)["id"] == first["id"]
        assert signing.world.count("evidence") == 1

    def test_other_words_beside_it_make_it_no_younger(self, signing: Signing) -> None:
        """Who can't sign can't have an old pass speak over a newer failure, nor keep it from growing old."""
        passed = envelope(evidence(), signing.signer)
        first = signing.world.get(f"/v1/evidence/{signing.stored(passed)['id']}").json()
        signing.world.clock.forward(minutes=1)
        signing.stored(envelope(evidence(data=report(passed=0, failed=1)), signing.signer))
        signing.world.clock.forward(minutes=1)
        replayed = [json.dumps(passed, indent=n).encode() for n in (1, 2)]
        alone = signing.stored(replayed[0], "/v1/evidence?context.note=1")
        lines = b"\n".join(json.dumps(passed).encode() for _ in range(2))
        answer = signing.world.post(
            "/v1/evidence?context.note=2", lines, headers={"Content-Type": "application/x-ndjson"}
        )
        among = json.loads(answer.text.splitlines()[0])
        for found in (alone, among):
            record = signing.world.get(f"/v1/evidence/{found['id']}").json()
            assert (record["strength"], record["collected_at"]) == ("attested", first["collected_at"])
            assert record["received_at"] > first["received_at"]
        assert signing.world.count("evidence") == 4
        assert signing.world.status(signing.path, "tests-pass") == "fail"

    def test_what_one_org_received_is_no_other_org_s_first(self, signing: Signing) -> None:
        document = envelope(evidence(), signing.signer)
        signing.stored(document)
        signing.world.clock.forward(hours=1)
        other = Signing(signing.world.another())
        other.register(signing.signer)
        record = other.world.get(f"/v1/evidence/{other.stored(document)['id']}").json()
        assert record["collected_at"] == record["received_at"]

    def test_unknown_first_and_registered_then(self, signing: Signing) -> None:
        signer = p256_signer()
        document = envelope(evidence(), signer)
        weak = signing.weak(document, "not registered")
        signing.world.clock.forward(minutes=1)
        signing.register(signer)
        found = signing.stored(document)
        assert (found["strength"], found["id"] == weak["id"]) == ("attested", False)
        assert signing.world.status(signing.path, "tests-pass") == "pass"


class TestTheReleaseSOwnPath:
    def test_a_release_that_is_not_there(self, signing: Signing) -> None:
        document = envelope(evidence(), signing.signer)
        problem(signing.send(document, f"/v1/subjects/{signing.subject}/releases/9.9.9/evidence"), 404)
        problem(signing.send(document, "/v1/subjects/nobody/releases/1.0.0/evidence"), 404)

    def test_another_subject_with_the_same_artifacts(self, signing: Signing) -> None:
        """Each has it where it is sent; where it is sent to nobody, nobody is guessed."""
        other = signing.world.subject(policy="attested@^1")
        path = signing.world.release(other, "1.0.0", A, B)
        document = envelope(evidence(), signing.signer)
        problem(signing.send(document), 422, "which_subject")
        signing.stored(document, f"{path}/evidence")
        assert signing.world.status(path, "tests-pass") == "pass"
        assert signing.world.status(signing.path, "tests-pass") == "missing"

    def test_an_envelope_as_a_tool_s_file(self, signing: Signing) -> None:
        """Asked to be read as a file, it is one that no adapter knows; nothing is verified, nothing attested."""
        document = envelope(evidence(), signing.signer)
        for query in ("raw=true&type=unit-tests", "format=junit&type=unit-tests"):
            answer = signing.world.post(f"{signing.path}/evidence?{query}", document)
            assert answer.status_code in (400, 422)

    def test_a_plain_envelope_and_a_tool_s_file_are_as_ever(self, signing: Signing) -> None:
        assert signing.world.submit(signing.path)["strength"] == "declared"
        answer = signing.world.post(
            f"{signing.path}/evidence?type=unit-tests", junit(), headers={"Content-Type": "application/xml"}
        )
        assert answer.json()["strength"] == "measured"


class TestAnyByte:
    """Whatever byte of payload, type or signature is changed: never attested, never a pass."""

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_changed(self, signing: Signing, data: st.DataObject) -> None:
        hint = data.draw(st.sampled_from([signing.signer.keyid, "", "unknown"]))
        document = copy.deepcopy(envelope(evidence(), signing.signer, keyid=hint))
        part = data.draw(st.sampled_from(["payload", "payloadType", "sig"]))
        holder = document["signatures"][0] if part == "sig" else document
        raw = holder[part].encode() if part == "payloadType" else base64.b64decode(holder[part])
        at = data.draw(st.integers(0, 2**16)) % len(raw)
        flipped = data.draw(st.integers(1, 127 if part == "payloadType" else 255))
        changed = raw[:at] + bytes([raw[at] ^ flipped]) + raw[at + 1 :]
        holder[part] = changed.decode() if part == "payloadType" else base64.b64encode(changed).decode()
        answer = signing.send(document, f"/v1/evidence?subject={signing.subject}")
        assert answer.status_code < 500
        if hint != "unknown":
            assert answer.status_code in (400, 422)  # what is changed can be the JSON itself
        assert answer.json().get("strength") != "attested"
        assert signing.world.status(signing.path, "tests-pass") != "pass"
