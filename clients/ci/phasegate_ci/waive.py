"""`phasegate waive`: exceptions for a criterion, for a while."""

import re

import click
import msgspec

from phasegate_ci.answers import read, record
from phasegate_ci.client import Client
from phasegate_ci.exits import untrusted
from phasegate_ci.names import name, quoted
from phasegate_ci.terminal import line, say

_ID = re.compile(r"[0-9a-f-]{36}")


class Waiver(msgspec.Struct, frozen=True):
    """A waiver, as far as it is shown."""

    id: str
    criterion: str
    granted_by: str
    expires_at: str
    state: str
    reason: str | None = None
    used: bool | None = None


class Waivers(msgspec.Struct, frozen=True):
    items: list[Waiver]


class Request(msgspec.Struct, frozen=True):
    """A request for one, as far as it is shown."""

    id: str
    criterion: str
    requested_by: str
    expires_at: str


@click.command(short_help="Show a release's waivers, grant one, ask for one, revoke one.")
@click.argument("subject", callback=name)
@click.argument("release", callback=name)
@click.argument("criterion", required=False)
@click.option("--reason", default="", help="Why the criterion need not be met for now; or why one is revoked.")
@click.option("--until", metavar="TIME", help="When it ends: RFC 3339 with a zone.")
@click.option("--request", is_flag=True, help="Ask for it, instead of granting it.")
@click.option("--revoke", metavar="ID", help="Take this waiver back.")
@click.pass_obj
def waive(
    client: Client,
    subject: str,
    release: str,
    criterion: str | None,
    reason: str,
    until: str | None,
    request: bool,
    revoke: str | None,
) -> None:
    """Show the waivers of RELEASE of SUBJECT; with CRITERION, --reason and --until, waive it that long."""
    path = f"/v1/subjects/{quoted(subject)}/releases/{quoted(release)}"
    if revoke is not None:
        _revoke(client, path, revoke, criterion, reason)
    elif criterion is None:
        if reason or until or request:
            raise click.UsageError("--reason, --until and --request need a CRITERION")
        _show(read(client.ask("GET", f"{path}/waivers").body, Waivers, "list of waivers"))
    elif not reason.strip() or until is None:
        raise click.UsageError("a waiver needs --reason and --until: it never lasts for good")
    else:
        content = {"criterion": criterion, "reason": reason, "expires_at": until}
        if request:
            _ask(client, path, criterion, content)
        else:
            answer = record(client, f"{path}/waivers", content)
            granted = read(answer.body, Waiver, "waiver")
            if (granted.criterion, granted.state) != (criterion, "in-force"):
                raise untrusted("it is another waiver than was sent")
            _tell("waived" if answer.status == 201 else "waived before", granted)


def _ask(client: Client, path: str, criterion: str, content: dict[str, str]) -> None:
    asked = read(record(client, f"{path}/waiver-requests", content).body, Request, "waiver request")
    if asked.criterion != criterion:
        raise untrusted("it is another request than was sent")
    say(f"asked for  {line(asked.criterion)} until {line(asked.expires_at)}  ({line(asked.id)})")
    say("  nothing is waived until somebody else with the scope waivers:write approves")


def _revoke(client: Client, path: str, revoke: str, criterion: str | None, reason: str) -> None:
    if criterion is not None or not reason.strip():
        raise click.UsageError("--revoke needs --reason, and no CRITERION")
    if _ID.fullmatch(revoke) is None:
        raise click.UsageError(f"{revoke!r} is no id of a waiver; this command shows them")
    answer = client.ask("DELETE", f"{path}/waivers/{revoke}", params={"reason": reason})
    gone = read(answer.body, Waiver, "waiver")
    if (gone.id, gone.state) != (revoke, "revoked"):
        raise untrusted("it is about another waiver, or one that still stands")
    _tell("revoked", gone)


def _show(found: Waivers) -> None:
    for waiver in found.items:
        used = "" if waiver.state != "in-force" else (", used" if waiver.used else ", not used")
        _tell(f"{line(waiver.state)}{used}", waiver)
        say(f"  {line(waiver.reason or '(erased)')}")
    if not found.items:
        say("no waiver")


def _tell(what: str, waiver: Waiver) -> None:
    told = f"{line(waiver.criterion)} until {line(waiver.expires_at)} by {line(waiver.granted_by)}"
    say(f"{what}  {told}  ({line(waiver.id)})")
