"""`phasegate signoff` and `phasegate waive`: against a real server, and against answers that can't be trusted."""

import json
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from phasegate.engine.instants import rfc3339
from tests.clients.conftest import Ended, Run, Server
from tests.support.desk import Desk, desk
from tests.support.loopback import Loopback
from tests.support.policies import report

ON = ("model-x", "1.0.0")
COVERS = "sha256:" + "0" * 64
GIVEN = {
    "id": "01890000-0000-7000-8000-000000000000",
    "criterion": "business-review",
    "role": "model-owner",
    "verdict": "approve",
    "by": "mia",
    "at": "2026-11-24T12:00:00Z",
    "state": "in-force",
    "covers": COVERS,
}
SIGN = ("signoff", *ON, "--role", "model-owner", "--approve", "--covers", COVERS)
WAIVER = {
    "id": "01890000-0000-7000-8000-000000000000",
    "criterion": "tests-pass",
    "granted_by": "lee",
    "expires_at": "2026-12-01T00:00:00Z",
    "state": "in-force",
}
WAIVE = ("waive", *ON, "tests-pass", "--reason", "x", "--until", "2026-12-01T00:00:00Z")


class Terminal:
    """A desk, and the command at it."""

    def __init__(self, at: Desk, phasegate: Run) -> None:
        self.at = at
        self._phasegate = phasegate

    def __call__(self, token: str, *arguments: str) -> Ended:
        ended = self._phasegate(*arguments, PHASEGATE_URL=str(self.at.world.http.base_url), PHASEGATE_TOKEN=token)
        assert token not in ended.out + ended.err
        return ended

    def covers(self) -> str:
        """The digest that the command shows for the model owner."""
        shown = self(self.at.mia, "signoff", *ON).out
        (found,) = re.findall(r"--role model-owner .*--covers (sha256:[0-9a-f]{64})", shown)
        return str(found)


@pytest.fixture
def terminal(loopback_server: Loopback, phasegate: Run) -> Iterator[Terminal]:
    with loopback_server.world() as world:
        yield Terminal(desk(world), phasegate)


class TestSigning:
    def test_what_it_shows_can_be_copied_and_acknowledges_nothing(self, terminal: Terminal) -> None:
        shown = terminal(terminal.at.mia, "signoff", *ON)
        assert (shown.code, shown.err) == (0, "")
        assert "--acknowledge limits: I know what the model can't do." in shown.out
        assert "who may: mia" in shown.out
        of_one_role = shown.out.split("wanted  ")[1]
        records = [each.split()[2] for each in of_one_role.splitlines() if each.startswith("  covers: ")]
        assert records
        assert len(records) == len(set(records))
        line = next(each for each in shown.out.splitlines() if "--role model-owner" in each)
        copied = shlex.split(line.partition(" --acknowledge ")[0])[1:]
        refused = terminal(terminal.at.mia, *copied)
        assert refused.code == 2
        assert "I know what the model can't do." in refused.err
        assert "mend: add --acknowledge ID for each sentence that you confirm" in refused.err
        signed = terminal(terminal.at.mia, *copied, "--acknowledge", "limits", "--comment", "fine")
        assert (signed.code, signed.err) == (0, "")
        assert signed.out.startswith("signed  approve of business-review as model-owner by mia at ")
        again = terminal(terminal.at.mia, *copied, "--acknowledge", "limits", "--comment", "fine")
        assert again.out.startswith("signed before  ")
        (item,) = terminal.at.listed()["items"]
        assert (item["covers_shown"], item["acknowledged"], item["comment"]) == (True, ["limits"], "fine")

    def test_stale(self, terminal: Terminal) -> None:
        covers = terminal.covers()
        terminal.at.world.submit(terminal.at.path, data=report(7))
        arguments = ("--role", "model-owner", "--approve", "--covers", covers, "--acknowledge", "limits")
        refused = terminal(terminal.at.mia, "signoff", *ON, *arguments)
        assert refused.code == 2
        assert "mend: look again with: phasegate signoff" in refused.err

    def test_who_may_not(self, terminal: Terminal) -> None:
        arguments = ("--role", "model-owner", "--reject", "--covers", terminal.covers())
        refused = terminal(terminal.at.ben, "signoff", *ON, *arguments)
        assert refused.code == 3
        assert "who does: mia" in refused.err
        refused = terminal(terminal.at.world.admin, "signoff", *ON, *arguments)
        assert "mend: use a token of your own, not that of a tool" in refused.err

    def test_taking_it_back(self, terminal: Terminal) -> None:
        given = terminal.at.sign(terminal.at.mia, "model-owner")
        gone = terminal(terminal.at.mia, "signoff", *ON, "--withdraw", given["id"], "--reason", "too early")
        assert (gone.code, gone.out.split()[0]) == (0, "withdrawn")
        assert "withdrawn  approve of business-review" in terminal(terminal.at.mia, "signoff", *ON).out

    def test_what_changed_is_told(self, terminal: Terminal) -> None:
        terminal.at.both()
        assert "no sign-off is wanted" in terminal(terminal.at.mia, "signoff", *ON).out
        terminal.at.world.submit(terminal.at.path, data=report(7))
        shown = terminal(terminal.at.mia, "signoff", *ON).out
        assert "changed: unit-tests at 2" in shown
        assert "since the last verdict: unit-tests at 2" in shown

    def test_who_changes_his_mind_is_shown_how(self, terminal: Terminal) -> None:
        terminal.at.both()
        shown = terminal(terminal.at.ben, "signoff", *ON).out
        line = next(each for each in shown.splitlines() if "--role business-owner" in each)
        assert terminal(terminal.at.ben, *shlex.split(line)[1:]).out.startswith("signed  reject of business-review")


class TestWaiving:
    def test_grant_list_revoke(self, terminal: Terminal) -> None:
        lee, until = terminal.at.lee, rfc3339(datetime.now(UTC) + timedelta(days=1))
        arguments = ("waive", *ON, "tests-pass", "--reason", "for once", "--until", until)
        granted = terminal(lee, *arguments)
        assert (granted.code, granted.err) == (0, "")
        assert granted.out.startswith("waived  tests-pass until ")
        assert terminal(lee, *arguments).out.startswith("waived before  ")
        shown = terminal(lee, "waive", *ON).out
        assert shown.startswith("in-force, not used  tests-pass until ")
        (identifier,) = re.findall(r"\(([0-9a-f-]{36})\)", shown)
        gone = terminal(lee, "waive", *ON, "--revoke", identifier, "--reason", "mended")
        assert (gone.code, gone.out.split()[0]) == (0, "revoked")

    def test_ask(self, terminal: Terminal) -> None:
        until = rfc3339(datetime.now(UTC) + timedelta(days=1))
        asked = terminal(terminal.at.mia, "waive", *ON, "tests-pass", "--reason", "x", "--until", until, "--request")
        assert (asked.code, asked.out.split()[:2]) == (0, ["asked", "for"])
        assert terminal.at.world.count("waiver") == 0

    def test_refusals_name_what_is_wrong(self, terminal: Terminal) -> None:
        far = rfc3339(datetime.now(UTC) + timedelta(days=31))
        refused = terminal(terminal.at.lee, "waive", *ON, "tests-pass", "--reason", "x", "--until", far)
        assert refused.code == 2
        assert "the policy allows at most 30 days" in refused.err


class TestWrongUse:
    @pytest.mark.parametrize(
        "arguments",
        [
            ("signoff", *ON, "--approve"),
            ("signoff", *ON, "--approve", "--role", "r"),
            (*SIGN, "--reject"),
            ("signoff", *ON, "--approve", "--covers", COVERS),
            ("signoff", *ON, "--approve", "--role", "r", "--covers", "sha256:0"),
            ("signoff", *ON, "--acknowledge", "limits"),
            ("signoff", *ON, "--role", "r"),
            ("signoff", *ON, "--withdraw", GIVEN["id"]),
            ("signoff", *ON, "--withdraw", "../x", "--reason", "x"),
            ("signoff", *ON, "--withdraw", GIVEN["id"], "--reason", "x", "--approve"),
            ("signoff", "model-x"),
            ("waive", *ON, "tests-pass"),
            ("waive", *ON, "tests-pass", "--reason", "x"),
            ("waive", *ON, "tests-pass", "--until", "2026-12-01T00:00:00Z"),
            ("waive", *ON, "--reason", "x"),
            ("waive", *ON, "--revoke", WAIVER["id"]),
            ("waive", *ON, "--revoke", "../x", "--reason", "x"),
        ],
    )
    def test_nothing_is_asked(self, server: Server, inside: Run, arguments: tuple[str, ...]) -> None:
        assert inside(*arguments).code == 2
        assert server.asked == []


class TestAnswersThatCanNotBeTrusted:
    @pytest.mark.parametrize(
        "body",
        [
            b"<html>",
            [],
            {},
            GIVEN | {"verdict": "reject"},
            GIVEN | {"role": "legal"},
            GIVEN | {"covers": "sha256:" + "1" * 64},
        ],
    )
    def test_of_a_signature(self, server: Server, inside: Run, body: object) -> None:
        server.says(201, body)
        assert inside(*SIGN).code == 3

    @pytest.mark.parametrize("body", [[], {}, WAIVER | {"criterion": "other"}, WAIVER | {"state": "revoked"}])
    def test_of_a_waiver(self, server: Server, inside: Run, body: object) -> None:
        server.says(201, body)
        assert inside(*WAIVE).code == 3

    def test_a_verdict_carries_what_was_said_and_a_key_of_its_own(self, server: Server, inside: Run) -> None:
        server.says(201, GIVEN)
        for _ in range(2):
            assert inside(*SIGN).code == 0
        first, second = server.asked
        assert json.loads(first.body) == {
            "role": "model-owner",
            "verdict": "approve",
            "acknowledged": [],
            "comment": "",
            "covers": COVERS,
        }
        assert first.headers["idempotency-key"] != second.headers["idempotency-key"]

    def test_names_that_a_shell_would_obey_get_into_no_command(self, server: Server, inside: Run) -> None:
        wanted = {
            "criterion": "x;rm -rf /",
            "role": "$(reboot)",
            "covers": COVERS,
            "covered": [],
            "acknowledge": {"a": "\x1b[2Jb"},
            "eligible": [],
            "barred": [{"person": "x\ny", "because": "z"}],
        }
        server.says(200, {"items": [], "wanted": [wanted]})
        shown = inside("signoff", *ON)
        assert shown.code == 0
        assert "phasegate signoff" not in shown.out
        assert "\x1b" not in shown.out
