"""Evidence from tools without an adapter: the shipped mappings, each at most 15 lines, decide criteria."""

import json
import re
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from phasegate.resources import POLICIES
from tests.support.policies import Document, document
from tests.support.problems import problem
from tests.support.world import World

VERSION = POLICIES / "ml-deployment" / "1.1.0"
POLICY = (VERSION / "policy.yaml").read_text("utf-8")
FILES = VERSION / "cases" / "files"
NAMES = ("autocannon", "request-log", "robot-framework")
OBJECTIVES: Document = {
    "minimum": {"throughput_rps": 500.0, "staging_rows": 100000.0},
    "maximum": {"latency_p99_ms": 50.0, "error_rate": 0.01},
}
TEXT = {"Content-Type": "text/plain"}


def content(name: str) -> bytes:
    """A sample, with the tool's own time moved to where the tests' clock is."""
    return re.sub(rb'"finish":"[^"]+"', b'"finish":"2027-03-05T12:30:00.5Z"', (FILES / name).read_bytes())


def lines(mapping: str) -> list[str]:
    """A mapping as it stands in the policy."""
    found = re.search(rf"^  {mapping}:.*\n(?:   .*\n)+", POLICY, re.MULTILINE)
    assert found is not None
    return found[0].splitlines()


@pytest.fixture
def path(world: World) -> str:
    """A release under the shipped policy, whose objectives were there before anything was measured."""
    answer = world.post("/v1/policies", content=POLICY.encode(), headers={"Content-Type": "application/yaml"})
    assert answer.status_code in (200, 201), answer.text
    subject = world.subject(policy="ml-deployment@1.1.0", attributes={})
    world.submit(f"/v1/subjects/{subject}", "service-objectives", OBJECTIVES)
    world.clock.forward(hours=1)
    return world.release(subject, "2.1.0")


def send(world: World, path: str, of_type: str, raw: bytes, **query: str) -> Any:
    query = {"type": of_type, "context.environment": "staging", **query}
    return world.post(f"{path}/evidence", content=raw, headers=TEXT, params=query)


@pytest.mark.parametrize("mapping", NAMES)
def test_none_is_longer_than_15_lines(mapping: str) -> None:
    assert len(lines(mapping)) <= 15
    assert max(map(len, lines(mapping))) <= 120


@pytest.mark.parametrize(
    ("file", "of_type", "criterion", "status"),
    [
        ("autocannon.json", "load-test", "load-capacity", "pass"),
        ("autocannon-failures.json", "load-test", "load-capacity", "fail"),
        ("request-log.csv", "load-test", "load-capacity", "pass"),
        ("request-log-failures.csv", "load-test", "load-capacity", "fail"),
        ("robot-framework.xml", "staging-e2e-run", "staging-e2e", "pass"),
        ("robot-framework-failures.xml", "staging-e2e-run", "staging-e2e", "fail"),
    ],
)
@pytest.mark.parametrize("stated", [False, True])
def test_a_tools_file_decides_a_criterion(
    world: World, path: str, file: str, of_type: str, criterion: str, status: str, stated: bool
) -> None:
    mapping = next(name for name in NAMES if file.startswith(name))
    assert world.status(path, criterion) == "missing"
    accepted = send(world, path, of_type, content(file), **({"format": mapping} if stated else {}))
    assert accepted.status_code == 201, accepted.text
    assert (accepted.json()["format"], accepted.json()["strength"]) == (mapping, "measured")
    assert criterion in accepted.json()["affects"]
    assert world.status(path, criterion) == status
    again = send(world, path, of_type, content(file))
    assert (again.status_code, again.json()["id"]) == (200, accepted.json()["id"])


def test_the_record_keeps_the_tools_time_and_the_audit_the_policy(world: World, path: str) -> None:
    identifier = send(world, path, "load-test", content("autocannon.json")).json()["id"]
    record = world.get(f"/v1/evidence/{identifier}").json()
    assert record["collected_at"] == "2027-03-05T12:30:00.5Z"
    assert record["data"]["requests"] == 7794
    again = world.post("/v1/policies", content=POLICY.encode(), headers={"Content-Type": "application/yaml"})
    digest = again.json()["digest"]
    rows = world.sql.rows("SELECT after FROM audit WHERE org = :org AND target_id = :id", org=world.org, id=identifier)
    ((after,),) = rows
    assert json.loads(bytes(cast(bytes, after)))["policy"] == digest


@pytest.mark.parametrize(
    ("file", "old", "new", "of_type", "place", "told"),
    [
        ("autocannon.json", b'"errors":0', b'"errors":"no"', "load-test", "let.failures", "cannot convert"),
        ("autocannon.json", b'"mismatches":0,', b"", "load-test", "fields.checks_failed", "mismatches is absent"),
        ("autocannon.json", b'"duration":5.01', b'"duration":NaN', "load-test", "fields.duration_s", "finite"),
        ("request-log.csv", b",200,", b",-,", "load-test", "let.failures.where", "in row 1: "),
        ("robot-framework.xml", b'pass="3"', b"", "staging-e2e-run", "fields.passed", "pass is absent"),
        (
            "robot-framework.xml",
            b'<meta name="rows">',
            b'<meta name="release">',
            "staging-e2e-run",
            "fields.properties",
            "in row 3: the key 'release' stands twice",
        ),
    ],
)
def test_a_document_that_does_not_fit_is_refused_with_the_place(
    world: World, path: str, file: str, old: bytes, new: bytes, of_type: str, place: str, told: str
) -> None:
    raw = content(file)
    assert old in raw
    mapping = next(name for name in NAMES if file.startswith(name))
    body = problem(send(world, path, of_type, raw.replace(old, new, 1)), 422)
    (fault,) = body["errors"]
    assert told in fault["message"]
    assert fault["path"] == f"mappings.{mapping}.{place}"
    assert body["detail"].startswith(f"mapping {mapping}: {place}: ")
    assert world.count("evidence") == 1, "the objectives alone"


def test_a_file_that_no_format_knows(world: World, path: str) -> None:
    told = problem(send(world, path, "load-test", b"nothing"), 422)["detail"]
    assert "in no format known here; formats that give 'load-test': autocannon," in told
    told = problem(send(world, path, "load-test", b"{}", format="autocannon"), 422)["detail"]
    assert told.startswith("the file is not 'autocannon' (mapping of ml-deployment@1.1.0)")
    # Nor are they known under another policy.
    other = world.release()
    told = problem(world.post(f"{other}/evidence?type=unit-tests&format=autocannon", content=b"{}"), 422)["detail"]
    assert told.startswith("there is no format 'autocannon'")


def test_a_faulty_mapping_is_refused_with_line_and_suggestion(world: World) -> None:
    text = POLICY.replace("checks_failed: int(doc.mismatches)", "checks_faild: doc.mismatches", 1)
    answer = world.post("/v1/policies", content=text.encode(), headers={"Content-Type": "application/yaml"})
    missing, unknown = problem(answer, 422)["errors"]
    assert missing["path"] == "mappings.autocannon.fields"
    assert unknown["path"] == "mappings.autocannon.fields.checks_faild"
    assert unknown["suggestion"] == "did you mean 'checks_failed'?"
    assert unknown["line"] == text[: text.index("checks_faild")].count("\n") + 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
PARTS = st.fixed_dictionaries(
    {"non2xx": JSON, "errors": JSON, "requests": st.fixed_dictionaries({"total": JSON, "mean": JSON})},
    optional={"latency": st.fixed_dictionaries({"p50": JSON, "p99": JSON}), "finish": JSON, "duration": JSON},
)
ROWS = st.lists(st.lists(st.text(max_size=6), max_size=4), max_size=4)


def test_no_document_is_a_server_error(world: World, path: str) -> None:
    """`World` demands that of every answer."""

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.one_of(
            st.binary(max_size=60),
            (JSON | PARTS).map(lambda value: json.dumps(value).encode()),
            ROWS.map(lambda rows: b"response-time,status-code,offset\n" + "\n".join(map(",".join, rows)).encode()),
            st.text("<>/=\"' arobtsi", max_size=80).map(
                lambda text: f"<robot schemaversion='5'>{text}</robot>".encode()
            ),
        ),
        st.sampled_from([None, *NAMES]),
    )
    def send_it(raw: bytes, stated: str | None) -> None:
        answer = send(world, path, "load-test", raw, **({"format": stated} if stated else {}))
        assert answer.status_code in (200, 201, 400, 422)

    send_it()


def test_a_mapping_that_gives_the_shape_of_another_type_is_of_no_use_there(world: World, path: str) -> None:
    told = problem(send(world, path, "staging-e2e-run", content("autocannon.json")), 422)["detail"]
    assert told.startswith("the file looks like autocannon, which doesn't give 'test-report'")


def test_an_own_shape_needs_no_adapter_at_all(world: World) -> None:
    own = document("tickets")
    own["mappings"] = {
        "ticket-yaml": {
            "reads": "yaml",
            "shape": "ticket",
            "detect": "has(doc[0].ticket)",
            "fields": {"approved": 'string(doc[0].ticket.state) == "approved"', "reviewers": "size(doc[0].ticket.by)"},
        }
    }
    world.publish(own)
    subject = world.subject(policy="tickets@^1")
    raw = b"ticket:\n  state: approved\n  by: [a, b]\n"
    answer = world.post(f"/v1/subjects/{subject}/evidence?type=change-ticket", content=raw, headers=TEXT)
    record = world.get(f"/v1/evidence/{answer.json()['id']}").json()
    assert record["data"] == {"approved": True, "reviewers": 2}
    assert record["format"] == "ticket-yaml"
