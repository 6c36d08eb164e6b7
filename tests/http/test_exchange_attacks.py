"""Attacks on `POST /v1/token`, and on everything else with what it gives."""

import base64
import hmac
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar

import pytest
from joserfc.jwk import RSAKey

from phasegate.settings import Settings
from tests.support.clock import START, Clock
from tests.support.issuer import EC, RSA, Issuer, serving
from tests.support.jobs import BASE, GITHUB, GRANT, JWT, MATCH, Exchange, exchanging, refused
from tests.support.policies import document, report
from tests.support.problems import problem

NOW = int(START.timestamp())
STRANGER = RSAKey.generate_key(2048, parameters={"kid": "rsa-1"})


@pytest.fixture
def ci(ci: Exchange) -> Exchange:
    """With one rule, for the GitHub job."""
    ci.rule()
    return ci


def by_hand(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"x") -> str:
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def claims(ci: Exchange, **more: Any) -> dict[str, Any]:
    return {"iss": ci.issuer.url, "aud": ci.audience, "iat": NOW, "exp": NOW + 300} | GITHUB | more


class TestForgedTokens:
    def test_without_a_signature(self, ci: Exchange) -> None:
        for alg in ("none", "None", "NONE", "", "nOnE"):
            token = by_hand({"alg": alg, "kid": "rsa-1"}, claims(ci))
            refused(ci.ask(token))
            refused(ci.ask(token.rpartition(".")[0] + "."))
        assert ci.issuer.asked == []

    def test_with_the_public_key_as_a_shared_secret(self, ci: Exchange) -> None:
        for secret in (RSA.as_pem(private=False), json.dumps(RSA.as_dict(private=False)).encode()):
            for alg, digest in (("HS256", "sha256"), ("HS512", "sha512")):
                said = by_hand({"alg": alg, "kid": "rsa-1"}, claims(ci)).rpartition(".")[0]
                signature = base64.urlsafe_b64encode(hmac.digest(secret, said.encode(), digest)).decode().rstrip("=")
                refused(ci.ask(f"{said}.{signature}"))

    def test_with_a_key_of_another_kind(self, ci: Exchange) -> None:
        refused(ci.ask(ci.issuer.token(claims(ci), RSA, "RS256", kid="ec-1")))
        refused(ci.ask(ci.issuer.token(claims(ci), EC, "ES256", kid="rsa-1")))

    def test_by_a_stranger_under_a_known_key_id(self, ci: Exchange) -> None:
        refused(ci.ask(ci.issuer.token(claims(ci), STRANGER)))
        assert ci.told() == []

    def test_with_claims_changed_under_a_good_signature(self, ci: Exchange) -> None:
        header, _, signature = ci.job(repository_id="75").split(".")
        body = base64.urlsafe_b64encode(json.dumps(claims(ci)).encode()).decode().rstrip("=")
        refused(ci.ask(f"{header}.{body}.{signature}"))

    @pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c", "crit"])
    def test_with_a_key_of_its_own(self, ci: Exchange, name: str) -> None:
        address = f"{ci.issuer.url}/stolen"
        value: Any = {"jwk": STRANGER.as_dict(private=False), "x5c": ["AAAA"], "crit": ["exp"]}.get(name, address)
        refused(ci.ask(by_hand({"alg": "RS256", "kid": "rsa-1", name: value}, claims(ci))))
        if name != "crit":
            refused(ci.ask(ci.issuer.token(claims(ci), STRANGER, **{name: value})))
        assert ci.issuer.asked == []

    def test_that_are_none(self, ci: Exchange) -> None:
        for token in [
            "x",
            "a.b",
            "a.b.c",
            "a.b.c.d",
            ".." * 3,
            "e30.e30.e30",
            "é.é.é",
            "[1].[2].[3]",
            "bnVsbA.bnVsbA.bnVsbA",
        ]:
            refused(ci.ask(token))
        assert ci.issuer.asked == []

    CLAIMS: ClassVar[list[dict[str, Any]]] = [
        {"iss": "a\x00b"},
        {"iss": "\ud800"},
        {"iss": ["x"]},
        {"iss": None},
        {"aud": "\x00"},
        {"aud": "\ud800"},
        {"aud": {}},
        {"aud": None},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"exp": 1e300},
        {"exp": -1e300},
        {"exp": NOW + 10**9},
        {"iat": "x"},
        {"nbf": []},
    ]

    def test_whose_claims_are_of_another_kind(self, ci: Exchange) -> None:
        for changes in self.CLAIMS:
            refused(ci.ask(by_hand({"alg": "RS256", "kid": "rsa-1"}, claims(ci) | changes)))
        assert ci.issuer.asked == []

    @pytest.mark.parametrize("changes", [{"jti": "\ud800"}, {"jti": 7}, {"jti": ""}, {"actor_id": "\x00"}], ids=repr)
    def test_odd_claims_of_a_genuine_one_break_nothing(self, ci: Exchange, changes: dict[str, Any]) -> None:
        assert ci.ask(ci.job(**changes)).status_code in (200, 400)


class TestForOthers:
    def test_for_another_audience(self, ci: Exchange) -> None:
        for audience in ("https://github.com/octo-org", f"{ci.audience}/", ci.audience.upper(), "", f"{ci.audience}x"):
            refused(ci.ask(ci.job(aud=audience)))
        assert ci.world.count("token_exchange") == 0

    def test_for_ours_among_others(self, ci: Exchange) -> None:
        for audience in ([ci.audience, "https://elsewhere.example"], [ci.audience] * 2, [], [[ci.audience]]):
            refused(ci.ask(ci.job(aud=audience)))

    def test_from_another_issuer(self, ci: Exchange) -> None:
        for other in (f"{ci.issuer.url}/", "https://token.actions.githubusercontent.com", ci.issuer.url.upper()):
            refused(ci.ask(ci.job(iss=other)))
        assert ci.issuer.asked == []

    def test_expired_or_not_valid_yet(self, ci: Exchange) -> None:
        assert "expired" in refused(ci.ask(ci.job(exp=NOW - 61)))
        assert "not valid yet" in refused(ci.ask(ci.job(nbf=NOW + 61)))
        assert "not valid yet" in refused(ci.ask(ci.job(iat=NOW + 61)))
        assert "longer than a day" in refused(ci.ask(ci.job(exp=NOW + 90_000)))
        assert ci.ask(ci.job(nbf=NOW + 59, iat=NOW + 59)).status_code == 200

    def test_of_another_org_nothing_can_be_learnt(self, ci: Exchange) -> None:
        """One that doesn't exist, one without rules, one whose rules name another issuer, and a forged token for one
        that has a rule: the same answer."""
        bare, other = ci.world.another(), Exchange(ci.world.another(), ci.issuer)
        other.rule(issuer="https://elsewhere.example")
        stem = ci.audience.removesuffix(ci.world.org)
        answers = [
            ci.ask(ci.job(aud=f"{stem}no-such-org")),
            ci.ask(ci.job(aud=f"{stem}{bare.org}")),
            ci.ask(ci.job(aud=other.audience)),
            ci.ask(ci.issuer.token(claims(ci), STRANGER)),
            ci.ask(ci.job(repository_id="75")),
        ]
        assert len({(each.status_code, each.content, tuple(sorted(each.headers.items()))) for each in answers}) == 1
        refused(answers[0])

    def test_another_orgs_rules_are_not_looked_at(self, ci: Exchange) -> None:
        other = Exchange(ci.world.another(), ci.issuer)
        other.rule("gitlab")
        refused(ci.ask(ci.job("gitlab")))
        refused(other.ask(other.job("github")))
        refused(ci.ask(ci.job(), audience=other.audience))
        assert other.ask(other.job("gitlab")).status_code == 200

    def test_by_rules_for_another_use(self, ci: Exchange) -> None:
        body = {"name": "s", "use": "sigstore", "issuer": ci.issuer.url, "subjects": ["*"], "match": {"identity": "x"}}
        other = Exchange(ci.world.another(), ci.issuer)
        assert other.world.post("/v1/trust", body).status_code == 201
        refused(other.ask(other.job()))
        assert ci.issuer.asked == []


class TestRunsOfOthers:
    @pytest.mark.parametrize(
        ("system", "changes"),
        [
            ("github", {"event_name": "pull_request"}),
            ("github", {"event_name": "pull_request_target"}),
            ("github", {"ref": "refs/pull/7/merge"}),
            ("gitlab", {"pipeline_source": "merge_request_event"}),
            ("gitlab", {"ref_path": "refs/merge-requests/7/head"}),
            ("circleci", {"oidc.circleci.com/ssh-rerun": True}),
            ("circleci", {"oidc.circleci.com/vcs-ref": "refs/pull/7/head"}),
        ],
    )
    def test_are_refused_unless_a_rule_names_that(self, ci: Exchange, system: str, changes: dict[str, Any]) -> None:
        plain = {name: value for name, value in MATCH[system].items() if name not in changes}
        first = ci.world.get("/v1/trust").json()["items"][0]
        ci.world.call("DELETE", f"/v1/trust/{first['id']}")
        wide = ci.rule(system, match=plain)
        assert ci.ask(ci.job(system, jti="1")).status_code == 200
        refused(ci.ask(ci.job(system, jti="2", **changes)))
        assert "others may have started" in ci.told()[0]["because"]
        ci.world.call("DELETE", f"/v1/trust/{wide['id']}")
        named = {name: "true" if value is True else value for name, value in changes.items()}
        ci.rule(system, match=plain | named)
        assert ci.ask(ci.job(system, jti="3", **changes)).status_code == 200

    def test_a_repository_that_took_the_name(self, ci: Exchange) -> None:
        refused(ci.ask(ci.job(repository_id="75")))
        refused(ci.ask(ci.job(repository_owner_id="66")))
        refused(ci.ask(ci.job(repository_id=None)))
        assert [each["because"].split(": ")[1] for each in reversed(ci.told())] == [
            "repository_id differ",
            "repository_owner_id differ",
            "repository_id differ",
        ]

    def test_a_rule_on_names_alone_takes_no_token_that_has_numbers(self, ci: Exchange) -> None:
        """The issuer's address doesn't tell the system, nor does what the rule names."""
        other = Exchange(ci.world.another(), ci.issuer)
        other.rule(match={"ref": "main", "environment": "production"})
        refused(other.ask(other.job("gitlab")))
        assert "it must name project_id, namespace_id too" in other.told()[0]["because"]


class TestOutgoingCalls:
    def test_an_issuer_that_no_rule_names_is_never_called(self, ci: Exchange, clock: Clock) -> None:
        with serving() as attacker, socket.create_server(("127.0.0.1", 0)) as listening:
            listening.settimeout(0.2)
            address = f"http://127.0.0.1:{listening.getsockname()[1]}"
            for named in (attacker.url, address):
                for _ in range(5):
                    refused(ci.ask(ci.issuer.token(claims(ci, iss=named, jku=f"{named}/keys"), STRANGER)))
            with pytest.raises(TimeoutError):
                listening.accept()
            assert attacker.asked == []

    def test_a_flood_of_unknown_keys_makes_four(self, ci: Exchange) -> None:
        """The discovery document and the keys at first, and both once more for a key that isn't known."""
        for n in range(60):
            refused(ci.ask(ci.issuer.token(claims(ci), STRANGER, kid=f"unknown-{n}")))
        assert ci.issuer.asked == ["/.well-known/openid-configuration", "/keys"] * 2
        assert ci.ask(ci.job()).status_code == 200

    def test_while_the_issuer_is_away_it_is_not_asked_each_time(self, ci: Exchange) -> None:
        ci.issuer.down = True
        for _ in range(10):
            refused(ci.ask(ci.job()))
        assert len(ci.issuer.asked) == 1
        ci.issuer.down = False
        ci.world.clock.forward(seconds=31)
        assert ci.ask(ci.job()).status_code == 200

    def test_keys_elsewhere_in_the_operators_network_are_not_fetched(self, ci: Exchange) -> None:
        with serving() as inside:
            ci.issuer.document["jwks_uri"] = f"{inside.url}/keys"
            refused(ci.ask(ci.job()))
            assert inside.asked == []


class TestForms:
    FORM = (("grant_type", GRANT), ("subject_token", "t"), ("subject_token_type", JWT))

    def send(self, ci: Exchange, body: bytes, media: str = "application/x-www-form-urlencoded", **headers: str) -> Any:
        return ci.world.call("POST", "/v1/token", token=None, content=body, headers={"Content-Type": media} | headers)

    WRONGLY: ClassVar[list[tuple[dict[str, str | None], str]]] = [
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
        ({"grant_type": None}, "invalid_request"),
        ({"subject_token": None}, "invalid_request"),
        ({"subject_token": ""}, "invalid_request"),
        ({"subject_token_type": None}, "invalid_request"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:access_token"}, "invalid_request"),
        ({"subject_token_type": "jwt"}, "invalid_request"),
        ({"requested_token_type": JWT}, "invalid_request"),
        ({"actor_token": "x", "actor_token_type": JWT}, "invalid_request"),
        ({"actor_token": "x"}, "invalid_request"),
        ({"audience": "https://elsewhere.example"}, "invalid_target"),
        ({"resource": "https://elsewhere.example"}, "invalid_target"),
        ({"audience": f"{BASE}/orgs/\x00"}, "invalid_target"),
        ({"audience": f"{BASE}/org"}, "invalid_target"),
        ({"scope": "no:such"}, "invalid_scope"),
    ]

    def test_what_is_asked_wrongly(self, ci: Exchange) -> None:
        for changes, error in self.WRONGLY:
            refused(ci.ask(ci.job(), **changes), error)
        assert ci.world.count("token_exchange") == 0

    def test_bodies_that_are_no_form(self, ci: Exchange) -> None:
        form = b"&".join(f"{name}={value}".encode() for name, value in self.FORM)
        for body in (b"", b"{}", b"=", b"a", form + b"&", b"\xff" + form, form + b"&x=%ff", form + b"&" + b"x=1&" * 40):
            refused(self.send(ci, body))
        refused(self.send(ci, form + b"&subject_token=u"))
        refused(self.send(ci, form, **{"Content-Encoding": "gzip"}))
        refused(self.send(ci, form, **{"Idempotency-Key": "k"}))
        refused(self.send(ci, b"{}", "application/json"), status=415)
        refused(self.send(ci, form, "text/plain"), status=415)

    def test_what_is_too_large(self, ci: Exchange) -> None:
        refused(ci.ask(ci.job(filler="x" * 16_384)))
        refused(ci.ask(ci.issuer.token(claims(ci), filler="x" * 16_384)))
        refused(self.send(ci, b"subject_token=" + b"x" * 70_000), status=413)
        assert ci.issuer.asked == []

    def test_in_the_query_it_is_not_looked_for(self, ci: Exchange) -> None:
        answer = ci.world.call("POST", "/v1/token", token=None, params={"subject_token": ci.job()}, data={"a": "b"})
        refused(answer, status=422)

    def test_too_often(self, issuer: Issuer, settings: Settings, clock: Clock, tmp_path: Path) -> None:
        clock.now = START
        with exchanging(settings.database, tmp_path, clock, issuer, failures_per_minute=3) as ci:
            ci.rule()
            for _ in range(3):
                refused(ci.ask("x"))
            answer = ci.ask(ci.job())
            refused(answer, status=429)
            assert int(answer.headers["retry-after"]) in range(1, 61)
        with exchanging(settings.database, tmp_path, clock, issuer, anonymous_per_second=1) as ci:
            ci.rule()
            statuses = [ci.ask(ci.job()).status_code for _ in range(8)]
            assert 429 in statuses

    def test_nothing_of_a_token_is_shown(self, ci: Exchange, caplog: pytest.LogCaptureFixture) -> None:
        token = ci.job(repository_id="75")
        answer = ci.ask(token)
        for part in token.split("."):
            assert part not in answer.text + caplog.text
            assert part not in json.dumps(ci.told())
        assert "octocat" not in json.dumps(ci.told())


class TestAtOnce:
    def test_no_more_than_twenty(self, ci: Exchange) -> None:
        token = ci.job()
        with ThreadPoolExecutor(8) as pool:
            statuses = sorted(answer.status_code for answer in pool.map(lambda _: ci.ask(token), range(28)))
        assert statuses == [200] * 20 + [400] * 8
        assert ci.world.count("token_exchange") == 20
        assert ci.world.count("token_run") == 20
        assert ci.world.audited().count("token.exchanged") == 20
        assert ci.world.audited().count("exchange.refused") == 8


class TestWithTheTokenGiven:
    """It submits, for its subjects, and nothing else."""

    @pytest.fixture
    def secret(self, ci: Exchange) -> str:
        return ci.given(ci.job())

    def test_no_other_subject(self, ci: Exchange, secret: str) -> None:
        path = ci.world.release()
        body = {"type": "unit-tests", "data": report()}
        problem(ci.world.post(f"{path}/evidence", body, token=secret), 403, "outside_token_subjects")
        problem(ci.world.get(path, token=secret), 403, "outside_token_subjects")

    def test_no_revocation_no_policy_no_attribute(self, ci: Exchange, secret: str) -> None:
        world = ci.world
        name = world.subject(world.fresh("fraud"))
        path = world.release(name)
        sent = world.post(f"{path}/evidence", {"type": "unit-tests", "data": report()}, token=secret).json()
        reason = {"reason": "x"}
        problem(world.post(f"/v1/evidence/{sent['id']}/revocation", reason, token=secret), 403, "missing_scope")
        problem(world.post("/v1/policies", document("mine"), token=secret), 403, "missing_scope")
        changed = {"kind": "model", "team": "risk", "attributes": {"regulated": False}, "policy": "acceptance@^1"}
        problem(world.put(f"/v1/subjects/{name}", changed, token=secret), 403, "missing_scope")
        problem(world.post(f"{path}/policy", {"version": "1.0.0"} | reason, token=secret), 403, "missing_scope")
        problem(world.post(f"/v1/subjects/{name}/retirement", reason, token=secret), 403, "missing_scope")

    def test_no_token_no_role_no_rule(self, ci: Exchange, secret: str) -> None:
        world = ci.world
        dana = world.person("dana")
        mine = world.get("/v1/me", token=secret).json()["token"]["id"]
        for method, path, body in (
            ("POST", "/v1/tokens", {"name": "x", "principal": "ci", "scopes": ["read"]}),
            ("POST", f"/v1/tokens/{mine}/rotation", {}),
            ("DELETE", f"/v1/tokens/{mine}", None),
            ("POST", f"/v1/people/{dana}/roles", {"role": "legal", "reason": "x"}),
            ("PUT", f"/v1/people/{dana}", {"display_name": "D"}),
            ("PUT", "/v1/tools/ci", {"owner": dana}),
            ("POST", f"/v1/people/{dana}/enrolment", {"scopes": ["read"]}),
            ("POST", "/v1/orgs", {"org": "mine", "title": "x"}),
            ("GET", "/v1/audit", None),
        ):
            sent = {} if body is None else {"json": body}
            problem(world.call(method, path, token=secret, **sent), 403)
        rule = {"name": "x", "use": "exchange", "issuer": ci.issuer.url, "match": MATCH["jenkins"]}
        wider = rule | {"principal": "ci", "scopes": ["read"], "subjects": ["*"]}
        problem(world.post("/v1/trust", wider, token=secret), 403, "missing_scope")

    def test_no_exchange_of_its_own(self, ci: Exchange, secret: str) -> None:
        refused(ci.ask(secret))


class TestRulesThatCannotBe:
    def test_as_a_person_or_as_the_server(self, ci: Exchange) -> None:
        person = ci.world.person()
        for principal in (person, "bootstrap", "phasegate", "operator"):
            body = {"name": "x", "use": "exchange", "issuer": ci.issuer.url, "match": MATCH["jenkins"]}
            body |= {"principal": principal, "scopes": ["read"], "subjects": ["*"]}
            problem(ci.world.post("/v1/trust", body), 422, path="principal")

    def test_a_tool_that_became_none_gets_nothing(self, ci: Exchange) -> None:
        """Names are of one kind for good: a person can't take a tool's."""
        assert ci.ask(ci.job()).status_code == 200
        assert ci.world.put("/v1/people/ci", {"display_name": "C"}).status_code == 409


def test_many_at_first_make_one_call(ci: Exchange) -> None:
    with ThreadPoolExecutor(10) as pool:
        statuses = {answer.status_code for answer in pool.map(lambda n: ci.ask(ci.job(jti=str(n))), range(10))}
    assert statuses == {200}
    assert ci.issuer.asked == ["/.well-known/openid-configuration", "/keys"]
