"""Prometheus rules, from a file and from a running server."""

import json
from typing import Any

import pytest

from phasegate.adapters.alert_rules import rule, rules_data
from phasegate.adapters.interface import Hints, Reading
from phasegate.adapters.prometheus_api_rules import PrometheusApiRules
from phasegate.adapters.prometheus_rules import PrometheusRules
from phasegate.engine.instants import rfc3339
from phasegate.errors import Invalid, Malformed
from tests.adapters import harm
from tests.adapters.samples import HINTS, attempt, expected, read, sample

FILE, API = "prometheus/rules_file.yml", "prometheus/api_rules.json"


def named(reading: Reading, key: str, value: str) -> list[str]:
    return [one["name"] for one in reading.data["rules"] if one.get(key) == value]


class TestFile:
    def test_the_sample(self) -> None:
        want = expected(FILE)
        reading = read(PrometheusRules(), sample(FILE))
        rules = reading.data["rules"]
        assert len({one["group"] for one in rules}) == want["groups"]
        assert named(reading, "kind", "alerting") == want["alerts"]
        assert len(want["alerts"]) == want["alerting"]
        assert len(named(reading, "kind", "recording")) == want["recording"]
        assert sum(one["runbook_url"] != "" for one in rules) == want["with_runbook"]
        for severity, number in want["severities"].items():
            assert len(named(reading, "severity", severity)) == number
        assert [one["for_s"] for one in rules] == [0, 600, 300, 3600, 0]
        assert rules[4] == {
            "group": "churn-scorer",
            "name": "OutcomeAUCBelowFloor",
            "kind": "alerting",
            "expr": "realized_auc < 0.85",
            "for_s": 0.0,
            "severity": "page",
            "runbook_url": "",
            "labels": {"severity": "page", "action": "rollback"},
            "annotations": {"summary": "Realized AUC below rollback floor"},
        }
        assert (reading.collected_at, reading.warnings) == (None, ())

    def one(self, rule: str) -> dict[str, Any]:
        reading = read(PrometheusRules(), f"groups:\n- name: g\n  labels: {{team: a, tier: b}}\n  rules:\n  - {rule}\n")
        found: dict[str, Any] = reading.data["rules"][0]
        return found

    @pytest.mark.parametrize(
        ("written", "seconds"),
        [("1h30m", 5400), ("1d", 86_400), ("2w", 1_209_600), ("1y", 31_536_000), ("500ms", 0.5), ("0", 0), ("0s", 0)],
    )
    def test_lengths_of_time(self, written: str, seconds: float) -> None:
        assert self.one(f"{{alert: A, expr: up, for: {written}}}")["for_s"] == seconds

    @pytest.mark.parametrize("written", ["10", "'10'", "1.5h", "10 m", "m", "''", "-1m", "1m1h", "true", "[]", "1h\\n"])
    def test_what_is_no_length_of_time_is_refused(self, written: str) -> None:
        with pytest.raises((Invalid, Malformed)):
            self.one(f"{{alert: A, expr: up, for: {written}}}")

    def test_labels_of_the_group_hold_unless_the_rule_has_its_own(self) -> None:
        assert self.one("{alert: A, expr: up, labels: {tier: c}}")["labels"] == {"team": "a", "tier": "c"}

    def test_what_is_not_quoted_is_told(self) -> None:
        reading = read(PrometheusRules(), "groups: [{name: g, rules: [{alert: A, expr: 1, labels: {severity: 1}}]}]")
        assert reading.data["rules"][0]["severity"] == "1"
        assert "without quotes" in reading.warnings[0]

    @pytest.mark.parametrize(
        "text",
        [
            "groups: 5",
            "groups: [a]",
            "groups: [{name: g}]",
            "groups: [{rules: []}]",
            "groups: [{name: g, rules: [{expr: up}]}]",
            "groups: [{name: g, rules: [{alert: A, record: B, expr: up}]}]",
            "groups: [{name: g, rules: [{alert: A}]}]",
            "groups: [{name: g, rules: [{alert: A, expr: ''}]}]",
            "groups: [{name: g, rules: [{alert: A, expr: up, labels: {a: []}}]}]",
            "groups: []\n---\ngroups: []",
            "rules: []",
            "[]",
            "",
            "groups: &a []\nb: *a",
            "groups: []\ngroups: []",
            "groups: !!python/tuple []",
            "groups: " + "[" * 100_000,
            "groups: [" + "1," * 60_000 + "]",
        ],
    )
    def test_another_structure_is_refused(self, text: str) -> None:
        with pytest.raises((Invalid, Malformed)):
            PrometheusRules().read(text.encode(), HINTS)

    @pytest.mark.parametrize("raw", [b"groups: []\n\xff", b"groups: [\0]"])
    def test_what_is_no_text_is_refused(self, raw: bytes) -> None:
        with pytest.raises(Malformed, match="line"):
            PrometheusRules().read(raw, HINTS)

    def test_no_rule_is_told(self) -> None:
        reading = read(PrometheusRules(), "groups: []")
        assert (reading.data, reading.warnings) == ({"rules": []}, ("the file holds no rule",))

    def test_a_manifest_and_json_of_another_kind_are_none(self) -> None:
        assert not PrometheusRules().detects(b"apiVersion: v1\nkind: X\ngroups: []\n")
        assert not PrometheusRules().detects(b'{"groups": {}}')
        assert PrometheusRules().detects(b'{"groups": []}')


class TestApi:
    def test_the_sample(self) -> None:
        want = expected(API)
        reading = read(PrometheusApiRules(), sample(API))
        rules = reading.data["rules"]
        assert want["status"] == "success"
        assert len({one["group"] for one in rules}) == want["groups"]
        assert len(named(reading, "kind", "alerting")) == want["alerting"]
        assert len(named(reading, "kind", "recording")) == want["recording"]
        for state in ("firing", "pending", "inactive"):
            assert named(reading, "state", state) == want[state]
        assert len(rules) - len(named(reading, "health", "ok")) == want["health_not_ok"]
        assert [one["for_s"] for one in rules] == [0, 600, 300, 3600, 0]
        assert "state" not in rules[0]
        assert reading.producer.tool == "prometheus"
        assert reading.collected_at is not None
        assert rfc3339(reading.collected_at).startswith("2026-11-23T06:39:38.")
        assert reading.warnings == ()

    def test_an_exit_code_is_told(self) -> None:
        assert "exit code 22" in read(PrometheusApiRules(), sample(API), Hints(exit_code=22)).warnings[0]

    def test_a_rule_that_was_never_evaluated_has_no_time(self) -> None:
        raw = sample(API).replace(b"2026-11-23T06:39:38", b"0001-01-01T00:00:00")
        assert read(PrometheusApiRules(), raw).collected_at is None

    def test_a_page_is_told(self) -> None:
        raw = json.dumps({"status": "success", "data": {"groups": [], "groupNextToken": "x"}, "warnings": ["partial"]})
        assert read(PrometheusApiRules(), raw).warnings == (
            "Prometheus says: partial",
            "the answer is one page of several; rules of the other pages are missing",
            "no rule is loaded",
        )

    @pytest.mark.parametrize(
        "content",
        [
            {"status": "error", "error": "down", "data": {"groups": []}},
            {"status": "success", "data": {"groups": {}}},
            {"status": "success", "data": []},
            {"status": "success", "data": {"groups": [{"name": "g", "rules": [{"type": "other", "name": "a"}]}]}},
            {"status": "success", "data": {"groups": [{"name": "g", "rules": [{"type": "alerting", "name": "a"}]}]}},
            {"status": "success", "data": {"groups": [{"rules": []}]}},
            [],
        ],
    )
    def test_another_structure_is_refused(self, content: Any) -> None:
        with pytest.raises(Invalid):
            PrometheusApiRules().read(json.dumps(content).encode(), HINTS)

    def test_what_becomes_of_a_file_is_refused_or_the_same_rules(self) -> None:
        names = [one["name"] for one in read(PrometheusApiRules(), sample(API)).data["rules"]]
        for raw in harm.no_numbers(sample(API)):
            reading = attempt(PrometheusApiRules(), raw)
            assert reading is None or [one["name"] for one in reading.data["rules"]] == names


def test_of_more_than_a_thousand_the_unhealthy_and_the_alerts_come_first() -> None:
    recording = [rule("g", "recording", f"r{n}", "up", 0.0, {}, {}) for n in range(600)]
    alerting = [rule("g", "alerting", f"a{n}", "up", 0.0, {}, {}) for n in range(600)]
    data = rules_data([*recording, {**recording[0], "name": "bad", "health": "err"}, *alerting])
    assert data["unlisted"] == 201
    assert [data["rules"][0]["name"], data["rules"][1]["name"], data["rules"][601]["name"]] == ["bad", "a0", "r0"]
