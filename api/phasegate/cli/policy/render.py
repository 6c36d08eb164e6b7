"""`phasegate policy render`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from phasegate.cli.options import fail, now
from phasegate.cli.policy.files import FAULTY, compiled, mapping, tell, write
from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.gate import decide
from phasegate.errors import Problem
from phasegate.operations.evaluate import Question, facts_of
from phasegate.policies.publication import candidate_of
from phasegate.reading import read_struct
from phasegate.shapes import catalogue

if TYPE_CHECKING:
    from phasegate.rendering.documents import Format


@click.command(short_help="Show a policy, or one release under it, as a document.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["markdown", "html"]), default="markdown", show_default=True)
@click.option("--output", metavar="FILE", type=click.Path(path_type=Path), help="Write there, and not to stdout.")
@click.option(
    "--release", metavar="FACTS", type=click.Path(path_type=Path), help="A body of POST /v1/evaluate, JSON or YAML."
)
def render(file: Path, form: "Format", output: Path | None, release: Path | None) -> None:
    """The finished checklist of a policy file (a folder stands for the policy.yaml in it).

    With --release the review document of that release: its decision with everything it was made from, offline.
    """
    found = compiled(file)
    if found is None:
        raise SystemExit(FAULTY)
    made = _checklist(found.compiled, form) if release is None else _review(found.compiled, release, form)
    if output is None:
        click.echo(made.encode(), nl=False)
    else:
        write(output, made.encode())


def _checklist(policy: CompiledPolicy, form: "Format") -> str:
    from phasegate.rendering.checklist import render_policy

    return render_policy(policy, form)


def _review(policy: CompiledPolicy, path: Path, form: "Format") -> str:
    from phasegate.rendering.review import render_review

    try:
        body = mapping(path)
        _refuse_another(policy, body.get("policy"), path)
        question = read_struct(Question, {**body, "policy": {}})
        facts, at = facts_of(policy, question, now())
        return render_review(policy, decide(policy, facts, question.gate, at), facts, form)
    except Problem as problem:
        tell(str(path), problem.detail, problem.faults)
        raise SystemExit(FAULTY) from None


def _refuse_another(policy: CompiledPolicy, named: object, path: Path) -> None:
    """Facts that name a policy are not judged by another one."""
    if not isinstance(named, dict) or not named:
        return
    if "phases" in named:
        same = candidate_of(named, catalogue()).digest == policy.digest
    else:
        same = (named.get("name"), named.get("version")) == (policy.policy.policy, policy.policy.version)
    if not same:
        fail(f"{path} is about another policy than {policy.policy.policy}@{policy.policy.version}")
