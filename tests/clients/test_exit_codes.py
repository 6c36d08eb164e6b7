"""The exit code table, row by row, as a pipeline sees it: the hostile answers first."""

import os
import signal
import socket
import subprocess
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from phasegate_ci import exits
from tests.clients.conftest import GATE, SCRIPT, Answer, Run, Server, decision, phase

SUBMIT = ("submit", "churn-scorer", "2.1.0", "report.xml", "--type", "edge-case-tests")
REGISTER = ("register", "churn-scorer", "2.1.0", "--artifact", "sha256:" + "a" * 64)


@pytest.fixture(autouse=True)
def report(tmp_path: Path) -> None:
    (tmp_path / "report.xml").write_text("<testsuite/>")


def without(field: str) -> dict[str, object]:
    return {key: value for key, value in decision().items() if key != field}


def contradicting() -> dict[str, object]:
    return decision(phases=[phase("data-readiness", "open"), phase("model-validation", "passed")])


class TestTheTableAsAPipelineSeesIt:
    """Each row by a real process; the classes below go through the cases of a row."""

    @pytest.mark.parametrize(
        ("status", "body", "code"),
        [
            pytest.param(200, decision(), 0, id="go"),
            pytest.param(200, decision("no-go"), 1, id="no-go"),
            pytest.param(404, {"detail": "There is no release 2.1.0."}, 2, id="unknown release"),
            pytest.param(422, {"detail": "There is no such gate."}, 2, id="unknown gate"),
            pytest.param(401, {"detail": "No token."}, 3, id="no token"),
            pytest.param(403, {"detail": "Not yours."}, 3, id="wrong token"),
            pytest.param(429, {"detail": "Too many."}, 3, id="too many questions"),
            pytest.param(500, decision(), 3, id="500 with a go"),
            pytest.param(503, b"<html>", 3, id="a proxy without a server"),
            pytest.param(302, decision(), 3, id="a redirect to another host"),
            pytest.param(200, b"<html>Log in</html>", 3, id="a log-in page"),
            pytest.param(200, [decision()], 3, id="a list"),
            pytest.param(200, decision("GO"), 3, id="GO"),
            pytest.param(200, decision(subject="other-scorer"), 3, id="another subject"),
        ],
    )
    def test_of_the_gate(self, server: Server, phasegate: Run, status: int, body: object, code: int) -> None:
        server.says(status, body, Location="http://localhost:1/v1")
        assert phasegate(*GATE).code == code

    def test_of_files_that_are_not_the_release(self, server: Server, phasegate: Run) -> None:
        server.says(200, decision())
        ended = phasegate(*GATE, "--artifact", "report.xml")
        assert ended.code == 1
        assert ended.out.splitlines()[-1] == "model-validation: no-go"

    def test_of_wrong_use(self, phasegate: Run) -> None:
        assert phasegate("gate", "churn-scorer").code == 2

    def test_of_submit_and_register(self, server: Server, phasegate: Run) -> None:
        server.says(201, {"id": "1", "type": "edge-case-tests", "affects": [], "warnings": []})
        server.says(201, {"version": "2.1.0"})
        assert (phasegate(*SUBMIT).code, phasegate(*REGISTER).code) == (0, 0)


class TestAnAnswerThatCannotBeTrustedIsNoAnswer:
    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(b"<html>Log in</html>", id="html"),
            pytest.param([decision()], id="a list"),
            pytest.param(b"", id="nothing"),
            pytest.param(b'"go"', id="a string"),
            pytest.param({"outcome": "go"}, id="the outcome alone"),
            pytest.param(b"[" * 100_000, id="very deep"),
            pytest.param(b'{"outcome": "go\xff"}', id="not UTF-8"),
            pytest.param(decision("GO"), id="GO"),
            pytest.param(decision("yes"), id="yes"),
            pytest.param(decision(True), id="true"),
            pytest.param(decision(["go"]), id="a list of go"),
            pytest.param(decision(subject="other-scorer"), id="another subject"),
            pytest.param(decision(release="2.0.0"), id="another release"),
            pytest.param(decision(gate="launch"), id="another gate"),
            pytest.param(without("subject"), id="no subject"),
            pytest.param(without("artifacts"), id="no artifacts"),
            pytest.param(without("phases"), id="no phases"),
            pytest.param(decision(phases=[]), id="go without a phase"),
            pytest.param(decision(phases=[phase("monitoring", "passed")]), id="go without the gate's phase"),
            pytest.param(contradicting(), id="go with an open phase before the gate"),
        ],
    )
    def test_with_status_200(self, server: Server, inside: Run, body: object) -> None:
        server.says(200, body)
        ended = inside(*GATE)
        assert ended.code == exits.NO_ANSWER
        assert ended.out == ""
        assert "mend: " in ended.err

    @pytest.mark.parametrize("status", [201, 202, 204, 226, 301, 302, 307, 308, 304])
    def test_with_another_status_than_200(self, server: Server, inside: Run, status: int) -> None:
        server.says(status, b"" if status in (204, 304) else decision(), Location="http://127.0.0.1:1/")
        assert inside(*GATE).code == exits.NO_ANSWER

    def test_a_redirect_is_not_followed(self, server: Server, inside: Run) -> None:
        server.says(307, b"", Location=f"{server.url}/elsewhere").says(200, decision())
        ended = inside(*GATE)
        assert ended.code == exits.NO_ANSWER
        assert len(server.asked) == 1

    @pytest.mark.parametrize("length", [100, 10_000_000])
    def test_a_body_cut_short(self, server: Server, inside: Run, length: int) -> None:
        server.answers.append(cut_short(length))
        ended = inside(*GATE)
        assert ended.code == exits.NO_ANSWER
        assert ended.out == ""

    def test_an_endless_body(self, server: Server, inside: Run) -> None:
        server.answers.append(endless)
        ended = inside(*GATE)
        assert (ended.code, "larger than" in ended.err) == (exits.NO_ANSWER, True)

    @pytest.mark.parametrize("body", [b"<html/>", [1], {"id": "1"}], ids=["html", "list", "another"])
    def test_a_receipt_that_is_none(self, server: Server, inside: Run, body: object) -> None:
        server.says(201, body)
        assert inside(*SUBMIT).code == exits.NO_ANSWER

    def test_a_receipt_for_another_type(self, server: Server, inside: Run) -> None:
        server.says(201, {"id": "1", "type": "load-test", "affects": [], "warnings": []})
        assert inside(*SUBMIT).code == exits.NO_ANSWER

    @pytest.mark.parametrize("body", [b"<html/>", [], {"version": "9.9.9"}], ids=["html", "list", "another"])
    def test_a_registration_that_is_none(self, server: Server, inside: Run, body: object) -> None:
        server.says(201, body)
        assert inside(*REGISTER).code == exits.NO_ANSWER


class TestNoAnswer:
    @pytest.mark.parametrize("status", [401, 403, 405, 408, 418, 429, 500, 502, 503, 504])
    def test_from_a_server_that_says(self, server: Server, inside: Run, status: int) -> None:
        server.says(status, decision())
        ended = inside(*GATE)
        assert (ended.code, ended.out) == (exits.NO_ANSWER, "")

    def test_from_nobody(self, phasegate: Run) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{unused.getsockname()[1]}"
            ended = phasegate(*GATE, PHASEGATE_URL=url)
        assert ended.code == exits.NO_ANSWER
        assert f"no answer from {url}" in ended.err
        assert "mend: set PHASEGATE_URL to the server's address, or start one with: phasegate serve" in ended.err

    def test_from_a_name_that_does_not_exist(self, phasegate: Run) -> None:
        assert phasegate(*GATE, PHASEGATE_URL="http://phasegate.invalid").code == exits.NO_ANSWER

    @pytest.mark.parametrize("pause", [30, 0.05], ids=["silent", "a byte now and then"])
    def test_in_time(self, server: Server, phasegate: Run, pause: float) -> None:
        server.answers.append(slow(pause))
        ended = phasegate("--timeout", 0.5, *GATE)
        assert ended.code == exits.NO_ANSWER
        assert "no answer within 0.5 s" in ended.err
        assert time.monotonic() - server.asked[0].at < 5

    def test_that_could_be_written(self, server: Server, environment: dict[str, str]) -> None:
        if not Path("/dev/full").exists():
            pytest.skip("this system has no full device")
        server.says(200, decision())
        with open("/dev/full", "wb") as full:
            ended = subprocess.run([SCRIPT, *GATE], env=environment, stdout=full, stderr=subprocess.PIPE, check=False)
        assert ended.returncode == exits.NO_ANSWER
        assert b"could not be written" in ended.stderr

    def test_from_a_broken_installation(self, phasegate: Run, tmp_path: Path) -> None:
        (tmp_path / "msgspec.py").write_text("raise RuntimeError('broken')")
        ended = phasegate(*GATE, PYTHONPATH=str(tmp_path))
        assert ended.code == exits.NO_ANSWER
        assert "RuntimeError: broken" in ended.err


class TestConnectionsThatFail:
    def test_are_tried_three_times(self, server: Server, phasegate: Run) -> None:
        server.answers.append(hang_up)
        assert phasegate(*GATE).code == exits.NO_ANSWER
        assert len(server.asked) == 3

    def test_and_then_succeed(self, server: Server, phasegate: Run) -> None:
        server.answers += [hang_up, cut_short(100)]
        server.says(200, decision())
        assert phasegate(*GATE).code == exits.DONE
        assert len(server.asked) == 3

    def test_send_the_same_again(self, server: Server, phasegate: Run) -> None:
        server.answers.append(hang_up)
        server.says(200, {"id": "1", "type": "edge-case-tests", "affects": [], "warnings": []})
        assert phasegate(*SUBMIT).code == exits.DONE
        first, second = server.asked
        assert (first.body, first.query) == (second.body, second.query) != (b"", {})


class TestWrongUse:
    @pytest.mark.parametrize("status", [400, 404, 409, 413, 415, 422])
    @pytest.mark.parametrize("command", [GATE, SUBMIT, REGISTER], ids=["gate", "submit", "register"])
    def test_says_the_server(self, server: Server, inside: Run, command: tuple[str, ...], status: int) -> None:
        server.says(status, {"detail": "No."}, "application/problem+json")
        ended = inside(*command)
        assert (ended.code, ended.out) == (exits.WRONG_USE, "")
        assert ended.err.startswith("phasegate: No.\n")

    @pytest.mark.parametrize(
        "arguments",
        [
            [],
            ["gat"],
            ["gate"],
            ["gate", "churn-scorer"],
            ["gate", "../v1", "2.1.0"],
            ["gate", "churn-scorer", ".."],
            ["gate", "churn-scorer", "2.1.0/x"],
            ["gate", "churn-scorer", "2.1.0?at=1"],
            ["gate", "churn-scorer", "2.1.0", "--gate", "Launch"],
            ["gate", "churn-scorer", "2.1.0", "--format", "yaml"],
            ["gate", "churn-scorer", "2.1.0", "--artifact", "absent.onnx"],
            ["gate", "churn-scorer", "2.1.0", "--artifact", "sha256:AA"],
            ["--timeout", "0", *GATE],
            ["--token-file", "absent", *GATE],
            ["--url", "ftp://127.0.0.1", *GATE],
            ["--url", "127.0.0.1:8600", *GATE],
            ["--url", "http://me:hunter2@127.0.0.1", *GATE],
            ["--url", "http://[", *GATE],
            ["--url", "http://a b", *GATE],
            ["submit", "churn-scorer", "2.1.0", "--type", "t"],
            ["submit", "churn-scorer", "2.1.0", "absent.xml", "--type", "t"],
            ["submit", "churn-scorer", "2.1.0", ".", "--type", "t"],
            ["submit", "churn-scorer", "2.1.0", "report.xml"],
            ["submit", "churn-scorer", "-", "report.xml", "--type", "t"],
            ["submit", "churn-scorer", "2.1.0", "report.xml", "--type", "t", "--context", "split"],
            ["submit", "churn-scorer", "2.1.0", "report.xml", "--type", "t", "--context", "a=1", "--context", "a=2"],
            ["submit", "churn-scorer", "2.1.0", "report.xml", "--type", "t", "--data"],
            ["submit", "churn-scorer", "2.1.0", "report.xml", "--type", "t", "--data", "--format", "junit"],
            ["register", "churn-scorer", "2.1.0"],
            ["register", "churn-scorer", "2.1.0", "--artifact", "=report.xml"],
            ["register", "churn-scorer", "2.1.0", "--artifact", "report.xml", "--artifact", "report.xml"],
            [*REGISTER, "--policy", "ml-deployment@^1", "--kind", "model"],
            [*REGISTER, "--attribute", "regulated=true"],
            [*REGISTER, "--policy", "p@1", "--kind", "k", "--team", "t", "--attribute", "n=99999999999999999999"],
        ],
        ids=lambda arguments: " ".join(arguments)[-60:],
    )
    def test_asks_nothing(self, server: Server, inside: Run, arguments: list[str]) -> None:
        server.says(200, decision())
        ended = inside(*arguments)
        assert (ended.code, ended.out, server.asked) == (exits.WRONG_USE, "", [])
        assert "hunter2" not in ended.err
        assert ended.err

    def test_a_token_of_several_lines_is_not_shown(self, server: Server, phasegate: Run) -> None:
        ended = phasegate(*GATE, PHASEGATE_TOKEN="pg_one\npg_two")
        assert (ended.code, server.asked) == (exits.WRONG_USE, [])
        assert "pg_" not in ended.err


class TestNoGo:
    def test_of_the_server(self, server: Server, phasegate: Run) -> None:
        server.says(200, decision("no-go"))
        assert phasegate(*GATE).code == exits.NO_GO

    def test_with_json(self, server: Server, phasegate: Run) -> None:
        server.says(200, decision("no-go"))
        ended = phasegate(*GATE, "--format", "json")
        assert (ended.code, ended.err) == (exits.NO_GO, "")


class TestGo:
    def test_is_zero(self, server: Server, phasegate: Run) -> None:
        server.says(200, decision())
        ended = phasegate(*GATE)
        assert (ended.code, ended.err) == (exits.DONE, "")

    def test_as_a_module(self, server: Server, environment: dict[str, str]) -> None:
        server.says(200, decision())
        command = [str(SCRIPT.with_name("python")), "-m", "phasegate_ci", *GATE]
        assert subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False).returncode == exits.DONE

    @pytest.mark.parametrize("outcome", ["go", "no-go"])
    def test_a_reader_that_has_gone_changes_nothing(
        self, server: Server, environment: dict[str, str], outcome: str
    ) -> None:
        server.says(200, decision(outcome))
        reading, writing = os.pipe()
        os.close(reading)
        try:
            ended = subprocess.run(
                [SCRIPT, *GATE], env=environment, stdout=writing, stderr=subprocess.PIPE, check=False
            )
        finally:
            os.close(writing)
        assert (ended.returncode, ended.stderr) == (exits.DONE if outcome == "go" else exits.NO_GO, b"")


def test_an_interrupted_run_is_neither(server: Server, environment: dict[str, str]) -> None:
    server.answers.append(slow(30))
    with subprocess.Popen(
        [SCRIPT, *GATE],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A job in the background of a shell inherits an ignored SIGINT; a person's doesn't.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as run:
        while not server.asked:
            assert run.poll() is None
            time.sleep(0.01)
        run.send_signal(signal.SIGINT)
        out, _ = run.communicate(timeout=60)
    assert (run.returncode, out) == (exits.INTERRUPTED, b"")


def test_help_and_version_are_done(phasegate: Run) -> None:
    assert phasegate("--version").out.startswith("phasegate, version ")
    assert [phasegate(command, "--help").code for command in ("gate", "submit", "register")] == [0, 0, 0]


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


def cut_short(length: int) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(length))
        handler.end_headers()
        handler.wfile.write(b'{"outcome": "go"}')

    return answer


def slow(pause: float) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "10000")
        handler.end_headers()
        ends = time.monotonic() + 3
        while time.monotonic() < ends:
            handler.wfile.write(b" ")
            time.sleep(min(pause, 3))

    return answer


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b" " * 1_000_000)
