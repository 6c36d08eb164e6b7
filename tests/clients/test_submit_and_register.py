"""What `phasegate submit` and `phasegate register` send, and what they show."""

import json
import os
from hashlib import sha256
from pathlib import Path

import pytest

from phasegate.http.forms import read_form
from phasegate_ci.submit import _form, instant
from tests.clients.conftest import Run, Server

RECEIPT = {
    "id": "0190",
    "type": "edge-case-tests",
    "shape": "test-report",
    "format": "junit",
    "strength": "measured",
    "affects": ["edge-cases", "robustness"],
    "warnings": ["the file has no time zone"],
}
MTIME = 1_795_478_400_250_000_000  # 2026-11-24T00:00:00.25Z
SUBMIT = ("submit", "churn-scorer", "2.1.0")
TYPE = ("--type", "edge-case-tests")


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> None:
    for name, content in {"junit.xml": "<testsuite/>", "k6.json": '{"p99": 1}', "data.json": '{"auc": 1.10e0}'}.items():
        (tmp_path / name).write_text(content)
        os.utime(tmp_path / name, ns=(MTIME, MTIME))


class TestAToolsFile:
    @pytest.mark.parametrize(("name", "media"), [("junit.xml", "text/xml"), ("k6.json", "application/octet-stream")])
    def test_is_sent_as_it_is(self, server: Server, inside: Run, tmp_path: Path, name: str, media: str) -> None:
        server.says(201, RECEIPT)
        options = ("--format", "junit", "--context", "split=test", "--context", "note=a=b & c", "--exit-code", 1)
        assert inside(*SUBMIT, name, *TYPE, *options).code == 0
        (asked,) = server.asked
        assert (asked.method, asked.path) == ("POST", "/v1/subjects/churn-scorer/releases/2.1.0/evidence")
        assert asked.headers["content-type"] == media
        assert asked.body == (tmp_path / name).read_bytes()
        assert asked.query == {
            "type": "edge-case-tests",
            "format": "junit",
            "exit_code": "1",
            "context.split": "test",
            "context.note": "a=b & c",
            "collected_at": "2026-11-24T00:00:00.25Z",
        }

    def test_has_the_time_the_caller_states(self, server: Server, inside: Run) -> None:
        server.says(201, RECEIPT)
        inside(*SUBMIT, "junit.xml", *TYPE, "--collected-at", "2026-11-20T08:00:00+01:00")
        assert server.asked[0].query["collected_at"] == "2026-11-20T08:00:00+01:00"

    def test_of_the_subject(self, server: Server, inside: Run) -> None:
        server.says(201, RECEIPT)
        assert inside("submit", "churn-scorer", "-", "junit.xml", *TYPE, "--subject-scope").code == 0
        assert server.asked[0].path == "/v1/subjects/churn-scorer/evidence"

    def test_at_the_wrong_place_is_told_the_option(self, server: Server, inside: Run) -> None:
        server.says(422, {"detail": "This type has scope subject: POST /v1/subjects/churn-scorer/evidence"})
        ended = inside(*SUBMIT, "junit.xml", *TYPE)
        assert ended.code == 2
        assert ended.err.splitlines()[1:] == [
            "  while submitting junit.xml",
            "  mend: this type belongs to the subject: add --subject-scope",
        ]


class TestData:
    @pytest.mark.parametrize("flag", ["--data", "--json"])
    def test_goes_into_an_envelope_digit_for_digit(self, server: Server, inside: Run, flag: str) -> None:
        server.says(201, RECEIPT)
        assert inside(*SUBMIT, "data.json", *TYPE, flag, "--context", "split=test").code == 0
        (asked,) = server.asked
        assert (asked.headers["content-type"], asked.query) == ("application/json", {})
        assert b'"data":{"auc": 1.10e0}' in asked.body
        assert json.loads(asked.body) == {
            "type": "edge-case-tests",
            "data": {"auc": 1.1},
            "context": {"split": "test"},
            "collected_at": "2026-11-24T00:00:00.25Z",
        }


class TestSeveralFiles:
    def test_are_one_submission(self, server: Server, inside: Run, tmp_path: Path) -> None:
        server.says(201, RECEIPT)
        os.utime(tmp_path / "k6.json", ns=(MTIME, MTIME - 10**9))
        ended = inside(*SUBMIT, "junit.xml", "k6.json", *TYPE, "--format", "junit", "--context", "split=test")
        assert ended.code == 0
        (asked,) = server.asked
        assert asked.query == {
            "type": "edge-case-tests",
            "format": "junit",
            "context.split": "test",
            "collected_at": "2026-11-23T23:59:59.25Z",  # of the oldest
        }
        media, _, boundary = asked.headers["content-type"].partition("; boundary=")
        form = read_form(media, {"boundary": boundary}, asked.body)
        assert [file.name for file in form.files] == ["junit.xml", "k6.json"]
        assert [file.raw for file in form.files] == [(tmp_path / file.name).read_bytes() for file in form.files]
        assert (form.media_types, form.fields) == (("text/xml", "application/octet-stream"), {})

    @pytest.mark.parametrize("name", ['a"b', "a\r\nX: y", "ä b", "a%22b", "\udcff", "a;b=c", "'", "shard 1/x.xml"])
    def test_whatever_they_are_called(self, tmp_path: Path, name: str) -> None:
        body, media = _form((Path(name), Path("other.xml")), [b"\r\n--x--\r\n\x00\xff", b""])
        found = read_form("multipart/form-data", {"boundary": media.partition("boundary=")[2]}, body)
        assert [file.raw for file in found.files] == [b"\r\n--x--\r\n\x00\xff", b""]
        assert (found.files[1].name, found.fields) == ("other.xml", {})

    def test_as_data_are_sent_one_by_one(self, server: Server, phasegate: Run) -> None:
        server.says(201, RECEIPT).says(200, RECEIPT | {"affects": [], "warnings": []})
        ended = phasegate(*SUBMIT, "data.json", "k6.json", *TYPE, "--data")
        assert (ended.code, ended.err) == (0, "")
        assert [json.loads(asked.body)["data"] for asked in server.asked] == [{"auc": 1.1}, {"p99": 1}]
        assert ended.out == (
            "accepted  data.json  edge-case-tests  (test-report from junit, measured)\n"
            "  affects: edge-cases, robustness\n"
            "  warning: the file has no time zone\n"
            "accepted before  k6.json  edge-case-tests  (test-report from junit, measured)\n"
            "  affects: no criterion\n"
        )


class TestReceipts:
    def test_name_files_that_went_together(self, server: Server, phasegate: Run, tmp_path: Path) -> None:
        server.says(201, RECEIPT)
        for n in range(4):
            (tmp_path / f"{n}.xml").write_text(f"<testsuite name='{n}'/>")
        ended = phasegate(*SUBMIT, "0.xml", "1.xml", *TYPE)
        assert ended.out.splitlines()[0].startswith("accepted  0.xml, 1.xml  edge-case-tests  ")
        ended = phasegate(*SUBMIT, "0.xml", "1.xml", "2.xml", "3.xml", *TYPE)
        assert (ended.code, ended.err) == (0, "")
        assert ended.out.splitlines()[0].startswith("accepted  0.xml, 1.xml, 2.xml and 1 more  edge-case-tests  ")

    def test_of_a_refusal_names_them_all(self, server: Server, inside: Run) -> None:
        server.says(422, {"detail": "metrics-report is read from one file alone"}, "application/problem+json")
        ended = inside(*SUBMIT, "junit.xml", "k6.json", *TYPE)
        assert (ended.code, len(server.asked), ended.out) == (2, 1, "")
        assert ended.err.splitlines()[:2] == [
            "phasegate: metrics-report is read from one file alone",
            "  while submitting junit.xml, k6.json",
        ]

    def test_end_at_the_first_refusal(self, server: Server, inside: Run) -> None:
        server.says(201, RECEIPT)
        problem = {
            "detail": "The file doesn't fit.",
            "errors": [
                {"path": "data.auc", "message": "is no number", "suggestion": "write 0.9"},
                {"path": "", "message": "is cut off", "line": 3, "column": 7},
            ],
        }
        server.says(422, problem, "application/problem+json")
        ended = inside(*SUBMIT, "data.json", "k6.json", "data.json", *TYPE, "--data")
        assert (ended.code, len(server.asked)) == (2, 2)
        assert ended.out.startswith("accepted  data.json")
        assert ended.err.splitlines() == [
            "phasegate: The file doesn't fit.",
            "  while submitting k6.json",
            "  data.auc: is no number (write 0.9)",
            "  body (line 3, column 7): is cut off",
            "  mend: correct what is named above and send it again",
        ]


def test_a_modification_time_has_no_digits_too_many() -> None:
    stated = [instant(ns) for ns in (0, MTIME, MTIME + 999, MTIME + 1000, -1)]
    assert stated == [
        "1970-01-01T00:00:00Z",
        "2026-11-24T00:00:00.25Z",
        "2026-11-24T00:00:00.25Z",
        "2026-11-24T00:00:00.250001Z",
        "1969-12-31T23:59:59.999999Z",
    ]


class TestRegister:
    def test_hashes_files_and_takes_digests(self, server: Server, phasegate: Run, tmp_path: Path) -> None:
        server.says(201, {"subject": "churn-scorer", "version": "2.1.0"})
        artifacts = ("junit.xml", "weights=k6.json", "image=sha256:" + "a" * 64, "sha256:" + "b" * 64)
        source = ("--repository", "https://x/y", "--commit", "abc", "--ref", "main", "--run-url", "https://x/1")
        given = [part for artifact in artifacts for part in ("--artifact", artifact)]
        ended = phasegate("register", "churn-scorer", "2.1.0", *given, *source)
        xml, k6 = (sha256((tmp_path / name).read_bytes()).hexdigest() for name in ("junit.xml", "k6.json"))
        assert (ended.code, ended.out.splitlines()[:2]) == (
            0,
            ["registered  churn-scorer 2.1.0", f"  junit.xml  sha256:{xml}"],
        )
        (asked,) = server.asked
        assert (asked.method, asked.path) == ("POST", "/v1/subjects/churn-scorer/releases")
        assert asked.headers["content-type"] == "application/json"
        assert json.loads(asked.body) == {
            "version": "2.1.0",
            "artifacts": [
                {"name": "junit.xml", "sha256": xml},
                {"name": "weights", "sha256": k6},
                {"name": "image", "sha256": "a" * 64},
                {"name": "sha256:" + "b" * 64, "sha256": "b" * 64},
            ],
            "source": {"repository": "https://x/y", "commit": "abc", "ref": "main", "run_url": "https://x/1"},
        }

    def test_of_an_unknown_subject_is_told_how_to_create_it(self, server: Server, inside: Run) -> None:
        server.says(404, {"detail": "there is no such subject; create it with PUT /v1/subjects/SUBJECT"})
        ended = inside("register", "churn-scorer", "2.1.0", "--artifact", "junit.xml")
        assert ended.code == 2
        assert "mend: check the name; a new subject is created by adding --policy, --kind and --team" in ended.err

    def test_puts_the_subject_first_where_it_is_described(self, server: Server, inside: Run) -> None:
        server.says(201, {"kind": "model"}).says(200, {"version": "2.1.0"})
        attributes = ("regulated=true", "score=0.50", "n=3", 'areas=["eu", 1]', "tier=high", "off=null", 'o={"a":1}')
        given = [part for attribute in attributes for part in ("--attribute", attribute)]
        subject = ("--policy", "ml-deployment@^1", "--kind", "model", "--team", "risk", "--title", "Churn")
        ended = inside("register", "churn-scorer", "2.1.0", "--artifact", "junit.xml", *subject, *given)
        assert ended.out.startswith(
            "created  subject churn-scorer  policy ml-deployment@^1\nregistered before  churn-scorer 2.1.0\n"
        )
        put, post = server.asked
        assert (put.method, put.path, post.method) == ("PUT", "/v1/subjects/churn-scorer", "POST")
        assert json.loads(put.body) == {
            "policy": "ml-deployment@^1",
            "kind": "model",
            "team": "risk",
            "title": "Churn",
            "attributes": {
                "regulated": True,
                "score": 0.5,
                "n": 3,
                "areas": ["eu", 1],
                "tier": "high",
                "off": "null",
                "o": '{"a":1}',
            },
        }

    @pytest.mark.parametrize("text", ["NaN", "Infinity", "1e999", "[NaN]", "True", "01", "", '"x"'])
    def test_takes_as_text_what_is_no_json_number(self, server: Server, inside: Run, text: str) -> None:
        server.says(201, {})
        subject = ("--policy", "p@1", "--kind", "model", "--team", "risk")
        inside("register", "churn-scorer", "1", "--artifact", "junit.xml", *subject, "--attribute", f"a={text}")
        assert json.loads(server.asked[0].body)["attributes"] == {"a": text}

    def test_registers_nothing_where_the_subject_is_refused(self, server: Server, inside: Run) -> None:
        server.says(403, {"detail": "Not yours."})
        subject = ("--policy", "p@1", "--kind", "model", "--team", "risk")
        assert inside("register", "churn-scorer", "1", "--artifact", "junit.xml", *subject).code == 3
        assert len(server.asked) == 1
