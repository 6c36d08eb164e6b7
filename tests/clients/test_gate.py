"""What `phasegate gate` asks, and what it shows."""

import json
import os
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from tests.clients.conftest import (
    GATE,
    POLICY,
    SCRIPT,
    SHA_A,
    SHA_B,
    TOKEN,
    Run,
    Server,
    criterion,
    decision,
    phase,
)

NO_GO = """\
NO-GO  churn-scorer 2.1.0  gate model-validation   (ml-deployment 1.0.0)
2 of 6 criteria stand between churn-scorer 2.1.0 and the gate model-validation

  ○ fairness  No evidence  (data-scientist)
      no evidence of type fairness-report was shown
      follows from: edge-cases

  ✗ edge-cases  Failed  (data-scientist)
      1 failed and 0 broken of 12 tests
      mend: Mend what the failing tests name. Then run all of them again.

  ◐ load  waived by lee until 2026-12-05T00:00:00Z: new hardware
  not satisfied, and not blocking (yet): explainability

  ✓ data-readiness    1 of 1
  ✗ model-validation  1 of 4  open

Stands until 2026-12-01T00:00:00Z (source-freshness expires)
First: mend edge-cases, then submit evidence of type edge-case-tests:  \
phasegate submit churn-scorer 2.1.0 FILE --type edge-case-tests --context split=VALUE
model-validation: no-go
"""

GO = """\
GO  churn-scorer 2.1.0  gate model-validation   (ml-deployment 1.0.0)
nothing stands between churn-scorer 2.1.0 and the gate model-validation

  ✓ data-readiness    1 of 1
  ✓ model-validation  2 of 2

Stands until 2026-12-01T00:00:00Z (source-freshness expires)
model-validation: go
"""


class TestHostileText:
    ESCAPES = "\x1b[2J\x1b]0;owned\x07\x9b31m\r\x08\u202e\u2028"

    def test_reaches_no_terminal(self, server: Server, phasegate: Run) -> None:
        nasty = criterion(
            "edge-cases" + self.ESCAPES,
            "fail",
            reason=f"bad{self.ESCAPES}\n\nmodel-validation: go",
            remediation=self.ESCAPES + "\nmodel-validation: go",
            owner=self.ESCAPES,
        )
        answer = decision("no-go", phases=[phase("model-validation", "open", nasty)])
        answer["summary"] = answer["next_change"]["because"] = f"{self.ESCAPES}\nmodel-validation: go"
        server.says(200, answer)
        ended = phasegate(*GATE)
        assert [sign for sign in ended.out if sign != "\n" and not sign.isprintable()] == []
        assert "\nmodel-validation: go" not in ended.out
        assert ended.out.endswith("\nmodel-validation: no-go\n")

    def test_of_a_refusal_reaches_no_terminal(self, server: Server, inside: Run) -> None:
        server.says(422, {"detail": self.ESCAPES, "errors": [{"path": self.ESCAPES, "message": self.ESCAPES}]})
        err = inside(*GATE).err
        assert [sign for sign in err if sign != "\n" and not sign.isprintable()] == []

    @pytest.mark.parametrize("order", ["::set-output name=a::b", "##vso[task.complete]", "##[error]x"])
    def test_is_no_order_to_the_ci_system(self, server: Server, inside: Run, order: str) -> None:
        nasty = criterion("edge-cases", "fail", reason="word " * 18 + order, remediation=order)
        server.says(200, decision("no-go", summary=order, phases=[phase("model-validation", "open", nasty)]))
        out = inside(*GATE).out
        assert not any(text.lstrip().startswith("::") for text in out.splitlines())
        assert "##[" not in out
        assert "##vso" not in out

    @pytest.mark.parametrize("name", ["$(rm -rf .)", "a b", "--type"])
    def test_gets_into_no_command(self, server: Server, inside: Run, name: str) -> None:
        nasty = criterion("edge-cases", "fail", evidence=[{"type": name}])
        server.says(200, decision("no-go", phases=[phase("model-validation", "open", nasty)]))
        server.says(200, {"phases": [{"criteria": [{"id": "edge-cases", "evidence": name}]}]})
        first = next(text for text in inside(*GATE).out.splitlines() if text.startswith("First: "))
        assert first.endswith("phasegate submit churn-scorer 2.1.0 FILE --type TYPE")


class TestText:
    def test_of_a_no_go(self, server: Server, phasegate: Run) -> None:
        server.says(200, decision("no-go")).says(200, POLICY)
        assert phasegate(*GATE).out == NO_GO

    def test_of_a_go(self, server: Server, phasegate: Run) -> None:
        server.says(200, decision())
        assert phasegate(*GATE).out == GO
        assert len(server.asked) == 1

    def test_in_ascii_where_no_more_can_be_written(self, server: Server, phasegate: Run) -> None:
        server.says(200, decision("no-go", summary="2 of 6 → shut")).says(200, POLICY)
        out = phasegate(*GATE, PYTHONIOENCODING="ascii", PYTHONUTF8="0").out
        assert "  x edge-cases  Failed" in out
        assert "  o fairness  No evidence" in out
        assert "2 of 6 ? shut" in out

    def test_without_an_end(self, server: Server, inside: Run) -> None:
        server.says(200, decision(valid_until=None, next_change=None))
        assert "\nStands until new facts arrive\n" in inside(*GATE).out

    def test_of_a_gate_that_nothing_applies_to(self, server: Server, inside: Run) -> None:
        empty = phase("model-validation", "open", criterion("a", "not-applicable"), reason="no criterion applies")
        server.says(200, decision("no-go", phases=[empty]))
        ended = inside(*GATE)
        assert "  ✗ model-validation  0 of 0  open: no criterion applies\n" in ended.out
        assert "First: let the policy apply to this subject (no criterion applies)\n" in ended.out

    def test_of_an_unknown_status(self, server: Server, inside: Run) -> None:
        server.says(200, decision("no-go", phases=[phase("model-validation", "open", criterion("a", "paused"))]))
        assert "  ? a  paused  (data-scientist)\n" in inside(*GATE).out

    def test_of_a_check_that_the_reason_leaves_out(self, server: Server, inside: Run) -> None:
        checks = [
            {"that": "a", "passed": True, "message": "fine"},
            {"that": "b", "passed": None, "message": "b is absent"},
        ]
        nasty = criterion("edge-cases", "error", reason="not computable", checks=checks)
        server.says(200, decision("no-go", phases=[phase("model-validation", "open", nasty)]))
        out = inside(*GATE).out
        assert "      not computable\n      b is absent\n" in out
        assert "fine" not in out

    @pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
    @pytest.mark.parametrize("no_color", ["", "1"])
    def test_has_colours_only_on_a_terminal_that_wants_them(
        self, server: Server, environment: dict[str, str], no_color: str
    ) -> None:
        server.says(200, decision())
        ours, theirs = os.openpty()
        variables = {**environment, "NO_COLOR": no_color, "TERM": "xterm"}
        subprocess.run([SCRIPT, *GATE], env=variables, stdout=theirs, check=True)
        os.close(theirs)
        shown = os.read(ours, 10_000)
        os.close(ours)
        assert shown.startswith(b"GO  churn" if no_color else b"\x1b[32mGO\x1b[0m  churn")


class TestTheFirstThingToDo:
    def first(self, server: Server, run: Run, policy: object, *standing: dict[str, object]) -> str:
        server.says(200, decision("no-go", phases=[phase("model-validation", "open", *standing)]))
        server.says(200, policy)
        return next(text for text in run(*GATE).out.splitlines() if text.startswith("First: "))

    def test_names_the_missing_type_of_the_subject(self, server: Server, inside: Run) -> None:
        assert self.first(server, inside, POLICY, criterion("fairness", "missing")) == (
            "First: submit evidence of type fairness-report:  "
            "phasegate submit churn-scorer 2.1.0 FILE --type fairness-report --subject-scope"
        )
        assert server.asked[1].path == "/v1/policies/ml-deployment/versions/1.0.0"

    def test_names_the_type_that_a_check_reads_beside_its_own(self, server: Server, inside: Run) -> None:
        both = criterion(
            "edge-cases",
            "missing",
            evidence=[{"type": "edge-case-tests"}],
            checks=[{"that": 'evidence.ok && facts["baseline"].evidence.ok', "passed": None, "message": None}],
        )
        assert self.first(server, inside, POLICY, both).endswith("FILE --type baseline")

    def test_names_the_type_that_the_failed_check_reads(self, server: Server, inside: Run) -> None:
        """And not another one whose name is a word of the reason."""
        checks = [
            {"that": 'facts["explanation"].evidence.ok', "passed": True, "message": "fine"},
            {"that": "evidence.gap <= params.most", "passed": False, "message": "a share of the explanation"},
        ]
        failed = criterion("edge-cases", "fail", reason="a share of the explanation", checks=checks)
        assert self.first(server, inside, POLICY, failed).endswith("--type edge-case-tests --context split=VALUE")
        other = [{"that": 'facts["explanation"].evidence.ok', "passed": False, "message": "no"}]
        failed = criterion("edge-cases", "fail", reason="no", checks=other)
        assert self.first(server, inside, POLICY, failed).endswith("FILE --type explanation")

    def test_is_a_persons(self, server: Server, inside: Run) -> None:
        assert self.first(server, inside, POLICY, criterion("business-review", "missing")) == (
            "First: have model-owner and business-owner sign off business-review, then ask again:  "
            "phasegate gate churn-scorer 2.1.0 --gate model-validation"
        )

    @pytest.mark.parametrize("policy", [b"<html>", [], {"phases": 7}], ids=["html", "list", "another form"])
    def test_is_less_precise_without_the_policy(self, server: Server, inside: Run, policy: object) -> None:
        first = self.first(server, inside, policy, criterion("fairness", "missing"))
        assert first == "First: submit what fairness asks for:  phasegate submit churn-scorer 2.1.0 FILE --type TYPE"


class TestJson:
    def test_is_the_answer_byte_for_byte(self, server: Server, phasegate: Run) -> None:
        body = b" " + json.dumps(decision("no-go"), indent=3).encode() + b"\r\n"
        server.says(200, body)
        ended = phasegate(*GATE, "--format", "json")
        assert (ended.out_bytes, ended.err) == (body, "")
        assert len(server.asked) == 1


class TestTheQuestion:
    def test_names_release_gate_and_token(self, server: Server, inside: Run) -> None:
        server.says(200, decision(release="2.1.0+cu12"))
        assert inside("gate", "churn-scorer", "2.1.0+cu12", "--gate", "model-validation").code == 0
        (asked,) = server.asked
        assert (asked.method, asked.query) == ("GET", {"gate": "model-validation"})
        assert asked.path == "/v1/subjects/churn-scorer/releases/2.1.0%2Bcu12/decision"
        assert asked.headers["authorization"] == f"Bearer {TOKEN}"
        assert asked.headers["user-agent"].startswith("phasegate-ci/")

    def test_is_about_launch_unless_said(self, server: Server, inside: Run) -> None:
        server.says(200, decision(gate="launch", phases=[phase("only", "passed", criterion("a"))]))
        ended = inside("gate", "churn-scorer", "2.1.0")
        assert (ended.code, ended.out.splitlines()[-1]) == (0, "launch: go")
        assert server.asked[0].query == {"gate": "launch"}

    def test_about_launch_takes_every_phase_into_account(self, server: Server, inside: Run) -> None:
        server.says(200, decision(gate="launch"))  # its phase monitoring is open
        assert inside("gate", "churn-scorer", "2.1.0").code == 3

    def test_takes_the_token_from_a_file_first(self, server: Server, inside: Run, tmp_path: Path) -> None:
        (tmp_path / "token").write_text("pg_from_file\n")
        server.says(200, decision())
        inside("--token-file", "token", *GATE)
        assert server.asked[0].headers["authorization"] == "Bearer pg_from_file"

    def test_goes_to_an_address_with_a_path(self, server: Server, inside: Run) -> None:
        server.says(200, decision())
        inside("--url", f"{server.url}/gates/", *GATE)
        assert server.asked[0].path.startswith("/gates/v1/subjects/")

    def test_without_a_token_carries_none(self, server: Server, phasegate: Run) -> None:
        server.says(401, {"detail": "No token."})
        ended = phasegate(*GATE, PHASEGATE_TOKEN=None)
        assert "authorization" not in server.asked[0].headers
        assert "mend: set PHASEGATE_TOKEN" in ended.err


class TestFilesAboutToGoLive:
    def test_that_are_exactly_the_release_go(self, server: Server, inside: Run, tmp_path: Path) -> None:
        (tmp_path / "renamed.bin").write_bytes(b"weights")
        digest = sha256(b"weights").hexdigest()
        artifacts = [{"name": "model.onnx", "sha256": digest}, {"name": "tokenizer.json", "sha256": SHA_B}]
        server.says(200, decision(artifacts=artifacts))
        assert inside(*GATE, "--artifact", "renamed.bin", "--artifact", f"sha256:{SHA_B}").code == 0

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ([SHA_A], [f"tokenizer.json (sha256:{SHA_B}) was not given"]),
            ([SHA_A, SHA_B, "e" * 64], [f"sha256:{'e' * 64} (sha256:{'e' * 64}) is not in the release"]),
            (["e" * 64], ["is not in the release", "model.onnx", "tokenizer.json"]),
        ],
        ids=["one is missing", "one too many", "another"],
    )
    @pytest.mark.parametrize("outcome", ["go", "no-go"])
    def test_else_it_is_no_go(
        self, server: Server, inside: Run, given: list[str], said: list[str], outcome: str
    ) -> None:
        server.says(200, decision(outcome))
        ended = inside(*GATE, *[part for sha in given for part in ("--artifact", f"sha256:{sha}")])
        assert ended.code == 1
        assert ended.out.startswith("NO-GO  ")
        assert ended.out.splitlines()[-1] == "model-validation: no-go"
        assert [part for part in said if part not in ended.out] == []
        assert "phasegate register churn-scorer NEW-RELEASE --artifact FILE" in ended.out

    def test_keep_json_pure(self, server: Server, inside: Run) -> None:
        server.says(200, decision())
        ended = inside(*GATE, "--format", "json", "--artifact", f"sha256:{SHA_A}")
        assert (ended.code, json.loads(ended.out)) == (1, decision())
        assert "no-go: the files given are not exactly the release's artifacts" in ended.err
