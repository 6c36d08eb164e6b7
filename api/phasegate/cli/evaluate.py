"""`phasegate evaluate`: the engine offline, on files."""

import sys
from pathlib import Path
from typing import Any

import click

from phasegate.cli.options import WRONG_USE, fail, now
from phasegate.cli.policy.files import content, mapping, policy_file, tell
from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.decision import Decision, encode
from phasegate.errors import Problem
from phasegate.operations.evaluate import Question
from phasegate.operations.evaluate import evaluate as evaluate_question
from phasegate.policies.publication import candidate, candidate_of
from phasegate.reading import read_struct
from phasegate.resources import POLICIES
from phasegate.shapes import catalogue

_NO_GO = 1
_FACTS = ("facts.json", "facts.yaml", "facts.yml")
_POLICY = ("policy.yaml", "policy.yml", "policy.json")


@click.command(short_help="Decide on a file of facts, without a server.")
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option("--policy", type=click.Path(path_type=Path), help="Policy file or version folder (PATH/policy.yaml).")
@click.option("--gate", help="A phase, or launch; else that of the facts.")
@click.option("--at", metavar="INSTANT", help="As 2026-11-23T12:00:00Z; else that of the facts, else now.")
def evaluate(path: Path, policy: Path | None, gate: str | None, at: str | None) -> None:
    """Decide without a server, and print the decision: byte for byte what POST /v1/evaluate answers.

    PATH is a file of facts, in JSON or YAML, as the body of that call; or a folder that holds facts.json (or
    .yaml), policy.yaml, and in evidence/ further records, one file each. Exit code 0 is go, 1 no-go.
    """
    try:
        decision = _decide(path, policy, gate, at)
    except Problem as problem:
        tell(str(path), problem.detail, problem.faults)
        raise SystemExit(WRONG_USE) from None
    click.echo(encode(decision), nl=sys.stdout.isatty())
    raise SystemExit(0 if decision.outcome == "go" else _NO_GO)


def _decide(path: Path, policy: Path | None, gate: str | None, at: str | None) -> Decision:
    facts, records = _facts(path)
    given = facts.pop("policy", None)
    if policy is None and path.is_dir():
        policy = _one_of(path, _POLICY)
    compiled = _compiled(policy, given)
    changes: dict[str, Any] = {"policy": {}}
    if records:
        changes["evidence"] = [*(facts.get("evidence") or []), *records]
    if gate is not None:
        changes["gate"] = gate
    if at is not None:
        changes["at"] = at
    return evaluate_question(compiled, read_struct(Question, {**facts, **changes}), now())


def _compiled(file: Path | None, given: Any) -> CompiledPolicy:
    """The policy in `file`, else the one given with the facts: whole, or by the name of a shipped version."""
    if file is None and isinstance(given, dict) and "phases" in given:
        return candidate_of(given, catalogue()).compiled
    if file is None and isinstance(given, dict):
        file = POLICIES / str(given.get("name")) / str(given.get("version"))
        if file.parent.parent != POLICIES or not (file / "policy.yaml").is_file():
            fail("that policy version is not shipped; give it as a file: --policy FILE")
    if file is None:
        fail("which policy? Give --policy FILE, or put policy.yaml into the folder")
    return candidate(content(policy_file(file)), catalogue()).compiled


def _facts(path: Path) -> tuple[dict[str, Any], list[Any]]:
    if path.is_file():
        return mapping(path), []
    found = _one_of(path, _FACTS)
    if found is None:
        fail(f"{path} holds none of {', '.join(_FACTS)}")
    records = [each for each in sorted((path / "evidence").glob("*")) if each.suffix in (".json", ".yaml", ".yml")]
    return mapping(found), [mapping(each) for each in records]


def _one_of(folder: Path, names: tuple[str, ...]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)
