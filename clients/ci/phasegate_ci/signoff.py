"""`phasegate signoff`: what waits for a person, and the person's own verdict."""

import re

import click
import msgspec

from phasegate_ci.answers import read, record
from phasegate_ci.client import Client
from phasegate_ci.exits import untrusted
from phasegate_ci.names import name, quoted
from phasegate_ci.terminal import line, say

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


class Change(msgspec.Struct, frozen=True):
    what: str
    at: str | None = None


class Given(msgspec.Struct, frozen=True):
    """A sign-off, as far as it is shown."""

    id: str
    criterion: str
    role: str
    verdict: str
    by: str
    at: str
    state: str
    comment: str | None = None
    covers: str = ""
    changed: list[Change] = []


class CoveredRecord(msgspec.Struct, frozen=True):
    criterion: str
    type: str
    digest: str


class Barred(msgspec.Struct, frozen=True):
    person: str
    because: str


class Wanted(msgspec.Struct, frozen=True):
    criterion: str
    role: str
    covers: str
    covered: list[CoveredRecord]
    acknowledge: dict[str, str]
    eligible: list[str]
    barred: list[Barred]
    since_last: list[Change] = []


class SignOffs(msgspec.Struct, frozen=True):
    items: list[Given]
    wanted: list[Wanted]


@click.command(short_help="Show what waits for a sign-off, or give one.")
@click.argument("subject", callback=name)
@click.argument("release", callback=name)
@click.option("--approve", is_flag=True, help="Approve what --covers names, in the role --role.")
@click.option("--reject", is_flag=True, help="Reject it; nothing has to be acknowledged.")
@click.option("--role", metavar="ROLE", help="The role in which you sign.")
@click.option("--criterion", metavar="ID", help="Which one, where several ask for the role.")
@click.option("--covers", metavar="sha256:HEX", help="What you looked at, as this command showed it.")
@click.option(
    "--acknowledge",
    "acknowledged",
    metavar="ID",
    multiple=True,
    help="A sentence that you confirm; repeat it for each.",
)
@click.option("--comment", default="", help="For whoever reads the sign-off.")
@click.option("--withdraw", metavar="ID", help="Take this sign-off back; with --reason.")
@click.option("--reason", default="", help="Why it is taken back.")
@click.pass_obj
def signoff(
    client: Client,
    subject: str,
    release: str,
    approve: bool,
    reject: bool,
    role: str | None,
    criterion: str | None,
    covers: str | None,
    acknowledged: tuple[str, ...],
    comment: str,
    withdraw: str | None,
    reason: str,
) -> None:
    """Show which sign-offs RELEASE of SUBJECT has and waits for; with --approve or --reject, give one.

    A verdict names what you looked at: run this without a verdict first, and pass on the --covers that it shows.
    Nothing is acknowledged unless you say so.
    """
    path = f"/v1/subjects/{quoted(subject)}/releases/{quoted(release)}/signoffs"
    if approve and reject:
        raise click.UsageError("--approve or --reject, not both")
    verdict = "approve" if approve else "reject" if reject else None
    if withdraw is not None:
        _withdraw(client, path, withdraw, reason, verdict)
        return
    if verdict is None:
        stray = {"--role": role, "--covers": covers, "--acknowledge": acknowledged, "--comment": comment}
        if any(stray.values()):
            given = ", ".join(option for option, value in stray.items() if value)
            raise click.UsageError(f"{given} needs --approve or --reject")
        _show(read(client.ask("GET", path).body, SignOffs, "list of sign-offs"), subject, release)
        return
    if role is None or covers is None:
        raise click.UsageError(f"--{verdict} needs --role and --covers; without a verdict this command shows both")
    if _DIGEST.fullmatch(covers) is None:
        raise click.UsageError("--covers is no sha256: and 64 hex digits; copy it as this command shows it")
    content: dict[str, object] = {
        "role": role,
        "verdict": verdict,
        "acknowledged": list(acknowledged),
        "comment": comment,
        "covers": covers,
    }
    if criterion is not None:
        content["criterion"] = criterion
    answer = record(client, path, content)
    signed = read(answer.body, Given, "sign-off")
    if (signed.role, signed.verdict, signed.covers) != (role, verdict, covers):
        raise untrusted("it is another sign-off than was sent")
    _tell("signed" if answer.status == 201 else "signed before", signed)


def _withdraw(client: Client, path: str, withdraw: str, reason: str, verdict: str | None) -> None:
    if verdict is not None or not reason.strip():
        raise click.UsageError("--withdraw needs --reason, and no verdict")
    if re.fullmatch(r"[0-9a-f-]{36}", withdraw) is None:
        raise click.UsageError(f"{withdraw!r} is no id of a sign-off; this command shows them")
    gone = read(record(client, f"{path}/{withdraw}/withdrawal", {"reason": reason}).body, Given, "sign-off")
    if gone.id != withdraw or gone.state != "withdrawn":
        raise untrusted("it is about another sign-off, or one that still stands")
    _tell("withdrawn", gone)


def _tell(what: str, signed: Given) -> None:
    who = f"{line(signed.verdict)} of {line(signed.criterion)} as {line(signed.role)} by {line(signed.by)}"
    say(f"{what}  {who} at {line(signed.at)}  ({line(signed.id)})")


def _show(found: SignOffs, subject: str, release: str) -> None:
    for given in found.items:
        _tell(line(given.state), given)
        if given.comment:
            say(f"  comment: {line(given.comment)}")
        if given.changed:
            say(f"  changed: {_changes(given.changed)}")
        if given.state == "in-force" and given.verdict == "approve":
            _propose(f"{subject} {release}", given.role, given.criterion, given.covers, "--reject")
    for wanted in found.wanted:
        _ask(wanted, subject, release)
    if not found.wanted:
        say("no sign-off is wanted")


def _ask(wanted: Wanted, subject: str, release: str) -> None:
    say(f"wanted  {line(wanted.criterion)} as {line(wanted.role)}")
    say(f"  who may: {', '.join(map(line, wanted.eligible)) or 'nobody yet'}")
    for barred in wanted.barred:
        say(f"  who may not: {line(barred.person)}, since {line(barred.because)}")
    if wanted.since_last:
        say(f"  since the last verdict: {_changes(wanted.since_last)}")
    readers: dict[tuple[str, str], list[str]] = {}
    for covered in wanted.covered:
        readers.setdefault((covered.type, covered.digest), []).append(covered.criterion)
    for (kind, digest), criteria in readers.items():
        say(f"  covers: {line(kind)} {line(digest)} (read by {', '.join(map(line, criteria))})")
    for sentence, told in wanted.acknowledge.items():
        say(f"  --acknowledge {line(sentence)}: {line(told)}")
    rest = " --acknowledge ID, for each sentence that you confirm" if wanted.acknowledge else ""
    _propose(f"{subject} {release}", wanted.role, wanted.criterion, wanted.covers, f"--approve{rest}")


def _propose(of: str, role: str, criterion: str, covers: str, verdict: str) -> None:
    """A command to be copied; only names of the contract's form get into it."""
    if _DIGEST.fullmatch(covers) is None:
        raise untrusted("its digests are none")
    if _NAME.fullmatch(role) and _NAME.fullmatch(criterion):
        say(f"  phasegate signoff {of} --role {role} --criterion {criterion} --covers {covers} {verdict}")


def _changes(changes: list[Change]) -> str:
    return ", ".join(f"{line(each.what)} at {line(each.at)}" if each.at else line(each.what) for each in changes)
