"""The adapter that `clients/README.md` shows: built, installed without a network, and read by a real server."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.test_server_commands import Server, serving

_, _, README = (Path(__file__).parents[2] / "clients" / "README.md").read_text("utf-8").partition("## An adapter of")
POLICY = {
    "policy": "calibrated",
    "version": "1.0.0",
    "evidence": {"calibration": {"shape": "metrics-report", "scope": "subject", "max_age": "P90D"}},
    "phases": [
        {
            "id": "validation",
            "title": "Validation",
            "criteria": [
                {
                    "id": "calibrated",
                    "title": "Its probabilities are calibrated",
                    "evidence": "calibration",
                    "checks": [{"that": 'evidence.metrics["ece"] <= 0.05', "otherwise": "off by too much"}],
                }
            ],
        }
    ],
}
BROKEN = """
import time
from phasegate.adapters import Reading

class Broken:
    version, title, shapes = "1.0.0", "broken", ("metrics-report",)

    def __init__(self, name):
        self.name = name

    def detects(self, raw):
        return raw == self.name.encode()

    def read(self, raw, hints):
        if self.name == "raising":
            raise KeyError(raw)
        return Reading("load-test" if self.name == "lying" else "metrics-report", {"metrics": {"auc": "high"}})

raising, lying, misfitting = Broken("raising"), Broken("lying"), Broken("misfitting")
"""


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    return str(found)


def package(folder: Path, name: str, source: str, project: str) -> Path:
    (folder / name).mkdir(parents=True)
    (folder / name / "__init__.py").write_text(source, encoding="utf-8")
    (folder / "pyproject.toml").write_text(project, encoding="utf-8")
    return folder


def install(source: Path, target: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run([*command, "--target", target, source], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


class Place:
    """A server with both packages, a policy and a subject."""

    def __init__(self, server: Server, folder: Path) -> None:
        token = (folder / "phasegate-data" / "admin-token").read_text().strip()
        self.http = httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
        assert self.http.post("/v1/policies", json=POLICY).status_code == 201
        subject = {"kind": "model", "team": "risk", "attributes": {}, "policy": "calibrated@^1"}
        assert self.http.put("/v1/subjects/scorer", json=subject).status_code == 201

    def submit(self, raw: bytes, **query: str) -> httpx.Response:
        headers = {"Content-Type": "application/octet-stream"}
        params = {"type": "calibration", **query}
        return self.http.post("/v1/subjects/scorer/evidence", content=raw, params=params, headers=headers)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("plug-ins")
    theirs = package(folder / "theirs", "phasegate_calibcheck", block("python"), block("toml"))
    (theirs / "phasegate_calibcheck" / "example.json").write_text(block("json"), encoding="utf-8")
    points = "".join(f'{name} = "phasegate_broken:{name}"\n' for name in ("raising", "lying", "misfitting"))
    project, before = block("toml").replace("calibcheck", "broken"), 'broken = "phasegate_broken:adapter"\n'
    assert before in project
    install(theirs, folder / "installed")
    install(
        package(folder / "broken", "phasegate_broken", BROKEN, project.replace(before, points)), folder / "installed"
    )
    with serving(folder, PYTHONPATH=str(folder / "installed")) as server:
        place = Place(server, folder)
        yield place
        place.http.close()
        assert server.stop() == 0


def test_it_takes_thirty_lines() -> None:
    assert len([line for line in block("python").splitlines() if line]) <= 30


def test_a_file_of_its_format_is_evidence(place: Place) -> None:
    answer = place.submit(block("json").encode())
    assert answer.status_code == 201, answer.text
    accepted = answer.json()
    assert (accepted["format"], accepted["strength"], accepted["affects"]) == ("calibcheck", "measured", ["calibrated"])
    record = place.http.get(f"/v1/evidence/{accepted['id']}").json()
    wanted: dict[str, Any] = json.loads(block("json"))
    assert record["data"]["metrics"] == {"brier": wanted["brier"], "ece": wanted["ece"]}
    assert record["data"]["rows"] == wanted["rows"]
    assert record["producer"] == {"tool": "calibcheck", "version": wanted["calibcheck"]}


def test_its_page_shows_what_becomes_of_its_example(place: Place) -> None:
    assert "calibcheck" in {item["format"] for item in place.http.get("/v1/formats?limit=200").json()["items"]}
    page = place.http.get("/v1/formats/calibcheck").json()
    assert page["source"] == "phasegate-calibcheck (phasegate_calibcheck:adapter)"
    assert page["example"]["content"].strip() == block("json").strip()
    assert page["example"]["data"]["metrics"]["ece"] == 0.023
    told = place.http.get("/v1/formats/calibcheck", headers={"Accept": "text/html"}).text
    assert "calibcheck --json scores.csv" in told


@pytest.mark.parametrize("raw", [b'{"calibcheck": "1", "brier": "low"}', b'{"calibcheck": "1", "brier": NaN}'])
def test_data_that_does_not_fit_is_refused_with_its_field(place: Place, raw: bytes) -> None:
    answer = place.submit(raw)
    assert answer.status_code == 422
    assert "calibcheck" in answer.json()["detail"]
    assert answer.json()["errors"][0]["path"].startswith("data.metrics")


@pytest.mark.parametrize(
    ("name", "told"), [("raising", "KeyError"), ("lying", "load-test"), ("misfitting", "data.metrics")]
)
def test_a_plug_in_at_fault_is_named_and_hinders_no_other(place: Place, name: str, told: str) -> None:
    answer = place.submit(name.encode())
    assert answer.status_code == 422
    assert name in answer.json()["detail"]
    assert told in answer.json()["detail"]
    assert place.submit(block("json").encode()).status_code in (200, 201)
