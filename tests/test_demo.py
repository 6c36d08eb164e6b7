"""`phasegate demo` ends in go, reads well, and leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from phasegate.adapters.interface import Hints
from phasegate.adapters.registry import choose
from phasegate.demo import story
from phasegate.operations.formats import describe

COMMAND = [str(Path(sys.executable).with_name("phasegate")), "demo"]
_LONGEST = 60
"""Seconds; it takes about five."""
OF_MACHINE_LEARNING = {"evidently", "fairlearn", "mlflow-run", "model-card", "shap-summary", "sklearn-cv"}
SHAPES = {each.type: each.shape for name in ("junit", *OF_MACHINE_LEARNING) for each in describe(name).types}


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


def test_it_ends_in_go(environment: dict[str, str], tmp_path: Path) -> None:
    ran = subprocess.run(
        COMMAND, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=_LONGEST, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    lines = ran.stdout.splitlines()
    assert lines[-1] == "model-validation: go"
    assert max(map(len, lines)) <= 100
    assert "Traceback" not in ran.stdout
    assert "\x1b" not in ran.stdout, "colours are for terminals"
    assert left_behind(tmp_path) == []


def test_it_tells_the_whole_story(environment: dict[str, str], tmp_path: Path) -> None:
    ascii_only = environment | {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    ran = subprocess.run(
        COMMAND, env=ascii_only, cwd=tmp_path, capture_output=True, encoding="ascii", timeout=_LONGEST, check=True
    )
    story = " ".join(ran.stdout.split())
    for told in (
        r"ml-deployment 1\.\d+\.\d+: 26 criteria in 6 phases, sha256:[0-9a-f]{12}",
        r"NO-GO 3 of 6 criteria stand between churn-scorer 2\.1\.0 and the gate model-validation",
        r"x fail temporal-validation .* Because .*billing_run .*To do: .*",
        r"x fail edge-cases .* Because 2 failed and 0 broken of 19 tests To do: .*",
        r"GO nothing stands between churn-scorer 2\.1\.1 and the gate model-validation",
        r"(\+ pass .*){6}",
        r"Next, launch: \d+ of 26 criteria open",
    ):
        assert re.search(told, story), f"{told}\n{ran.stdout}"


def test_it_submits_files_of_at_least_six_tools_five_of_them_of_machine_learning() -> None:
    formats = {
        choose((folder / sent.file).read_bytes(), None, SHAPES[sent.type]).name
        for folder in (story.OUTPUTS / "first", story.OUTPUTS / "second")
        for sent in story.EVIDENCE
    }
    assert formats == {"junit", *OF_MACHINE_LEARNING}
    assert len(OF_MACHINE_LEARNING) >= 5


def test_no_file_of_it_states_a_time_that_would_be_too_old_one_day() -> None:
    for folder in (story.OUTPUTS / "first", story.OUTPUTS / "second"):
        for sent in story.EVIDENCE:
            raw = (folder / sent.file).read_bytes()
            shape = SHAPES[sent.type]
            reading = choose(raw, None, shape).read(raw, Hints(context=sent.context, shape=shape))
            assert reading.collected_at is None, sent.file


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
    assert rest.splitlines()[-1] == "model-validation: no answer, the demo was interrupted"
    assert complaints == ""
    assert left_behind(tmp_path) == []
