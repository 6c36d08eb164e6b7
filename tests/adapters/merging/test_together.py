"""Files of one submission as one reading: order, doubles, formats, exit code, and what each rule does."""

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from phasegate.adapters.interface import Hints
from phasegate.adapters.merging.together import RULES, File, Together, read_together
from phasegate.adapters.registry import BUILT_IN, adapters, choose
from phasegate.engine.shape import read_data
from phasegate.errors import Invalid, Malformed
from phasegate.shapes import catalogue
from tests.adapters.samples import OUTPUTS

CONTEXT = {"sensitive_features": "sex", "metric": "roc_auc", "split": "test"}


def together(shape: str, *files: tuple[str, bytes], **hints: Any) -> Together:
    known = catalogue()[shape]
    found = read_together(
        [File(*file) for file in files],
        lambda raw: choose(raw, None, shape),
        lambda data: read_data(known, data),
        Hints(shape=shape, context=CONTEXT, **hints),
    )
    read_data(known, found.reading.data)  # fits, limits included
    return found


def outputs(folder: str, *names: str) -> list[tuple[str, bytes]]:
    return [(name, (OUTPUTS / folder / name).read_bytes()) for name in names]


def junit(*cases: str, properties: str = "", suite: str = "s", time: str = "") -> bytes:
    bodies = {"f": "<failure/>", "e": "<error/>", "s": "<skipped/>"}
    inner = "".join(f'<testcase name="{case}" time="1">{bodies.get(case[0], "")}</testcase>' for case in cases)
    return f'<testsuite name="{suite}" {time}>{properties}{inner}</testsuite>'.encode()


def prop(name: str, value: str) -> str:
    return f'<properties><property name="{name}" value="{value}"/></properties>'


class TestFiles:
    def test_order_says_nothing(self) -> None:
        files = [(f"{n}.xml", junit(f"p{n}", "f", suite=f"s{n}")) for n in range(4)]
        readings = {json.dumps(together("test-report", *each).reading.data) for each in permutations(files)}
        assert len(readings) == 1

    def test_one_file_is_read_as_it_is(self) -> None:
        raw = junit("p", "f")
        found = together("test-report", ("x.xml", raw))
        alone = adapters()["junit"].read(raw, Hints(shape="test-report", context=CONTEXT))
        assert (found.reading.data, found.reading.warnings) == (alone.data, alone.warnings)

    def test_a_file_sent_twice_counts_once(self) -> None:
        """A glob that takes a copy too must not make two runs of one."""
        found = together("test-report", ("a.xml", junit("p")), ("b.xml", junit("p")), ("c.xml", junit("q")))
        assert found.reading.data["total"] == 2
        assert "only 2 differ" in found.reading.warnings[0]

    def test_a_shape_without_a_rule_takes_one(self) -> None:
        good, dummy = outputs("mlflow-run", "run_good.json", "run_dummy.json")
        with pytest.raises(Invalid, match=r"one file alone; sent were 'run_good.json', 'run_dummy.json'"):
            together("metrics-report", good, dummy)
        with pytest.raises(Invalid, match="one file alone"):
            together("metrics-report", good, good)

    def test_every_shape_is_decided(self) -> None:
        """C of the checklist: these have a rule, the others take one file."""
        given = {shape for adapter in BUILT_IN for shape in adapter.shapes}
        assert set(RULES) <= given
        assert given - set(RULES) == {
            "metrics-report", "split-report", "explanation-report", "model-card", "drift-report", "load-test",
            "time-series", "health-report", "drill-report", "runbook",
        }  # fmt: skip

    def test_different_formats_are_listed(self) -> None:
        (jest,) = outputs("jest", sorted(p.name for p in (OUTPUTS / "jest").glob("*.json"))[0])
        with pytest.raises(Invalid) as refused:
            together("test-report", ("a.xml", junit("p")), jest)
        assert "'a.xml' is junit" in refused.value.detail
        assert "is jest" in refused.value.detail

    def test_files_that_are_in_no_format_are_all_named(self) -> None:
        with pytest.raises(Invalid) as refused:
            together("test-report", ("a.xml", junit("p")), ("b.txt", b"?"), ("c.txt", b"!"))
        assert "'b.txt': the file is in no format" in refused.value.detail
        assert "'c.txt': the file is in no format" in refused.value.detail
        assert [fault.path for fault in refused.value.faults] == ["format", "format"]

    def test_a_file_that_is_broken_is_named(self) -> None:
        with pytest.raises(Malformed, match=r"^'b.xml': ") as refused:
            together("test-report", ("a.xml", junit("p")), ("b.xml", junit("p")[:-3]))
        assert all(fault.message.startswith("'b.xml': ") for fault in refused.value.faults)

    def test_names_are_only_words(self) -> None:
        name = "../../etc/\x1b[31m\n" + "x" * 500
        found = together("test-report", (name, junit("p")), ("b", junit()))
        assert all(warning.isprintable() and len(warning) < 300 for warning in found.reading.warnings)

    def test_warnings_stay_few(self) -> None:
        files = [(f"{n}.xml", junit(suite=f"s{n}")) for n in range(60)]
        assert len(together("test-report", *files).reading.warnings) == 21

    def test_producers(self) -> None:
        def ctrf(tool: str, n: int) -> bytes:
            summary = {
                "tests": 1,
                "passed": 1,
                "failed": 0,
                "pending": 0,
                "skipped": 0,
                "other": 0,
                "start": n,
                "stop": 9,
            }
            test = {"name": f"t{n}", "status": "passed", "duration": 1}
            return json.dumps({"results": {"tool": {"name": tool}, "summary": summary, "tests": [test]}}).encode()

        same = together("test-report", ("a", ctrf("jest", 1)), ("b", ctrf("jest", 2)))
        assert same.reading.producer.tool == "jest"
        mixed = together("test-report", ("a", ctrf("jest", 1)), ("b", ctrf("pytest", 2)))
        assert mixed.reading.producer.tool == ""


class TestExitCode:
    """There was one, so it lowers once."""

    def test_that_no_file_explains(self) -> None:
        files = [(f"{n}.xml", junit(f"p{n}")) for n in range(3)]
        found = together("test-report", *files, exit_code=1)
        assert (found.reading.data["errors"], found.reading.data["total"]) == (1, 4)
        assert sum("exit code 1" in warning for warning in found.reading.warnings) == 1

    def test_that_one_file_explains(self) -> None:
        found = together("test-report", ("a", junit("p")), ("b", junit("f")), exit_code=1)
        assert (found.reading.data["errors"], found.reading.data["failed"], found.reading.warnings) == (0, 1, ())

    def test_zero_hides_nothing(self) -> None:
        found = together("test-report", ("a", junit("p")), ("b", junit("f")), exit_code=0)
        assert found.reading.data["failed"] == 1


class TestTestReports:
    def test_counts_are_summed_and_equal_ids_kept(self) -> None:
        found = together("test-report", ("a", junit("p1", "f1", "s1")), ("b", junit("p1", "e1"))).reading.data
        counts = {key: found[key] for key in ("total", "passed", "failed", "errors", "skipped")}
        assert counts == {"total": 5, "passed": 2, "failed": 1, "errors": 1, "skipped": 1}
        assert [case["id"] for case in found["cases"]].count("s::p1") == 2
        assert {case["status"] for case in found["cases"][:2]} == {"failed", "error"}

    def test_counts_are_taken_before_the_cut(self) -> None:
        big = [(f"{n}", junit(*[f"p{n}_{m}" for m in range(1_500)], f"f{n}")) for n in range(3)]
        found = together("test-report", *big).reading.data
        assert (found["total"], found["passed"], found["failed"]) == (4_503, 4_500, 3)
        assert (len(found["cases"]), found["unlisted"]) == (1_000, 3_503)
        assert [case["status"] for case in found["cases"][:4]] == ["failed"] * 3 + ["passed"]

    def test_properties_unite_or_are_refused(self) -> None:
        one, two = junit("p", properties=prop("rows", "5")), junit("q", properties=prop("environment", "staging"))
        found = together("test-report", ("a", one), ("b", two)).reading.data
        assert found["properties"] == {"rows": "5", "environment": "staging"}
        with pytest.raises(Invalid, match="'rows' as '5' and '6'"):
            together("test-report", ("a", one), ("b", junit("q", properties=prop("rows", "6"))))

    def test_a_duration_that_one_file_lacks_is_unknown(self) -> None:
        timed, other = junit("p", time='time="2"'), junit("q", time='time="3"')
        assert together("test-report", ("a", timed), ("b", other)).reading.data["duration_s"] == 5.0
        bare = b'<testsuite name="s"><testcase name="q"/></testsuite>'
        found = together("test-report", ("a", timed), ("b", bare)).reading
        assert "duration_s" not in found.data
        assert any("duration_s" in warning for warning in found.warnings)


def dbt(*statuses: str) -> bytes:
    results = [{"unique_id": f"test.p.{n}", "status": status} for n, status in enumerate(statuses)]
    schema = "https://schemas.getdbt.com/dbt/run-results/v5.json"
    metadata = {"dbt_schema_version": schema, "generated_at": "2026-11-23T06:00:00Z", "dbt_version": "1.7.0"}
    return json.dumps({"metadata": metadata, "results": results, "args": {}}).encode()


class TestOtherShapes:
    def test_checks(self) -> None:
        one, two = (("a.json", dbt("pass", "fail", "warn")), ("b.json", dbt("pass", "error", "pass")))
        parts = [together("data-quality-report", each).reading.data for each in (one, two)]
        found = together("data-quality-report", one, two).reading.data
        for field in ("total", "passed", "failed", "warned", "errors"):
            assert found[field] == sum(part[field] for part in parts)
        assert len(found["checks"]) == sum(len(part["checks"]) for part in parts)
        order = ("fail", "error", "warn", "pass")
        ranks = [order.index(check["status"]) for check in found["checks"]]
        assert ranks == sorted(ranks)

    def test_scans(self) -> None:
        def sarif(tool: str, level: str, times: int) -> bytes:
            results = [{"ruleId": f"{tool}{n}", "level": level, "message": {"text": "m"}} for n in range(times)]
            run = {
                "tool": {"driver": {"name": tool}},
                "results": results,
                "invocations": [{"executionSuccessful": True}],
            }
            return json.dumps({"version": "2.1.0", "runs": [run]}).encode()

        found = together("scan-report", ("a", sarif("x", "note", 700)), ("b", sarif("y", "error", 600))).reading.data
        assert (found["high"], found["low"] + found["info"], found["runs"], found["tool"]) == (600, 700, 2, "x, y")
        assert (len(found["findings"]), found["unlisted"]) == (1_000, 300)
        assert found["findings"][0]["severity"] == "high"

    def test_fairness(self) -> None:
        def frame(feature: str, accuracy: float = 0.9) -> bytes:
            groups = {group: {"selection_rate": rate, "count": 50} for group, rate in (("a", 0.5), ("b", 0.4))}
            content = {"sensitive_features": [feature], "by_group": groups, "overall": {"accuracy": accuracy}}
            return json.dumps(content).encode()

        found = together("fairness-report", ("a", frame("sex")), ("b", frame("race"))).reading.data
        assert sorted(one["name"] for one in found["dimensions"]) == ["race", "sex"]
        assert len(found["groups"]) == 4
        assert found["overall"] == {"accuracy": 0.9}
        with pytest.raises(Invalid, match="two files compare the dimension 'sex'"):
            together("fairness-report", ("a", frame("sex")), ("b", frame("sex", 0.8)))
        differing = together("fairness-report", ("a", frame("sex")), ("b", frame("race", 0.8))).reading
        assert differing.data["overall"] == {}
        assert any("'accuracy' of the whole population" in warning for warning in differing.warnings)

    def test_workloads_and_rules(self) -> None:
        def pod(name: str) -> bytes:
            return (
                f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {{containers: [{{name: c}}]}}\n".encode()
            )

        found = together("workload-spec", ("a", pod("one")), ("b", pod("two"))).reading.data
        assert {each["workload"] for each in found["containers"]} == {"one", "two"}

        def group(name: str, count: int = 1) -> bytes:
            rules = "".join(f"  - {{alert: A{n}, expr: up}}\n" for n in range(count))
            return f"groups:\n- name: {name}\n  rules:\n{rules}".encode()

        found = together("alert-rules", ("a", group("one")), ("b", group("two"))).reading.data
        assert {each["group"] for each in found["rules"]} == {"one", "two"}
        found = together("alert-rules", ("a", group("one", 1_200)), ("b", group("two", 100))).reading.data
        assert (len(found["rules"]), found["unlisted"]) == (1_000, 300)


def search(*versions: dict[str, Any], more: bool = False) -> bytes:
    listed = [{"name": "m", "status": "READY"} | version for version in versions]
    return json.dumps({"model_versions": listed} | ({"next_page_token": "x"} if more else {})).encode()


class TestRegistries:
    def test_a_version_stands_once(self) -> None:
        latest = [{"name": "m", "version": "2", "status": "READY"}]
        live = [{"alias": "live", "version": "1"}]
        aliases = {"registered_model": {"name": "m", "latest_versions": latest, "aliases": live}}
        found = together(
            "registry-report",
            ("get", json.dumps(aliases).encode()),
            ("search", search({"version": "1"}, {"version": "2", "tags": [{"key": "k", "value": "v"}]})),
        ).reading.data
        assert sorted(entry["version"] for entry in found["entries"]) == ["1", "2"]
        assert next(entry for entry in found["entries"] if entry["version"] == "2")["tags"] == {"k": "v"}
        assert (found["aliases"], found["complete"]) == ({"live": "1"}, True)

    def test_only_pages_are_not_whole(self) -> None:
        first, middle = search({"version": "1"}, more=True), search({"version": "2"}, more=True)
        last = search({"version": "3"})
        assert together("registry-report", ("1", first), ("2", middle)).reading.data["complete"] is False
        assert together("registry-report", ("1", first), ("2", middle), ("3", last)).reading.data["complete"] is True

    @pytest.mark.parametrize(
        ("one", "other", "told"),
        [
            ({"status": "READY"}, {"status": "FAILED_REGISTRATION"}, "'status': 'failed' and 'ready'"),
            ({"last_updated_timestamp": 1000}, {"last_updated_timestamp": 2000}, "'updated_at'"),
            ({"tags": [{"key": "k", "value": "1"}]}, {"tags": [{"key": "k", "value": "2"}]}, "'tag k': '1' and '2'"),
        ],
    )
    def test_contradictions_are_refused(self, one: dict[str, Any], other: dict[str, Any], told: str) -> None:
        with pytest.raises(Invalid, match="version '1'") as refused:
            together("registry-report", ("a", search({"version": "1"} | one)), ("b", search({"version": "1"} | other)))
        assert told in refused.value.detail

    def test_of_two_models(self) -> None:
        with pytest.raises(Invalid, match="several registries: 'm', 'n'"):
            together("registry-report", ("a", search({"version": "1"})), ("b", search({"version": "1", "name": "n"})))

    def test_an_alias_of_two_versions_is_left_out(self) -> None:
        files = [(n, search({"version": n, "aliases": ["live"]})) for n in ("1", "2")]
        found = together("registry-report", *files).reading
        assert found.data["aliases"] == {}
        assert any("'live' stands for more than one version" in warning for warning in found.warnings)


SAMPLES = [
    (adapter.name, shape, path)
    for adapter in BUILT_IN
    for shape in adapter.shapes
    if shape in RULES
    for path in sorted(OUTPUTS.rglob("*"))
    if path.is_file() and not path.name.endswith(".meta.yaml") and adapter.detects(path.read_bytes())
]


@pytest.mark.parametrize(("name", "shape"), sorted({(name, shape) for name, shape, _ in SAMPLES}))
def test_real_outputs_never_look_better_together(name: str, shape: str) -> None:
    """Failures of each file are there in all pairs; a pair is merged, or refused in words."""
    paths: list[Path] = [path for one, other, path in SAMPLES if (one, other) == (name, shape)]
    for one in paths:
        for other in paths:
            files = [(path.name, path.read_bytes()) for path in (one, other)]
            refused = ""
            try:
                parts = [together(shape, each).reading.data for each in files]
                data = together(shape, *files).reading.data
            except (Invalid, Malformed) as error:
                refused = error.detail
            if refused:
                assert refused.isprintable()
                continue
            if files[0][1] == files[1][1]:
                assert data == parts[0]
                continue
            for field in ("failed", "errors", "critical", "high", "warned", "total", "passed"):
                if field in data:
                    assert data[field] == parts[0][field] + parts[1][field]
