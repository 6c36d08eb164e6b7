"""What tokens of CI systems say: which system, what a rule must name, what is kept, who started it."""

import base64
import json

import pytest

from phasegate.identity import ci
from phasegate.identity.jwt import take_apart
from tests.support.jobs import ACTORS, JOBS, MATCH

ISSUERS = {
    "https://token.actions.githubusercontent.com": "GitHub",
    "https://token.actions.githubusercontent.com/acme": "GitHub",
    "https://token.actions.acme.ghe.com": "GitHub",
    "https://ghe.example/_services/token": "GitHub",
    "https://gitlab.com": "GitLab",
    "https://gitlab.example.com": "GitLab",
    "https://my-gitlab.example/sub": "GitLab",
    "https://agent.buildkite.com": "Buildkite",
    "https://oidc.circleci.com/org/11111111-1111-4111-8111-111111111111": "CircleCI",
    "https://oidc.circleci.com": "CircleCI",
    "https://jenkins.example.com/oidc": None,
    "https://accounts.example.com": None,
}


class TestSystem:
    @pytest.mark.parametrize(("issuer", "name"), ISSUERS.items())
    def test_by_its_issuer(self, issuer: str, name: str | None) -> None:
        found = ci.system(issuer, ())
        assert (found.name if found else None) == name

    @pytest.mark.parametrize(
        ("system", "name"),
        [("github", "GitHub"), ("gitlab", "GitLab"), ("buildkite", "Buildkite"), ("circleci", "CircleCI")],
    )
    def test_on_a_server_of_ones_own_by_its_claims(self, system: str, name: str) -> None:
        found = ci.system("https://ci.example", JOBS[system])
        assert found is not None
        assert found.name == name
        assert set(found.immutable) <= set(JOBS[system])
        assert ci.missing("https://ci.example", JOBS[system], MATCH[system]) == ()
        assert ci.missing("https://ci.example", JOBS[system], {"sub"}) == found.immutable

    @pytest.mark.parametrize("system", ["jenkins", "other"])
    def test_of_others_nothing_is_known(self, system: str) -> None:
        assert ci.system("https://ci.example", JOBS[system]) is None
        assert ci.missing("https://ci.example", JOBS[system], {"sub"}) == ()

    def test_the_issuer_goes_before_what_a_token_says_beside(self) -> None:
        found = ci.system("https://gitlab.com", JOBS["github"])
        assert found is not None
        assert found.name == "GitLab"


class TestTexts:
    def test_systems_write_either(self) -> None:
        claims = {"a": "true", "b": True, "c": False, "d": 74, "e": "74", "f": -1}
        assert ci.texts(claims) == {"a": "true", "b": "true", "c": "false", "d": "74", "e": "74", "f": "-1"}

    def test_what_has_no_one_text_is_left_out(self) -> None:
        assert ci.texts({"a": None, "b": [], "c": ["x"], "d": {}, "e": 1.0, "f": 1.5}) == {}


class TestStartedByOthers:
    @pytest.mark.parametrize("system", JOBS)
    def test_not_as_a_rule(self, system: str) -> None:
        assert ci.started_by_others(ci.texts(JOBS[system]), ()) is None

    def test_each_has_to_be_named(self) -> None:
        claims = {"event_name": "pull_request", "ref": "refs/pull/7/merge"}
        assert ci.started_by_others(claims, {"event_name"}) == "ref"
        assert ci.started_by_others(claims, {"event_name", "ref"}) is None

    def test_a_shell(self) -> None:
        name = "oidc.circleci.com/ssh-rerun"
        assert ci.started_by_others({name: "false"}, ()) is None
        for value in ("true", "True", "", "yes"):
            assert ci.started_by_others({name: value}, ()) == name


class TestKept:
    @pytest.mark.parametrize("system", JOBS)
    def test_nobody_is_named(self, system: str) -> None:
        claims = ci.texts(JOBS[system])
        found = ci.kept("https://ci.example", claims, (*MATCH[system], "actor", "user_email", "user_id"))
        assert found["iss"] == "https://ci.example"
        assert set(MATCH[system].items()) <= set(found.items())
        assert not {"octocat", "sample-user", "u@example.com"} & set(found.values())
        assert not {"actor", "actor_id", "user_id", "user_login", "user_email"} & set(found)

    def test_neither_what_is_empty_nor_what_is_no_text_for_a_page(self) -> None:
        claims = {"ref": "", "sha": "a\x00b", "run_id": "\ud800", "environment": "x" * 1_025, "repository_id": "7"}
        assert ci.kept("https://x", claims, ()) == {"iss": "https://x", "repository_id": "7"}

    def test_a_claim_that_nobody_named_is_not(self) -> None:
        assert ci.kept("https://x", {"sub": "a", "note": "free text", "build_number": "3"}, ("sub",)) == {
            "iss": "https://x",
            "sub": "a",
            "build_number": "3",
        }


class TestPeople:
    @pytest.mark.parametrize(("system", "actor"), ACTORS.items())
    def test_who_started_it(self, system: str, actor: str) -> None:
        assert actor in ci.people(ci.texts(JOBS[system]))

    def test_what_can_be_no_name_is_nobody(self) -> None:
        assert ci.people({"actor_id": "\x00", "user_id": "\ud800"}) == ()


class TestProof:
    def proof(self, claims: dict[str, object], signature: str = "c2ln", iss: str = "https://x") -> str:
        header, body = (
            base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
            for part in ({"alg": "RS256"}, {"iss": iss} | claims)
        )
        unverified = take_apart(f"{header}.{body}.{signature}")
        return ci.proof(unverified, unverified.claims)

    def test_by_its_id_whatever_else_it_says(self) -> None:
        assert self.proof({"jti": "1", "a": 1}) == self.proof({"jti": "1", "a": 2})
        assert self.proof({"jti": "1"}) != self.proof({"jti": "2"})
        assert self.proof({"jti": "1"}) != self.proof({"jti": "1"}, iss="https://y")

    def test_else_by_what_was_signed(self) -> None:
        assert self.proof({"a": 1}) == self.proof({"a": 1}, "b3RoZXI")
        assert self.proof({"a": 1}) != self.proof({"a": 2})
        for none in ("", None, 7):
            assert self.proof({"jti": none, "a": 1}) != self.proof({"jti": none, "a": 2})
