"""`phasegate demo` ends in a launch, reads well, and leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from phasegate.adapters.interface import Hints, Reading
from phasegate.adapters.registry import choose
from phasegate.demo.sending import MODEL, OUTPUTS, SERVICE, dated
from phasegate.engine.instants import parse_instant
from tests.policies.golden import ROOT

COMMAND = [str(Path(sys.executable).with_name("phasegate")), "demo"]
_LONGEST = 240
"""Seconds; it takes about five."""
OF_MODEL_VALIDATION = {"evidently", "fairlearn", "junit", "mlflow-run", "model-card", "shap-summary", "sklearn-cv"}
ENDED = r"launch: go, recorded 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ"
POLICY = yaml.safe_load((ROOT / "policies/ml-deployment/1.1.0/policy.yaml").read_text("utf-8"))
SHAPES = {name: each["shape"] for name, each in POLICY["evidence"].items()}
OF_MODEL = [(OUTPUTS / folder / sent.file, sent) for folder in ("first", "second") for sent in MODEL]
FILES = [*OF_MODEL, *((OUTPUTS / "launch" / sent.file, sent) for sent in SERVICE)]
NOON = "2026-11-24T12:00:00Z"
WRITTEN = {
    "parity.tap": "tap/tape_pass.tap",
    "dbt-sources.json": "dbt/sources_fresh.json",
    "schema-handling.xml": "junit/pytest_pass.xml",
    "great-expectations.json": "great_expectations/checkpoint_pass.json",
    "pandera-without-email.json": "pandera/missing_column.json",
    "k6-summary.json": "k6/handle_summary_pass.json",
    "deployment.yaml": "kubernetes/deployment_hpa_pass.yaml",
    "health.http": "health/http_pass.http",
    "health-without-model.http": "health/http_fail.http",
    "staging-e2e.xml": "junit/pytest_staging_e2e_pass.xml",
    "mlflow-model-version.json": "mlflow-registry/model_version_champion.json",
    "prometheus-rules.json": "prometheus/api_rules.json",
    "promtool.txt": "promtool/promtool_test_pass.txt",
    "evidently-scores.json": "evidently/prediction_drift_pass.json",
    "hyperfine.json": "hyperfine/rollback_pass.json",
}
"""Files of `launch/`, and the outputs that they were copied from."""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Of the demo: a folder for temporary files of its own, and settings that must not reach its server."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "TMPDIR": str(tmp_path),
        "PYTHONUTF8": "1",
        "COLUMNS": "200",
        "PHASEGATE_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "PHASEGATE_BOOTSTRAP_TOKEN": "short",
    }


def left_behind(folder: Path) -> list[str]:
    """Files in the folder, and processes whose arguments name it."""
    left = [str(path) for path in folder.iterdir()]
    for arguments in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = arguments.read_bytes().decode("utf-8", "replace")
        except OSError:
            continue  # it has just ended
        if str(folder) in text:
            left.append(text.replace("\0", " "))
    return left


def test_it_ends_in_a_launch(environment: dict[str, str], tmp_path: Path) -> None:
    ran = subprocess.run(
        COMMAND, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=_LONGEST, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    lines = ran.stdout.splitlines()
    assert re.fullmatch(ENDED, lines[-1])
    assert "the last line is `launch: go, recorded …`" in (ROOT / "README.md").read_text("utf-8")
    assert max(map(len, lines)) <= 80
    assert "Traceback" not in ran.stdout
    assert "\x1b" not in ran.stdout, "colours are for terminals"
    assert left_behind(tmp_path) == []


def test_it_tells_the_whole_story(environment: dict[str, str], tmp_path: Path) -> None:
    ascii_only = environment | {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    ran = subprocess.run(
        COMMAND, env=ascii_only, cwd=tmp_path, capture_output=True, encoding="ascii", timeout=_LONGEST, check=True
    )
    story, at = " ".join(ran.stdout.split()), 0
    for told in (
        r"ml-deployment 1\.\d+\.\d+: 26 criteria in 6 phases, sha256:[0-9a-f]{12}",
        r"NO-GO 3 of 6 criteria stand between churn-scorer 2\.1\.0 and the gate model-validation",
        r"x fail temporal-validation .*? Because .*?billing_run .*?To do: ",
        r"x fail edge-cases .*? Because 2 failed and 0 broken of 19 tests To do: ",
        r"GO nothing stands between churn-scorer 2\.1\.1 and the gate model-validation (\+ pass [^+]*?){6}",
        r"8 JSON documents, made up for this demo: .*? This proof is declared, the weakest kind",
        r"NO-GO 1 of 26 criteria stands between churn-scorer 2\.1\.1 and launch o missing business-review",
        r"x dana approves, and is refused: dana registered the release; .*? ask another model-owner: mia",
        r"\+ mia approves as model-owner It covers 28 records of evidence, and confirms 5 sentences",
        r"o mia's approval is void: model-card changed",
        r"x ben approves what he saw before, and is refused: what the sign-off covers has changed",
        r"\+ mia approves what stands now, as model-owner \+ ben approves what stands now, as business-owner",
        r"GO nothing stands between churn-scorer 2\.1\.1 and launch (\+ [^+]*: \d of \d criteria ){6}",
        r"It stands until 20\S+: then source-freshness collected 20\S+ expires\.",
        ENDED + "$",
    ):
        found = re.compile(told).search(story, at)
        assert found, f"{told}\n{ran.stdout}"
        at = found.end()


def test_it_submits_files_of_many_tools_as_they_are() -> None:
    formats = {choose(path.read_bytes(), None, SHAPES[sent.type]).name for path, sent in FILES}
    assert {choose(path.read_bytes(), None, SHAPES[sent.type]).name for path, sent in OF_MODEL} == OF_MODEL_VALIDATION
    assert len(formats) == 19


@pytest.mark.parametrize(("name", "written"), WRITTEN.items())
def test_what_tools_wrote_says_the_same_as_it_did_but_for_the_release(name: str, written: str) -> None:
    (shape,) = {SHAPES[sent.type] for path, sent in FILES if path.name == name}
    original = (ROOT / "tests/adapters/outputs" / written).read_bytes()
    renamed = original.replace(b"2.1.0", b"2.1.1").replace(b"2-1-0", b"2-1-1")
    shipped = (OUTPUTS / "launch" / name).read_bytes()
    assert read(shipped, shape, {}).data == read(renamed, shape, {}).data


def test_no_file_of_it_states_a_time_that_would_be_too_old_one_day() -> None:
    for path, sent in FILES:
        assert read(path.read_bytes(), SHAPES[sent.type], sent.context).collected_at is None, path


def test_instants_inside_a_document_are_reckoned_from_now() -> None:
    told = dated(b'{"from": "{30 h ago}", "until": "{2 h ago}", "hours": "{2 hours ago}"}', parse_instant(NOON))
    assert told == b'{"from": "2026-11-23T06:00:00Z", "until": "2026-11-24T10:00:00Z", "hours": "{2 hours ago}"}'


def read(raw: bytes, shape: str, context: dict[str, str]) -> Reading:
    return choose(raw, None, shape).read(raw, Hints(context=context, shape=shape))


def heeding_interrupts() -> None:
    """A job in the background of a shell inherits an ignored SIGINT; a person's doesn't."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_leaves_nothing(number: signal.Signals, environment: dict[str, str], tmp_path: Path) -> None:
    with subprocess.Popen(
        COMMAND,
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heeding_interrupts,
    ) as demo:
        assert demo.stdout is not None
        for line in demo.stdout:
            if line.startswith("1. The policy"):
                break
        demo.send_signal(number)
        rest, complaints = demo.communicate(timeout=_LONGEST)
    assert demo.returncode == 1
    assert rest.splitlines()[-1] == "launch: no answer, the demo was interrupted"
    assert complaints == ""
    assert left_behind(tmp_path) == []
