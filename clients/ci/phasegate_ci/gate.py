"""`phasegate gate`: may this release pass? The exit code is the answer."""

import click

from phasegate_ci import artifacts, decision
from phasegate_ci.client import Client
from phasegate_ci.exits import DONE, NO_GO
from phasegate_ci.names import identifier, name, quoted
from phasegate_ci.terminal import complain, line, say, say_bytes


@click.command(short_help="May a release pass? 0 go, 1 no-go, 3 nobody knows.")
@click.argument("subject", callback=name)
@click.argument("release", callback=name)
@click.option(
    "--gate",
    callback=identifier,
    default=decision.LAUNCH,
    show_default=True,
    help="A phase of the policy, or launch.",
)
@click.option(
    "--artifact",
    "files",
    metavar="PATH",
    multiple=True,
    help="A file about to go live, or its sha256:HEX; repeat it for each. All of them must be exactly the release's.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="json: the decision as the server sent it, and nothing else.",
)
@click.pass_obj
def gate(client: Client, subject: str, release: str, gate: str, files: tuple[str, ...], form: str) -> int:
    """May RELEASE of SUBJECT pass the gate? Exits with 0 for go, 1 for no-go, 3 where nobody knows."""
    given = artifacts.digests(files)
    path = f"/v1/subjects/{quoted(subject)}/releases/{quoted(release)}/decision"
    body = client.ask("GET", path, params={"gate": gate}).body
    answer = decision.read(body, subject, release, gate)
    mismatch = _differences(given, answer) if files else []
    go = answer.outcome == "go" and not mismatch
    if form == "json":
        say_bytes(body)
        if mismatch:
            complain("phasegate: no-go: the files given are not exactly the release's artifacts")
            complain("\n".join(f"  {line(difference)}" for difference in mismatch))
            complain(f"  {_mend(subject)}")
    else:
        _tell(client, answer, mismatch, go)
    return DONE if go else NO_GO


def _tell(client: Client, answer: decision.Decision, mismatch: list[str], go: bool) -> None:
    # Only here, so that `--format json` and a failure don't pay for it.
    from phasegate_ci import advice, report

    first: str | None = None
    if mismatch:
        first = _mend(answer.subject)
    elif not go:
        first = advice.first_step(answer, advice.policy_of(client, answer))
    say(report.text(answer, first, mismatch))


def _differences(given: dict[str, str], answer: decision.Decision) -> list[str]:
    """How the two sets differ; names are for the reader, only digests are compared."""
    registered = {artifact.sha256: artifact.name for artifact in answer.artifacts}
    extra = [f"{path} (sha256:{sha256}) is not in the release" for sha256, path in given.items()]
    absent = [f"{name} (sha256:{sha256}) was not given" for sha256, name in registered.items()]
    return [
        *(text for text, sha256 in zip(extra, given, strict=True) if sha256 not in registered),
        *(text for text, sha256 in zip(absent, registered, strict=True) if sha256 not in given),
    ]


def _mend(subject: str) -> str:
    again = f"phasegate register {subject} NEW-RELEASE --artifact FILE"
    return f"First: give all files of the release, or register these as a release of their own:  {again}"
