"""A CI job without a stored secret: its own token is exchanged, and nothing of either is ever shown."""

import json
from urllib.parse import parse_qs

import pytest

from tests.clients.conftest import GATE, TOKEN, Ended, Run, Server, decision, plain

JOB_TOKEN = "eyJhbGciOi.job-token.of_the_test"
REQUEST_TOKEN = "secret-of-the-runner"
SECRETS = (JOB_TOKEN, REQUEST_TOKEN, "pgt_exchanged", "pgt_second")
EXCHANGED = {"access_token": "pgt_exchanged", "token_type": "Bearer", "expires_in": 900, "scope": "read"}


def form(server: Server, n: int) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(server.asked[n].body.decode()).items()}


def silent(ended: Ended) -> Ended:
    """No run shows a secret, whatever happens."""
    assert [secret for secret in SECRETS if secret in ended.out + ended.err] == []
    return ended


class TestInAnySystem:
    def test_its_token_is_exchanged_and_the_answer_used(self, server: Server, phasegate: Run) -> None:
        server.says(200, EXCHANGED).says(200, decision())
        ended = silent(phasegate(*GATE, PHASEGATE_TOKEN=None, PHASEGATE_ID_TOKEN=JOB_TOKEN))
        assert (ended.code, ended.err) == (0, "")
        exchange, ask = server.asked[:2]
        assert (exchange.method, exchange.path) == ("POST", "/v1/token")
        assert exchange.headers["content-type"] == "application/x-www-form-urlencoded"
        assert "authorization" not in exchange.headers
        assert form(server, 0) == {
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token": JOB_TOKEN,
            "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
        }
        assert ask.headers["authorization"] == "Bearer pgt_exchanged"

    def test_one_exchange_serves_all_that_a_command_asks(self, server: Server, phasegate: Run) -> None:
        server.says(200, EXCHANGED).says(200, decision("no-go"))
        ended = silent(phasegate(*GATE, PHASEGATE_TOKEN=None, PHASEGATE_ID_TOKEN=JOB_TOKEN))
        assert ended.code == 1
        assert [asked.path for asked in server.asked].count("/v1/token") == 1 < len(server.asked) - 1

    def test_a_token_that_was_given_goes_first(self, server: Server, phasegate: Run) -> None:
        server.says(200, decision())
        assert phasegate(*GATE, PHASEGATE_ID_TOKEN=JOB_TOKEN).code == 0
        assert server.asked[0].headers["authorization"] == f"Bearer {TOKEN}"

    def test_the_audience_can_name_the_organisation(self, server: Server, phasegate: Run) -> None:
        server.says(200, EXCHANGED).says(200, decision())
        audience = "https://gate.example.com/orgs/acme"
        changes = {"PHASEGATE_TOKEN": None, "PHASEGATE_ID_TOKEN": JOB_TOKEN, "PHASEGATE_AUDIENCE": audience}
        assert phasegate(*GATE, **changes).code == 0
        assert form(server, 0)["audience"] == audience

    def test_another_is_had_when_it_has_ended(self, server: Server, phasegate: Run) -> None:
        server.says(200, EXCHANGED).says(200, decision("no-go"))
        server.says(401, {"detail": "expired"}).says(200, EXCHANGED | {"access_token": "pgt_second"}).says(200, {})
        ended = silent(phasegate(*GATE, PHASEGATE_TOKEN=None, PHASEGATE_ID_TOKEN=JOB_TOKEN))
        assert ended.code == 1
        assert [asked.headers.get("authorization") for asked in server.asked] == [
            None,
            "Bearer pgt_exchanged",
            "Bearer pgt_exchanged",
            None,
            "Bearer pgt_second",
        ]

    def test_but_not_again_and_again(self, server: Server, phasegate: Run) -> None:
        server.says(200, EXCHANGED).says(401, {"detail": "the token is unknown"})
        ended = silent(phasegate(*GATE, PHASEGATE_TOKEN=None, PHASEGATE_ID_TOKEN=JOB_TOKEN))
        assert (ended.code, len(server.asked)) == (3, 2)

    @pytest.mark.parametrize("error", ["invalid_request", "invalid_target", "invalid_scope", "\x1b[2J"])
    def test_refused_it_is_no_answer_and_says_what_to_do(self, server: Server, phasegate: Run, error: str) -> None:
        server.says(400, {"error": error, "error_description": "the subject token has expired\x1b[2J"})
        ended = silent(phasegate(*GATE, PHASEGATE_TOKEN=None, PHASEGATE_ID_TOKEN=JOB_TOKEN))
        assert ended.code == 3
        assert "was not exchanged: the subject token has expired" in ended.err
        assert "  mend: " in ended.err
        assert "\x1b" not in ended.err
        assert len(server.asked) == 1

    @pytest.mark.parametrize(
        "body", [b"<html>", b"[]", b"{}", json.dumps({"access_token": "a b"}).encode(), b'{"access_token": 1}']
    )
    def test_an_answer_without_a_token_is_none(self, server: Server, phasegate: Run, body: bytes) -> None:
        server.says(200, body)
        assert silent(phasegate(*GATE, PHASEGATE_TOKEN=None, PHASEGATE_ID_TOKEN=JOB_TOKEN)).code == 3

    def test_too_often_says_so(self, server: Server, phasegate: Run) -> None:
        server.says(429, {"error": "invalid_request", "error_description": "try again in 4 s"})
        ended = silent(phasegate(*GATE, PHASEGATE_TOKEN=None, PHASEGATE_ID_TOKEN=JOB_TOKEN))
        assert (ended.code, "mend: wait a minute" in ended.err) == (3, True)

    def test_what_is_no_token_is_not_sent(self, server: Server, phasegate: Run) -> None:
        ended = phasegate(*GATE, PHASEGATE_TOKEN=None, PHASEGATE_ID_TOKEN="a b")
        assert (ended.code, server.asked) == (2, [])
        assert "PHASEGATE_ID_TOKEN" in ended.err


class TestInGitHub:
    def changes(self, server: Server) -> dict[str, str | None]:
        return {
            "PHASEGATE_TOKEN": None,
            "GITHUB_ACTIONS": "true",
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{server.url}/runner/idtoken?api-version=2.0",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": REQUEST_TOKEN,
        }

    def test_a_token_for_the_server_is_asked_for(self, server: Server, phasegate: Run) -> None:
        server.says(200, {"value": JOB_TOKEN, "count": 1}).says(200, EXCHANGED).says(200, decision())
        ended = silent(phasegate(*GATE, **self.changes(server)))
        assert (ended.code, ended.err) == (0, "")
        asked = server.asked[0]
        assert (asked.method, asked.path) == ("GET", "/runner/idtoken")
        assert asked.query == {"api-version": "2.0", "audience": server.url}
        assert asked.headers["authorization"] == f"Bearer {REQUEST_TOKEN}"
        assert form(server, 1)["subject_token"] == JOB_TOKEN
        assert REQUEST_TOKEN not in str([each.headers | {"": each.body.decode()} for each in server.asked[1:]])

    def test_for_another_audience_where_one_is_set(self, server: Server, phasegate: Run) -> None:
        server.says(200, {"value": JOB_TOKEN}).says(200, EXCHANGED).says(200, decision())
        audience = "https://gate.example.com/orgs/a&b"
        assert phasegate(*GATE, **self.changes(server), PHASEGATE_AUDIENCE=audience).code == 0
        assert server.asked[0].query["audience"] == form(server, 1)["audience"] == audience

    @pytest.mark.parametrize("status", [401, 403, 500])
    def test_refused_by_github(self, server: Server, phasegate: Run, status: int) -> None:
        server.says(status, b"no")
        ended = silent(phasegate(*GATE, **self.changes(server)))
        assert ended.code == 3
        assert "GitHub gave no token" in ended.err
        assert "id-token: write" in ended.err

    def test_a_job_that_may_not_ask(self, server: Server, phasegate: Run) -> None:
        ended = phasegate(*GATE, PHASEGATE_TOKEN=None, GITHUB_ACTIONS="true")
        assert (ended.code, server.asked) == (3, [])
        assert "id-token: write" in ended.err

    def test_no_redirect_takes_the_runners_secret_elsewhere(self, server: Server, phasegate: Run) -> None:
        server.answers.append(plain(302, b"", headers={"Location": f"{server.url}/elsewhere"}))
        assert silent(phasegate(*GATE, **self.changes(server))).code == 3
        assert [asked.path for asked in server.asked] == ["/runner/idtoken"]
