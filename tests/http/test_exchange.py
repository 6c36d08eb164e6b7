"""`POST /v1/token`: what a CI job gets for its own token, and what comes of it."""

import base64
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.clock import START, Clock
from tests.support.desk import desk
from tests.support.issuer import EC, ED, RSA, Issuer, jwks
from tests.support.jobs import (
    ACCESS_TOKEN,
    ACTORS,
    BASE,
    GITHUB,
    ID_TOKEN,
    JOBS,
    MATCH,
    Exchange,
    exchanging,
    refused,
)
from tests.support.policies import document, report
from tests.support.problems import problem

XML = b'<testsuite name="s" tests="1"><testcase classname="t" name="n"/></testsuite>'


P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
WIDE = {name: MATCH["github"][name] for name in ("repository_id", "repository_owner_id")}


def subject(ci: Exchange, **changes: Any) -> str:
    """A subject that the usual rule admits."""
    return ci.world.subject(ci.world.fresh("fraud"), **changes)


class TestWhatIsGiven:
    @pytest.mark.parametrize("system", JOBS)
    def test_to_a_job_of_each_system(self, ci: Exchange, system: str) -> None:
        ci.rule(system)
        answer = ci.ask(ci.job(system))
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        given = answer.json()
        secret = given.pop("access_token")
        assert given == {
            "issued_token_type": ACCESS_TOKEN,
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": "evidence:write read releases:write",
        }
        me = ci.world.get("/v1/me", token=secret).json()
        assert me["org"] == ci.world.org
        assert me["principal"] == {"id": "ci", "kind": "tool"}
        assert me["token"]["subjects"] == ["fraud-*"]
        assert me["token"]["scopes"] == ["evidence:write", "read", "releases:write"]
        assert ci.told("token.exchanged")[0]["identity"]["iss"] == ci.issuer.url

    def test_as_an_id_token_too(self, ci: Exchange) -> None:
        ci.rule()
        assert ci.ask(ci.job(), subject_token_type=ID_TOKEN, requested_token_type=ACCESS_TOKEN).status_code == 200

    @pytest.mark.parametrize(("key", "alg"), [(RSA, "RS256"), (EC, "ES256"), (ED, "EdDSA")], ids=["rsa", "ec", "ed"])
    def test_by_keys_in_the_rule_without_a_call(self, ci: Exchange, key: Any, alg: str) -> None:
        ci.issuer.down = True
        ci.rule(jwks=jwks(key))
        now = int(START.timestamp())
        claims = {"aud": ci.audience, "iat": now, "exp": now + 300} | JOBS["github"]
        assert ci.ask(ci.issuer.token(claims, key, alg)).status_code == 200
        assert ci.issuer.asked == []

    def test_keys_in_a_rule_are_those_that_count_for_it(self, ci: Exchange) -> None:
        ci.rule(jwks=jwks(EC))
        refused(ci.ask(ci.job()))
        assert ci.issuer.asked == []
        ci.rule("gitlab")
        refused(ci.ask(ci.job("github", jti="another")))

    def test_for_one_audience_in_a_list(self, ci: Exchange) -> None:
        ci.rule()
        assert ci.ask(ci.job(aud=[ci.audience])).status_code == 200

    def test_in_the_only_org_the_address_of_the_server_is_enough(
        self, issuer: Issuer, database_url: str, clock: Clock, tmp_path: Path
    ) -> None:
        clock.now = START
        with exchanging(database_url, tmp_path, clock, issuer) as alone:
            alone.rule()
            assert alone.ask(alone.job(aud=BASE)).status_code == 200
            assert alone.ask(alone.job(aud=BASE), audience=alone.audience).status_code == 200
            alone.world.another()
            refused(alone.ask(alone.job(aud=BASE)))
            assert alone.ask(alone.job()).status_code == 200


class TestScopes:
    def test_no_more_than_was_asked_for(self, ci: Exchange) -> None:
        ci.rule()
        answer = ci.ask(ci.job(), scope="read admin subjects:write")
        assert answer.json()["scope"] == "read"
        assert ci.world.get("/v1/me", token=answer.json()["access_token"]).json()["token"]["scopes"] == ["read"]

    @pytest.mark.parametrize(
        "scope",
        ["admin", "evidence:revoke", "subjects:write", "policies:write", "signoffs:write", "waivers:write", "x", " "],
    )
    def test_nothing_of_what_was_asked_for(self, ci: Exchange, scope: str) -> None:
        ci.rule()
        refused(ci.ask(ci.job(), scope=scope), "invalid_scope")
        assert ci.world.count("token_exchange") == 0


class TestLife:
    @pytest.mark.parametrize(
        ("max_ttl", "job", "seconds"),
        [(None, 300, 300), (None, 7_200, 3_600), ("PT1M", 300, 60), ("PT2H", 86_400, 7_200), ("PT24H", 7_200, 7_200)],
    )
    def test_the_shortest_counts(self, ci: Exchange, max_ttl: str | None, job: int, seconds: int) -> None:
        ci.rule(max_ttl=max_ttl)
        answer = ci.ask(ci.job(exp=int(START.timestamp()) + job))
        assert answer.json()["expires_in"] == seconds
        secret = answer.json()["access_token"]
        ci.world.clock.forward(seconds=seconds - 1)
        assert ci.world.get("/v1/me", token=secret).status_code == 200
        ci.world.clock.forward(seconds=1)
        problem(ci.world.get("/v1/me", token=secret), 401)

    def test_none_for_a_job_that_has_ended(self, ci: Exchange) -> None:
        """The leeway for clocks is no reason to give a token."""
        ci.rule()
        for past in (0, 30):
            assert "expired" in refused(ci.ask(ci.job(exp=int(START.timestamp()) - past)))


class TestAgain:
    def test_twenty_times_and_each_is_told(self, ci: Exchange) -> None:
        rule = ci.rule()
        token = ci.job()
        secrets = {ci.given(token) for _ in range(20)}
        assert len(secrets) == 20
        refused(ci.ask(token))
        assert [each["number"] for each in reversed(ci.told("token.exchanged"))] == list(range(1, 21))
        assert {each["rule"] for each in ci.told("token.exchanged")} == {rule["id"]}
        assert "as often as it can be" in ci.told()[0]["because"]
        assert ci.world.count("token_exchange") == 20
        assert ci.ask(ci.job(jti="another")).status_code == 200

    def test_where_a_token_has_no_id_it_is_known_by_what_was_signed(self, ci: Exchange) -> None:
        """Not by its signature: whoever has one of ES256 can make another that holds."""
        ci.rule("jenkins", jwks=jwks(EC))
        now = int(START.timestamp())
        claims = JOBS["jenkins"] | {"aud": ci.audience, "iat": now, "exp": now + 300}
        token = ci.issuer.token(claims, EC, "ES256")
        said, _, signature = token.rpartition(".")
        raw = base64.urlsafe_b64decode(signature + "==")
        other = raw[:32] + (P256_ORDER - int.from_bytes(raw[32:])).to_bytes(32)
        twin = f"{said}.{base64.urlsafe_b64encode(other).decode().rstrip('=')}"
        for n in range(20):
            ci.given((token, twin)[n % 2])
        refused(ci.ask(token))
        refused(ci.ask(twin))
        assert ci.world.count("token_exchange") == 20

    def test_by_another_rule_it_is_refused(self, ci: Exchange) -> None:
        token = ci.job()
        first = ci.rule()
        ci.given(token)
        assert ci.world.call("DELETE", f"/v1/trust/{first['id']}").status_code == 200
        ci.rule()
        refused(ci.ask(token))
        assert ci.ask(ci.job(jti="another")).status_code == 200


class TestSeveralRules:
    def test_the_one_that_names_more_counts(self, ci: Exchange) -> None:
        ci.rule(match=WIDE, scopes=["read"], principal="any-branch")
        ci.rule(match=WIDE | {"ref": "refs/heads/main"}, principal="main-branch")
        assert ci.ask(ci.job()).json()["scope"] == "evidence:write read releases:write"
        other = ci.ask(ci.job(jti="2", ref="refs/heads/other"))
        assert other.json()["scope"] == "read"
        assert ci.world.get("/v1/me", token=other.json()["access_token"]).json()["principal"]["id"] == "any-branch"

    def test_two_that_differ_are_no_answer(self, ci: Exchange) -> None:
        ci.rule(match=WIDE | {"ref": "refs/heads/main"}, principal="one")
        ci.rule(match=WIDE | {"environment": "prod"}, principal="two")
        refused(ci.ask(ci.job()))
        assert "several rules match" in ci.told()[0]["because"]

    def test_two_that_allow_the_same_are(self, ci: Exchange) -> None:
        first = ci.rule(match=WIDE | {"ref": "refs/heads/main"})
        ci.rule(match=WIDE | {"environment": "prod"})
        assert ci.ask(ci.job()).status_code == 200
        assert ci.told("token.exchanged")[0]["rule"] == first["id"]


class TestAnAudienceOfARule:
    def test_is_the_only_one_that_it_takes(self, ci: Exchange) -> None:
        ci.rule(audience="api://fixed")
        refused(ci.ask(ci.job()))
        refused(ci.ask(ci.job(aud="api://fixed")))
        assert ci.ask(ci.job(aud="api://fixed"), audience=ci.audience).status_code == 200
        assert ci.ask(ci.job(aud="api://fixed"), resource=ci.audience).status_code == 200
        refused(ci.ask(ci.job(aud="api://other"), audience=ci.audience))

    def test_is_not_taken_by_other_rules(self, ci: Exchange) -> None:
        ci.rule()
        refused(ci.ask(ci.job(aud="api://fixed"), audience=ci.audience))


class TestWhatIsSent:
    """With a token of a CI run."""

    def test_carries_what_was_verified_of_the_run(self, ci: Exchange) -> None:
        path = ci.world.release(subject(ci))
        ci.rule()
        secret = ci.given(ci.job())
        body = {"type": "unit-tests", "data": report()}
        accepted = ci.world.post(f"{path}/evidence", body, token=secret)
        assert (accepted.status_code, accepted.json()["strength"]) == (201, "measured"), accepted.text
        found = ci.world.get(f"/v1/evidence/{accepted.json()['id']}").json()
        assert found["strength"] == "measured"
        assert found["submitted_by"] == "ci"
        identity = found["identity"]
        assert {name: identity[name] for name in ("iss", "repository_id", "ref", "sha", "run_id", "run_attempt")} == {
            "iss": ci.issuer.url,
            "repository_id": "74",
            "ref": "refs/heads/main",
            "sha": "6113728f27ae82c7b1a177c8d03f9e96e0adf246",
            "run_id": "23625057533",
            "run_attempt": "2",
        }
        assert "octocat" not in identity.values()
        assert not {"actor", "actor_id", "sub", "jti", "workflow"} & identity.keys()

    def test_the_same_of_a_person_is_merely_declared(self, ci: Exchange) -> None:
        path = ci.world.release(subject(ci))
        ci.rule()
        body = {"type": "unit-tests", "data": report()}
        declared = ci.world.post(f"{path}/evidence", body).json()
        measured = ci.world.post(f"{path}/evidence", body, token=ci.given(ci.job())).json()
        assert (declared["strength"], measured["strength"]) == ("declared", "measured")
        assert declared["id"] != measured["id"]

    def test_rules_can_read_it(self, ci: Exchange) -> None:
        policy = document("of-main")
        check = {"that": 'record.identity["ref"] == "refs/heads/main"', "otherwise": "not of the main branch"}
        policy["phases"][0]["criteria"][0]["checks"].append(check)
        ci.world.publish(policy)
        path = ci.world.release(subject(ci, policy="of-main@^1"))
        ci.rule(match=WIDE)
        for ref, status in (("refs/heads/other", "fail"), ("refs/heads/main", "pass")):
            secret = ci.given(ci.job(jti=ref, ref=ref))
            sent = {"Content-Type": "application/xml"}
            raw = XML.replace(b'"s"', f'"{ref}"'.encode())
            assert ci.world.post(f"{path}/evidence?type=unit-tests", raw, token=secret, headers=sent).status_code == 201
            ci.world.clock.forward(seconds=1)
            assert ci.world.status(path, "tests-pass") == status

    @pytest.mark.parametrize("system", ACTORS)
    def test_bars_the_owner_and_who_started_the_run(self, ci: Exchange, system: str) -> None:
        world = ci.world
        lee = world.person("lee")
        dana = world.person("dana", identities=[{"issuer": ci.issuer.url, "subject": ACTORS[system]}])
        assert world.put("/v1/tools/ci", {"owner": lee, "title": "CI"}).status_code in (200, 201)
        ci.rule(system)
        secret = ci.given(ci.job(system))
        name = subject(ci)
        body = {"version": "1.0.0", "artifacts": [{"name": "m", "sha256": "a" * 64}]}
        released = world.post(f"/v1/subjects/{name}/releases", body, token=secret)
        assert released.status_code == 201, released.text
        assert world.get(f"/v1/subjects/{name}/releases/1.0.0").json()["registered_for"] == [lee, dana]
        path = f"/v1/subjects/{name}/releases/1.0.0/evidence"
        made = world.post(path, {"type": "unit-tests", "data": report()}, token=secret).json()
        assert world.get(f"/v1/evidence/{made['id']}").json()["submitted_for"] == [lee, dana]

    def test_who_started_the_run_cannot_approve_what_it_sent(self, ci: Exchange) -> None:
        at = desk(ci.world, "fraud-scorer")
        ci.world.person("mia", identities=[{"issuer": ci.issuer.url, "subject": "12"}])
        ci.rule()
        sent = {"type": "unit-tests", "data": report(5)}
        assert ci.world.post(f"{at.path}/evidence", sent, token=ci.given(ci.job())).status_code == 201
        told = problem(at.send(at.mia, "model-owner"), 403, "duties_not_separate")["detail"]
        assert "mia submitted covered evidence: unit-tests" in told
        at.sign(at.ben, "business-owner")

    def test_an_event_addressed_by_digest_carries_it_too(self, ci: Exchange) -> None:
        dana = ci.world.person("dana", identities=[{"issuer": ci.issuer.url, "subject": "12"}])
        path = ci.world.release(subject(ci))
        ci.rule()
        event = {
            "specversion": "1.0",
            "id": "1",
            "source": "https://ci.example/job",
            "type": "evidence",
            "data": {"type": "unit-tests", "artifacts": [{"sha256": "a" * 64}], "data": report()},
        }
        headers = {"Content-Type": "application/cloudevents+json"}
        answer = ci.world.post("/v1/evidence", event, token=ci.given(ci.job()), headers=headers)
        assert answer.status_code == 201, answer.text
        (record,) = ci.world.get(f"{path}/evidence").json()["items"]
        assert (record["strength"], record["submitted_for"]) == ("measured", [dana])
        assert record["identity"]["run_id"] == GITHUB["run_id"]

    def test_entitles_nobody(self, ci: Exchange) -> None:
        """An actor who is a person with roles gives a run none of them."""
        dana = ci.world.person("dana", identities=[{"issuer": ci.issuer.url, "subject": "12"}])
        ci.world.role(dana)
        ci.rule()
        me = ci.world.get("/v1/me", token=ci.given(ci.job())).json()
        assert (me["principal"]["kind"], me["roles"]) == ("tool", [])

    def test_a_name_at_another_issuer_is_nobody(self, ci: Exchange) -> None:
        ci.world.person("dana", identities=[{"issuer": "https://elsewhere.example", "subject": "12"}])
        ci.rule()
        ci.given(ci.job())
        assert ci.told("token.exchanged")[0]["acts_for"] == []


class TestTheRecipes:
    README = (Path(__file__).parents[2] / "clients" / "README.md").read_text("utf-8")

    def test_the_rule_can_be_made(self, ci: Exchange) -> None:
        (rule,) = [each for each in re.findall(r"```json\n(.*?)```", self.README, re.DOTALL) if '"exchange"' in each]
        answer = ci.world.post("/v1/trust", rule.encode())
        assert answer.status_code == 201, answer.text

    def test_they_can_be_read_and_name_what_the_command_reads(self) -> None:
        recipes = [yaml.safe_load(each) for each in re.findall(r"```yaml\n(.*?)```", self.README, re.DOTALL)]
        assert len(recipes) == 4
        for recipe in recipes:
            assert "PHASEGATE_URL" in str(recipe)
            assert "PHASEGATE_ID_TOKEN" in str(recipe) or "id-token" in str(recipe)


class TestLater:
    def test_a_rule_that_was_removed_gives_nothing_and_its_tokens_end(self, ci: Exchange) -> None:
        rule, other = ci.rule(), ci.rule("gitlab")
        secrets = [ci.given(ci.job()) for _ in range(2)]
        kept = ci.given(ci.job("gitlab"))
        ci.world.call("DELETE", f"/v1/trust/{rule['id']}")
        refused(ci.ask(ci.job(jti="2")))
        for secret in secrets:
            problem(ci.world.get("/v1/me", token=secret), 401)
        assert ci.world.get("/v1/me", token=kept).status_code == 200
        assert ci.world.get(f"/v1/trust/{other['id']}").status_code == 200
        assert ci.world.audited().count("token.revoked") == 2

    def test_it_can_not_be_rotated(self, ci: Exchange) -> None:
        ci.rule()
        token = ci.world.get("/v1/me", token=ci.given(ci.job())).json()["token"]["id"]
        problem(ci.world.post(f"/v1/tokens/{token}/rotation", {}), 409, "exchanged")

    def test_a_tool_whose_owner_was_disabled_gets_nothing(self, ci: Exchange) -> None:
        dana = ci.world.person("dana")
        assert ci.world.put("/v1/tools/ci", {"owner": dana, "title": "CI"}).status_code in (200, 201)
        ci.rule()
        assert ci.ask(ci.job()).status_code == 200
        ci.world.person("dana", disabled=True)
        refused(ci.ask(ci.job()))
        assert "owner of ci is not active" in ci.told()[0]["because"]

    def test_it_is_a_token_that_can_be_revoked(self, ci: Exchange) -> None:
        ci.rule()
        secret = ci.given(ci.job())
        token = ci.world.get("/v1/me", token=secret).json()["token"]["id"]
        assert ci.world.call("DELETE", f"/v1/tokens/{token}").status_code in (200, 204)
        problem(ci.world.get("/v1/me", token=secret), 401)

    def test_an_hour_later_the_keys_are_asked_for_again(self, ci: Exchange) -> None:
        ci.rule()
        for hours in (0, 2):
            ci.world.clock.now = START + timedelta(hours=hours)
            assert ci.ask(ci.job(jti=str(hours))).status_code == 200
        assert len(ci.issuer.asked) == 4
