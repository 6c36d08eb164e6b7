"""Runbooks: front matter, steps, and parts that nobody has written yet."""

import time
from typing import Any

import pytest

from phasegate.adapters.interface import Reading
from phasegate.adapters.markdown_runbook import KEYS, MarkdownRunbook
from phasegate.errors import Invalid, Malformed
from tests.adapters.samples import HINTS, attempt, expected, read, sample

FULL = "documents/runbook_full.md"


def of(front: str, body: str = "1. Do it.\n") -> Reading:
    return read(MarkdownRunbook(), f"---\nkind: rollback-runbook\n{front}\n---\n{body}")


class TestSamples:
    def test_the_full_one(self) -> None:
        want = expected(FULL)
        reading = read(MarkdownRunbook(), sample(FULL))
        data = reading.data
        actions = [trigger["action"] for trigger in data["triggers"]]
        assert data["kind"] == want["kind"]
        assert data["last_drill"] == {
            "environment": want["drill"]["environment"],
            "at": "2026-11-19T14:00:00Z",
            "duration_s": want["drill"]["duration_seconds"],
            "result": want["drill"]["result"],
        }
        assert actions.count("rollback") == want["rollback_triggers"]
        assert actions.count("investigate") == want["investigate_triggers"]
        assert data["fallback"] == {"type": "rules", "artefact": "fallback-rules@4", "tested": want["fallback_tested"]}
        assert data["review"] == {
            "within_days": want["review_within_days"],
            "owner": "ml-platform",
            "template": "PIR-7",
        }
        assert len(data["on_call_ack"]) == want["on_call_ack"]
        assert data["on_call_ack"][0] == {"who": "sam@example.com", "at": "2026-11-20T09:12:00Z"}
        assert data["triggers"][0] == {
            "signal": "realized_auc",
            "op": "<",
            "value": 0.85,
            "window": "24h",
            "action": "rollback",
        }
        assert (data["release"], data["owner"], data["steps"]) == ("churn-scorer@2.1.0", "ml-platform", 3)
        assert (data["placeholder_text"], data["sections"]) == (False, ["Rollback runbook: churn-scorer"])
        assert (reading.collected_at, reading.warnings) == (None, ())

    def test_one_without_front_matter_is_recognised_and_refused_with_the_keys(self) -> None:
        path = "documents/runbook_placeholder.md"
        assert expected(path)["front_matter"] is False
        assert MarkdownRunbook().detects(sample(path))
        with pytest.raises(Invalid) as caught:
            MarkdownRunbook().read(sample(path), HINTS)
        assert all(key in caught.value.detail for key in KEYS)

    def test_cut_short_it_is_refused_or_has_no_more_steps(self) -> None:
        whole = sample(FULL)
        for at in range(len(whole)):
            reading = attempt(MarkdownRunbook(), whole[:at])
            assert reading is None or reading.data["steps"] <= 3

    def test_windows_lines_and_a_mark_at_the_beginning(self) -> None:
        raw = b"\xef\xbb\xbf" + sample(FULL).replace(b"\n", b"\r\n")
        assert read(MarkdownRunbook(), raw).data == read(MarkdownRunbook(), sample(FULL)).data


class TestBody:
    @pytest.mark.parametrize(
        ("body", "steps"),
        [
            ("1. a\n2. b\n", 2),
            ("1) a\n", 1),
            ("- a\n- b\n", 0),
            ("1. a\n   1. b\n   - c\n2. d\n", 3),
            ("```\n1. a\n```\n", 0),
            ("    1. a\n", 0),
            ("> 1. a\n", 1),
            ("", 0),
        ],
    )
    def test_steps(self, body: str, steps: int) -> None:
        assert of("", body).data["steps"] == steps

    @pytest.mark.parametrize(
        "body", ["TODO: write", "1. TBD", "# FIXME", "Lorem ipsum", "[More Information Needed]", "<your name>"]
    )
    def test_placeholders(self, body: str) -> None:
        assert of("", body).data["placeholder_text"] is True

    @pytest.mark.parametrize("front", ["owner: TODO", "owner: <team>", "triggers: [{value: 1, signal: <signal>}]"])
    def test_placeholders_of_the_front_matter(self, front: str) -> None:
        assert of(front).data["placeholder_text"] is True

    @pytest.mark.parametrize("body", ["```\nTODO\n```", "    TODO", "method", "a < b > c"])
    def test_what_is_none(self, body: str) -> None:
        assert of("", body).data["placeholder_text"] is False


class TestFrontMatter:
    def test_what_is_not_stated_is_empty_or_absent(self) -> None:
        data = of("").data
        assert (data["release"], data["owner"], data["on_call_ack"], data["triggers"]) == ("", "", [], [])
        assert not data.keys() & {"last_drill", "fallback", "review", "unlisted"}

    def test_another_release_is_told(self) -> None:
        assert "names release" in of("release: churn-scorer@2.0.0").warnings[0]

    @pytest.mark.parametrize("at", ["2026-11-20", "2026-11-20T09:12:00", "yesterday", "", "5"])
    def test_what_has_no_time_with_a_zone_is_left_out(self, at: str) -> None:
        reading = of(f"on_call_ack: [{{who: a, at: {at}}}]\nlast_drill: {{at: {at}, duration_seconds: 4}}")
        assert reading.data["on_call_ack"] == []
        assert "last_drill" not in reading.data
        assert len(reading.warnings) == 2

    @pytest.mark.parametrize("front", ["fallback: {type: rules}", "post_rollback_review: {owner: a}"])
    def test_what_lacks_its_main_fact_is_left_out(self, front: str) -> None:
        reading = of(front)
        assert not reading.data.keys() & {"fallback", "review"}
        assert "left out" in reading.warnings[0]

    def test_a_trigger_that_says_too_little_is_kept_and_stands_first(self) -> None:
        reading = of("triggers: [{signal: a, op: '<', window: 1h, action: rollback, value: 1}, {value: 2}]")
        assert reading.data["triggers"][0] == {"signal": "", "op": "", "value": 2.0, "window": "", "action": ""}

    def test_a_thousand_triggers(self) -> None:
        triggers = ", ".join(["{value: 1}"] * 1_200)
        data = of(f"triggers: [{triggers}]").data
        assert (len(data["triggers"]), data["unlisted"]) == (1_000, 200)

    @pytest.mark.parametrize(
        "front",
        [
            "owner: 5",
            "owner: [a]",
            "release: 2.1",
            "triggers: {}",
            "triggers: [a]",
            "triggers: [{value: '1'}]",
            "triggers: [{signal: a}]",
            "triggers: [{value: 1, window: 24}]",
            "on_call_ack: [{at: 2026-11-20T09:12:00Z}]",
            "last_drill: {at: 2026-11-20T09:12:00Z}",
            "last_drill: {at: 2026-11-20T09:12:00Z, duration_seconds: -1}",
            "last_drill: {at: 2026-11-20T09:12:00Z, duration_seconds: '412'}",
            "last_drill: {at: 2026-11-20T09:12:00Z, duration_seconds: 1, duration_s: 900}",
            "last_drill: passed",
            "fallback: {type: rules, tested: 'true'}",
            "post_rollback_review: {within_days: soon}",
            "post_rollback_review: {within_days: 1.5}",
            "kind: again",
            "a: &x 1\nb: *x",
            "a: !!str b",
            "a: " + "[" * 100_000,
            "a: [" + "1," * 60_000 + "]",
        ],
    )
    def test_another_structure_is_refused(self, front: str) -> None:
        with pytest.raises((Invalid, Malformed)):
            of(front)

    @pytest.mark.parametrize(
        "raw", ["", "---\n---\n", "---\n- a\n---\n", "---\nkind: a\n", "x", "---\n" + "x" * 1_100_000]
    )
    def test_without_one_it_is_refused(self, raw: str) -> None:
        with pytest.raises(Invalid):
            MarkdownRunbook().read(raw.encode(), HINTS)

    @pytest.mark.parametrize(
        "raw",
        [
            b"---\napiVersion: v1\nkind: Pod\n---\n",
            b"---\nlicense: mit\n---\n# Card\n",
            b"# HELP x\n# TYPE x counter\nx 1\n",
            b"# rules\ngroups:\n- name: a\n",
            b"{}",
            b"\xff\xfe",
            b"",
        ],
    )
    def test_other_files_are_none(self, raw: Any) -> None:
        assert not MarkdownRunbook().detects(raw)


@pytest.mark.parametrize("unit", ["[", "1. ", "> ", "- a\n", "<", "`", "a_*", "<!--"])
def test_hostile_text_takes_little_time(unit: str) -> None:
    lines = (unit * (130_000 // len(unit))).split("\n")[:4_000]
    begun = time.process_time()
    assert attempt(MarkdownRunbook(), "\n".join(["---", "kind: a", "---", *lines]).encode()) is not None
    assert time.process_time() - begun < 2


def test_more_lines_than_a_person_reads_are_refused() -> None:
    with pytest.raises(Invalid, match="5,000 lines"):
        of("", "- a\n" * 5_000)
