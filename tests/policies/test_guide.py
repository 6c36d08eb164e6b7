"""policies/README.md is true: its commands run, its examples compile, its tables are those of the code."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from os.path import normpath
from pathlib import Path
from typing import Any, NamedTuple, get_args

import click
import jsonschema
import pytest
import yaml
from click.testing import CliRunner

from phasegate.cli import commands
from phasegate.cli.options import NO_ANSWER, WRONG_USE
from phasegate.cli.policy.files import FAULTY
from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.decision import SATISFIED, Status
from phasegate.engine.policy import Criterion
from phasegate.engine.shape import SCALARS, parse_type
from phasegate.errors import Invalid
from phasegate.operations.evaluate import Question, evaluate
from phasegate.policies.keys import KEYS
from phasegate.policies.lint.registry import OF_CASES, RULES, lint
from phasegate.policies.publication import Candidate, candidate, candidate_of
from phasegate.policies.schema import policy_schema
from phasegate.policies.source import load
from phasegate.reading import read_struct
from phasegate.shapes import catalogue
from tests.support.clock import START
from tests.support.pages import Block, blocks, printed, table

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "policies" / "README.md").read_text("utf-8")
_CODE = re.compile(r"`([^`]+)`")


def workflow() -> Any:
    """The example of GitHub Actions."""
    found = re.search(r"^```yaml\n(on:\n.*?)^```\n", GUIDE, re.DOTALL | re.MULTILINE)
    assert found is not None
    return yaml.safe_load(found[1])


def steps() -> list[Any]:
    return [step for step in workflow()["jobs"]["policies"]["steps"] if "phasegate policy" in step.get("run", "")]


def policy() -> Candidate:
    """The policy that the reader writes."""
    written = re.findall(r"^cat >>? \$V/policy\.yaml <<'END'\n(.*?)^END\n", GUIDE, re.DOTALL | re.MULTILINE)
    return candidate("".join(written).encode(), catalogue())


class TestTheCommands:
    def test_the_editor_finds_the_schema_where_it_was_written_and_the_policy_fits_it(self) -> None:
        (version,) = re.findall(r"^V=(\S+)$", GUIDE, re.MULTILINE)
        (schema,) = re.findall(r"^# yaml-language-server: \$schema=(\S+)$", GUIDE, re.MULTILINE)
        (written,) = re.findall(r"^phasegate policy schema > (\S+)$", GUIDE, re.MULTILINE)
        assert normpath(f"{version}/{schema}") == written
        jsonschema.validate(policy().document, policy_schema())

    def test_every_block_prints_what_stands_beneath_it_and_the_workflow_runs(self, tmp_path: Path) -> None:
        *story, last = blocks(GUIDE)
        pipeline = "".join(f"{step['run']}\n" for step in steps())
        assert last.commands.endswith("\nkill $!\n")
        # While the server is there: every version again, each safe to repeat.
        ending = Block(last.commands.removesuffix("kill $!\n") + pipeline + "kill $!\n", last.stated)
        told = printed([*story, ending], tmp_path)
        assert re.findall(r"^exit code (\d)$", told, re.MULTILINE) == ["1"] * 5
        assert "ready-to-serve@1.0.0 was published\nready-to-serve@1.1.0 was published\n" in told
        assert "pgt_" not in told, "a token is printed"
        page = (tmp_path / "ready-to-serve.html").read_text("utf-8")
        assert "A backup was brought back in time" in page

    def test_the_workflow_publishes_from_main_alone_with_a_secret(self) -> None:
        # PyYAML reads YAML 1.1, in which `on` is true.
        assert workflow()[True]["push"]["branches"] == ["main"]
        assert workflow()["permissions"] == {"contents": "read"}
        *others, publish = steps()
        assert publish["if"] == "github.event_name == 'push'"
        assert set(publish["env"]) == {"PHASEGATE_URL", "PHASEGATE_TOKEN"}
        assert publish["env"]["PHASEGATE_TOKEN"].startswith("${{ secrets.")
        assert not any("env" in step for step in others)

    def test_the_workflow_installs_by_a_target_of_the_makefile(self) -> None:
        if not (ROOT / "Makefile").exists():
            pytest.skip("there is no Makefile")
        (target,) = re.findall(r"make -C phasegate (\S+)", GUIDE)
        assert re.search(
            rf"^(?:\S+ )*{re.escape(target)}(?: \S+)*:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE
        )

    def test_every_command_on_policies_is_on_the_page(self) -> None:
        (group,) = (command for command in commands if command.name == "policy")
        assert isinstance(group, click.Group)
        ran = "".join(block.commands for block in blocks(GUIDE))
        assert set(re.findall(r"^phasegate policy ([a-z]+)", ran, re.MULTILINE)) == set(group.commands)


class Example(NamedTuple):
    """One alternative of an example: what it adds to the policy, and what becomes of that."""

    keys: dict[str, Any]
    verdict: str


def examples() -> Iterator[Example]:
    """Each item of the lists under "Traps"."""
    section = GUIDE.partition("\n## 9. Traps\n")[2].partition("\n## ")[0]
    for block in re.findall(r"^```yaml\n(.*?)^```\n", section, re.DOTALL | re.MULTILINE):
        for item in re.split(r"^(?=- )", block, flags=re.MULTILINE)[1:]:
            keys = load(item.replace("- ", "  ", 1).encode()).document
            comments = re.findall(r" # (.*)$", item, re.MULTILINE)
            assert len(comments) == 1, item
            yield Example(keys, comments[0])


def changed(example: Example) -> dict[str, Any]:
    """The reader's policy with an example in it: in the criterion whose evidence has the fields that it reads."""
    document: dict[str, Any] = deepcopy(policy().document)
    keys = dict(example.keys)
    that = keys.pop("that", None)
    for name in ("roles", "waivers", "evidence"):
        if name in keys:
            document[name] = merged(document.get(name), keys.pop(name))
    criterion = document["phases"][0]["criteria"][0 if "took_s" in str(that) or "when" in keys else 1]
    criterion.update(keys)
    if that is not None:
        added = {"that": that, "otherwise": "no"}
        criterion["checks"] = [*criterion["checks"], added] if example.verdict.startswith("right") else [added]
    return document


def merged(old: Any, new: Any) -> Any:
    """`new` over `old` at every depth; an evidence type with its shape is a whole one."""
    if not isinstance(old, dict) or not isinstance(new, dict) or "shape" in new:
        return new
    return {**old, **{key: merged(old.get(key), value) for key, value in new.items()}}


def findings(document: dict[str, Any]) -> set[str]:
    """The rules of lint that speak, cases aside."""
    return {told.rule for told in lint(candidate(json.dumps(document).encode(), catalogue()), None)}


class TestTheTraps:
    @pytest.mark.parametrize("example", [*examples()], ids=lambda example: str(example.keys))
    def test_an_example_is_what_its_comment_says(self, example: Example) -> None:
        document = changed(example)
        kind, _, rest = example.verdict.partition(":")
        if kind == "refused":
            with pytest.raises(Invalid) as refused:
                candidate_of(document, catalogue())
            (fault,) = refused.value.faults
            assert any(key in fault.path for key in example.keys), fault
        elif kind == "lint":
            assert rest.strip() in findings(document)
        else:
            assert kind.partition(",")[0] in ("right", "compiles")
            assert findings(document) == set()

    def test_there_are_some_of_each(self) -> None:
        kinds = [re.split(r"\W", example.verdict)[0] for example in examples()]
        assert {kind: kinds.count(kind) for kind in set(kinds)} == {"right": 16, "refused": 4, "lint": 3, "compiles": 1}

    @pytest.mark.parametrize(
        ("written", "value", "status"),
        [
            ("== true", "yes", "not-applicable"),
            ("!= false", "yes", "missing"),
            ("== true", None, "missing"),
            ("!= false", None, "missing"),
            ("== true", False, "not-applicable"),
            ("!= false", False, "not-applicable"),
        ],
    )
    def test_what_a_when_exempts(self, written: str, value: Any, status: Status) -> None:
        compiled = candidate_of(
            changed(Example({"when": f"subject.attributes.stores_data {written}"}, "right")), catalogue()
        ).compiled
        assert statuses(compiled, {} if value is None else {"stores_data": value})["backup-restored"] == status

    def test_an_absent_field_is_an_error_without_has_and_a_fail_with_it(self) -> None:
        data = dict.fromkeys(("critical", "high", "medium", "low", "info", "errors", "skipped", "runs"), 0)
        scan = {"type": "image-scan", "collected_at": "2027-03-05T00:00:00Z", "data": {**data, "tool": "trivy"}}
        for that, status in (
            ("evidence.scanned >= 1", "error"),
            ("has(evidence.scanned) && evidence.scanned >= 1", "fail"),
        ):
            compiled = candidate_of(changed(Example({"that": that}, "lint")), catalogue()).compiled
            assert statuses(compiled, {}, scan)["no-known-holes"] == status


def statuses(compiled: CompiledPolicy, attributes: dict[str, Any], *evidence: dict[str, Any]) -> dict[str, Status]:
    """By criterion."""
    body = {
        "policy": {},
        "subject": {"name": "invoices", "attributes": attributes},
        "release": {"version": "1"},
        "evidence": list(evidence),
    }
    decision = evaluate(compiled, read_struct(Question, body), START)
    return {result.id: result.status for phase in decision.phases for result in phase.criteria}


class TestTheReference:
    def test_keys_of_a_criterion(self) -> None:
        rows = table(GUIDE, "key of a criterion")
        named = [key for keys, _ in rows for key in _CODE.findall(keys)]
        assert sorted(named) == sorted(Criterion.__struct_fields__)
        alone = {keys.strip("`"): meaning for keys, meaning in rows if "," not in keys}
        assert alone == {key: KEYS["Criterion"][key] for key in alone}

    def test_types(self) -> None:
        named = [name for names, _ in table(GUIDE, "type") for name in _CODE.findall(names)]
        scalars = [name for name in named if name in SCALARS]
        assert sorted(scalars) == sorted({*SCALARS} - {"scalar"})
        rest = [name.replace("T", "string") for name in named if name not in scalars]
        assert len(rest) == 3
        assert all(parse_type(name) is not None for name in rest)

    def test_every_path_that_expressions_read_compiles(self) -> None:
        document = deepcopy(policy().document)
        document["evidence"]["image-scan"]["context"] = ["environment"]
        named = [
            path
            for paths, meaning in table(GUIDE, "expressions read")
            for path in _CODE.findall(f"{paths} {meaning.partition('. `when`')[0]}")
        ]
        paths = [path for path in named if path[0].isalpha()]
        assert len(paths) > 15
        meant = {
            "evidence.FIELD": "evidence.tool",
            "context.KEY": "context.environment",
            'facts["TYPE"]': 'facts["restore-drill"].evidence.complete',
            "subject.attributes.NAME": "subject.attributes.stores_data",
            "params.NAME": "params.max_restore_s",
        }
        document["phases"][0]["criteria"][1]["checks"] = [
            {"that": f"[{meant.get(path, path)}].size() == 1", "otherwise": "no"} for path in paths
        ]
        candidate_of(document, catalogue())

    def test_statuses(self) -> None:
        rows = table(GUIDE, "status")
        assert [status.strip("`") for status, _, _ in rows] == list(get_args(Status))
        assert {status.strip("`") for status, _, satisfied in rows if satisfied == "yes"} == SATISFIED

    def test_lint_rules(self) -> None:
        assert [(rule.strip("`"), wants) for rule, wants in table(GUIDE, "lint rule")] == list(RULES.items())
        assert {"case", "never-false", "mapping-case"} == {*OF_CASES}, "what --without-cases leaves out"

    def test_exit_codes(self, tmp_path: Path) -> None:
        assert [int(code) for code, _ in table(GUIDE, "exit code")] == [0, FAULTY, WRONG_USE, NO_ANSWER]
        gone = str(tmp_path / "gone.yaml")
        assert ended("policy", "diff", gone, gone) == WRONG_USE
        assert ended("evaluate", gone) == WRONG_USE
        file = tmp_path / "policy.yaml"
        file.write_text("policy: x")
        assert ended("policy", "lint", str(file)) == FAULTY
        assert ended("policy", "publish", str(file)) == NO_ANSWER


def ended(name: str, *arguments: str) -> int:
    """The exit code of a command, without a token."""
    (command,) = (command for command in commands if command.name == name)
    return CliRunner(env={"PHASEGATE_TOKEN": None}).invoke(command, arguments).exit_code
