"""The answer of a health endpoint: whole, or refused."""

import json
from typing import Any

import pytest

from phasegate.adapters.http_health import HttpHealth
from phasegate.adapters.interface import Reading
from phasegate.engine.instants import rfc3339
from phasegate.errors import Invalid, Malformed
from tests.adapters.samples import HINTS, attempt, expected, read, sample

NAMES = ("http_pass", "http_fail", "http_always_ok")


def answer(body: Any, *headers: str, status: str = "HTTP/1.1 200 OK") -> bytes:
    text = body if isinstance(body, str) else json.dumps(body)
    return "\r\n".join([status, *headers, "", text]).encode()


def of(body: Any, *headers: str, status: str = "HTTP/1.1 200 OK") -> Reading:
    return read(HttpHealth(), answer(body, *headers, status=status))


class TestSamples:
    @pytest.mark.parametrize("name", NAMES)
    def test_each(self, name: str) -> None:
        want = expected(f"health/{name}.http")
        reading = read(HttpHealth(), sample(f"health/{name}.http"))
        data = reading.data
        renamed = {"warn_checks": "warning_checks", "release": "release_id"}
        want = {renamed.get(key, key): "pass" if value == "ok" else value for key, value in want.items()}
        assert {key: data[key] for key in want} == want
        assert data["content_type"] in ("application/health+json", "application/json")
        assert reading.collected_at is not None
        assert rfc3339(reading.collected_at) == "2026-11-23T06:31:12Z"
        assert reading.warnings == ()

    def test_components_worst_first(self) -> None:
        assert read(HttpHealth(), sample("health/http_fail.http")).data["components"] == [
            {"name": "model:loaded", "status": "fail"},
            {"name": "feature-store:latency", "status": "warn"},
        ]

    def test_a_body_alone_is_recognised_and_refused_with_a_hint(self) -> None:
        assert expected("health/body_fail.json")["status"] == "fail"
        assert HttpHealth().detects(sample("health/body_fail.json"))
        with pytest.raises(Invalid, match="curl -si"):
            HttpHealth().read(sample("health/body_fail.json"), HINTS)


class TestStatus:
    @pytest.mark.parametrize(
        ("word", "status"),
        [("pass", "pass"), ("OK", "pass"), ("UP", "pass"), ("warn", "warn"), ("error", "fail"), ("DOWN", "fail")],
    )
    def test_words(self, word: str, status: str) -> None:
        assert of({"status": word}).data["status"] == status

    @pytest.mark.parametrize("body", [{"status": "healthy"}, {"status": 200}, {"status": None}, {}, {"status": ""}])
    def test_another_word_is_refused(self, body: Any) -> None:
        with pytest.raises(Invalid):
            of(body)

    @pytest.mark.parametrize("body", ["OK", "", "<html></html>", '{"status": "pass", "status": "fail"}', '{"status":'])
    def test_what_is_no_json_is_refused(self, body: str) -> None:
        with pytest.raises(Malformed, match="the body of the answer"):
            of(body)

    def test_http_2(self) -> None:
        assert of({"status": "fail"}, status="HTTP/2 503 ").data["http_status"] == 503


class TestComponents:
    def test_of_spring(self) -> None:
        components = {"db": {"status": "UP"}, "disk": {"status": "OUT_OF_SERVICE"}}
        data = of({"status": "DOWN", "components": components}).data
        assert (data["checks"], data["failing_checks"]) == (2, 1)
        assert data["components"][0] == {"name": "disk", "status": "fail"}

    def test_the_worst_of_several_measurements(self) -> None:
        entries = [{"status": "pass"}, {"status": "warn"}, {"status": "pass"}]
        data = of({"status": "pass", "checks": {"a": entries}}).data
        assert (data["checks"], data["warning_checks"]) == (1, 1)

    def test_one_without_a_status_is_unknown(self) -> None:
        reading = of({"status": "pass", "checks": {"a": [{}], "b": []}})
        assert [each["status"] for each in reading.data["components"]] == ["unknown", "unknown"]
        assert "states no status" in reading.warnings[0]

    @pytest.mark.parametrize("checks", [[], {"a": ["pass"]}, {"a": "pass"}, {"a": None}])
    def test_another_structure_is_refused(self, checks: Any) -> None:
        with pytest.raises(Invalid):
            of({"status": "pass", "checks": checks})

    def test_a_thousand_are_listed_worst_first_and_all_counted(self) -> None:
        checks = {f"c{n}": {"status": "pass"} for n in range(1_500)} | {"bad": {"status": "fail"}}
        data = of({"status": "fail", "checks": checks}).data
        assert (data["checks"], data["failing_checks"], len(data["components"])) == (1_501, 1, 1_000)
        assert data["components"][0]["name"] == "bad"


class TestAnswer:
    GOOD = answer({"status": "pass"})
    BAD = answer({"status": "fail"}, status="HTTP/1.1 503 Service Unavailable")

    def test_behind_interim_answers_and_redirections(self) -> None:
        before = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 301 Moved\r\nLocation: /h\r\n\r\n"
        assert read(HttpHealth(), before + self.BAD).data["http_status"] == 503

    def test_a_good_answer_inside_a_bad_one_is_its_body(self) -> None:
        head = b"HTTP/1.1 503 Service Unavailable\r\n\r\n"
        assert attempt(HttpHealth(), head + self.GOOD) is None
        assert attempt(HttpHealth(), self.BAD + self.GOOD) is None

    def test_another_release_is_told(self) -> None:
        reading = of({"status": "pass", "releaseId": "churn-scorer@2.0.0"})
        assert "names release 'churn-scorer@2.0.0'" in reading.warnings[0]

    def test_a_length_that_does_not_fit_is_refused(self) -> None:
        for length in ("3", "99", "x", "-1", "18, 18", ""):
            with pytest.raises(Malformed):
                of({"status": "pass"}, f"Content-Length: {length}")
        assert of('{"status": "pass"}\n', "Content-Length: 18").data["status"] == "pass"

    @pytest.mark.parametrize("pair", [("Date: a", "Date: b"), ("Content-Length: 18", "content-length: 19")])
    def test_a_header_with_two_values_is_refused(self, pair: tuple[str, str]) -> None:
        with pytest.raises(Malformed, match="twice"):
            of({"status": "pass"}, *pair)

    @pytest.mark.parametrize(
        "raw",
        [
            b"HTTP/1.1 200 OK",
            b"HTTP/1.1 2000 OK\r\n\r\n{}",
            b"HTTP/1.1 OK\r\n\r\n{}",
            b"HTTP/1.1 200 OK\r\nno header\r\n\r\n{}",
            b"HTTP/1.1 200 OK\r\n Date: x\r\n\r\n{}",
            b"HTTP/1.1 100 Continue\r\n\r\n" * 30,
            b"HTTP/1.1 200 OK\r\nA: " + b"x" * 100_000 + b"\r\n\r\n{}",
        ],
    )
    def test_what_is_no_answer_is_refused(self, raw: bytes) -> None:
        assert HttpHealth().detects(raw)
        with pytest.raises(Malformed):
            HttpHealth().read(raw, HINTS)

    def test_a_date_that_is_none_is_told(self) -> None:
        assert "can't be read" in of({"status": "pass"}, "Date: yesterday").warnings[0]
