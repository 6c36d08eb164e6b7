"""What an exporter shows at /metrics."""

import time
from typing import Any

import pytest

from phasegate.adapters.prometheus_text import PrometheusText
from phasegate.engine.instants import rfc3339
from tests.adapters.samples import attempt, expected, read, sample

PATH = "prometheus/exposition_text.prom"
HEAD = "# TYPE auc gauge\n"
FRESH: dict[str, Any] = {"shape": "data-quality-report"}


class TestTheSample:
    def test_as_figures(self) -> None:
        want = expected(PATH)
        reading = read(PrometheusText(), sample(PATH))
        metrics: Any = reading.data["metrics"]
        assert metrics == {
            "predictions_total": want["predictions_total"],
            "predictions_null_total": want["predictions_null_total"],
            "feature_psi_tenure_months": 0.31,
            "feature_psi_contract": 0.04,
            "realized_auc": want["realized_auc"],
            "data_freshness_seconds": want["data_freshness_seconds"],
        }
        assert metrics["predictions_null_total"] / metrics["predictions_total"] == want["null_rate"]
        assert (reading.collected_at, reading.warnings) == (None, ())

    @pytest.mark.parametrize(
        ("context", "limit", "status"),
        [
            ({"limit_s": "7200"}, 7200.0, "pass"),
            ({"limit_s": "3600"}, 3600.0, "pass"),
            ({"limit_s": "3599"}, 3599.0, "fail"),
            ({"limit_s": "7200", "limit_s.events": "60"}, 60.0, "fail"),
        ],
    )
    def test_as_freshness(self, context: dict[str, str], limit: float, status: str) -> None:
        data = read(PrometheusText(), sample(PATH), context=context, **FRESH).data
        assert data["checks"] == [{"name": "events", "status": status, "age_s": 3600.0, "limit_s": limit}]
        assert (data["total"], data["passed"], data["failed"]) == (1, int(status == "pass"), int(status == "fail"))

    def test_without_a_limit_nothing_is_fresh(self) -> None:
        assert attempt(PrometheusText(), sample(PATH), **FRESH) is None


class TestFreshness:
    @pytest.mark.parametrize("age", ["NaN", "-5", "+Inf"])
    def test_an_age_that_is_none_is_an_error(self, age: str) -> None:
        text = f'# TYPE data_freshness_seconds gauge\ndata_freshness_seconds{{source="a"}} {age}\n'
        data = read(PrometheusText(), text, context={"limit_s": "60"}, **FRESH).data
        assert (data["errors"], data["passed"]) == (1, 0)

    def test_no_source_is_no_check(self) -> None:
        reading = read(PrometheusText(), HEAD + "auc 1\n", context={"limit_s": "60"}, **FRESH)
        assert reading.data["total"] == 0
        assert "no check" in reading.warnings[0]


class TestSamples:
    def test_the_time_is_that_of_the_oldest_where_all_state_one(self) -> None:
        reading = read(PrometheusText(), HEAD + 'auc{a="x"} 1 1795415979058\nauc{a="y"} 2 1795415980000\n')
        assert reading.collected_at is not None
        assert rfc3339(reading.collected_at) == "2026-11-23T06:39:39.058Z"
        assert read(PrometheusText(), HEAD + 'auc{a="x"} 1 1795415979058\nauc{a="y"} 2\n').collected_at is None

    def test_buckets_and_quantiles_are_no_figures(self) -> None:
        text = HEAD + 'auc 0.5\n# TYPE d histogram\nd_bucket{le="1"} 1\nd_bucket{le="+Inf"} 2\nd_sum 3\nd_count 2\n'
        assert read(PrometheusText(), text).data["metrics"] == {"auc": 0.5}

    @pytest.mark.parametrize(
        "line",
        [
            "auc 1\nauc 2", 'auc{a="1"} 1\nauc{a="1"} 1', "auc", "auc one", "auc 1_0", "auc 1 2 3", "auc 1 auc 2",
            'auc{a="1" 1', 'auc{a=1} 1', "auc{} 1 x", 'auc{a="1"} 1 # {} 1', "auc 1 1e9", "# TYPE d summary\nd_sum 1",
            'auc{a="' + "x" * 9_000 + '"} 1',
        ],
    )  # fmt: skip
    def test_a_line_that_is_no_sample_is_refused(self, line: str) -> None:
        assert attempt(PrometheusText(), f"{HEAD}{line}\n") is None

    @pytest.mark.parametrize(
        "text",
        [
            'a{b="' + '\\"' * 1_000 + '"} 1\n',
            "\n".join('a{b="' + '\\"' * 1_000 + f'{n}"}} 1' for n in range(2_000)) + "\n",
            "\n".join(f'a{{b="{n}"}} {n}' for n in range(19_000)) + "\n",
            "\n" * 30_000,
            "# HELP a " + "\\n" * 1_000 + "\n",
            "".join(f"# TYPE a{n} gauge\n" for n in range(19_000)),
        ],
    )
    def test_hostile_text_takes_little_time(self, text: str) -> None:
        begun = time.process_time()
        attempt(PrometheusText(), HEAD + text)
        assert time.process_time() - begun < 2

    def test_text_without_a_head_is_none(self) -> None:
        for text in ("auc 1\n", "ok 1\n", "# heading\n", "# TYPE a\n", "# HELP\n"):
            assert not PrometheusText().detects(text.encode())
