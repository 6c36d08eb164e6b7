"""`phasegate register`: what is to go live, by the digests of its files."""

import json
import math

import click
import msgspec

from phasegate_ci import artifacts
from phasegate_ci.client import Answer, Client
from phasegate_ci.exits import Stop, untrusted, wrong_use
from phasegate_ci.names import name, pairs, quoted
from phasegate_ci.terminal import line, say

Attribute = bool | int | float | str | list[object]


@click.command(short_help="Register a release by the digests of its files.")
@click.argument("subject", callback=name)
@click.argument("release", callback=name)
@click.option(
    "--artifact",
    "files",
    metavar="[NAME=]FILE|[NAME=]sha256:HEX",
    multiple=True,
    required=True,
    help="A file of the release, hashed here, or its digest; repeat it for each.",
)
@click.option("--policy", metavar="P@R", help="Bind the subject to this policy, e.g. ml-deployment@^1.")
@click.option("--kind", help="What the subject is, e.g. model.")
@click.option("--team", help="Whose subject it is.")
@click.option("--title", help="The subject's name for people.")
@click.option(
    "--attribute",
    "attributes",
    metavar="KEY=VALUE",
    multiple=True,
    callback=pairs,
    help="Of the subject; true, false, JSON numbers and JSON lists are read as such. Replaces those it had.",
)
@click.option("--repository", help="Where the release was built from.")
@click.option("--commit", help="Which commit it was built from.")
@click.option("--ref", help="Which branch or tag, e.g. refs/tags/v2.1.0.")
@click.option("--run-url", help="The CI run that built it.")
@click.pass_obj
def register(
    client: Client,
    subject: str,
    release: str,
    files: tuple[str, ...],
    policy: str | None,
    kind: str | None,
    team: str | None,
    title: str | None,
    attributes: dict[str, str],
    repository: str | None,
    commit: str | None,
    ref: str | None,
    run_url: str | None,
) -> None:
    """Register RELEASE of SUBJECT. The same again changes nothing.

    With --policy, --kind and --team the subject is created, or set to exactly what is given.
    """
    found = artifacts.named(files)
    path = f"/v1/subjects/{quoted(subject)}"
    if policy or kind or team or title or attributes:
        wanted = _subject(policy, kind, team, title, attributes)
        answer = _send(client, "PUT", path, wanted, {"kind": wanted["kind"], "team": wanted["team"]})
        say(f"{'created' if answer.status == 201 else 'updated'}  subject {subject}  policy {line(policy or '')}")
    body: dict[str, object] = {"version": release, "artifacts": found}
    source = {"repository": repository, "commit": commit, "ref": ref, "run_url": run_url}
    stated = {key: value for key, value in source.items() if value}
    if stated:
        body["source"] = stated
    try:
        answer = _send(client, "POST", f"{path}/releases", body, {"subject": subject, "version": release})
    except Stop as stop:
        if "no such subject" in stop.message:
            stop.mend = "check the name; a new subject is created by adding --policy, --kind and --team"
        raise
    say(f"{'registered' if answer.status == 201 else 'registered before'}  {subject} {release}")
    for artifact in found:
        say(f"  {line(artifact.name)}  sha256:{artifact.sha256}")


def _subject(
    policy: str | None, kind: str | None, team: str | None, title: str | None, attributes: dict[str, str]
) -> dict[str, object]:
    needed = {"policy": policy, "kind": kind, "team": team}
    absent = [f"--{name}" for name, value in needed.items() if not value]
    if absent:
        raise wrong_use(
            f"a subject needs policy, kind and team; not given: {', '.join(absent)}",
            "give all three, or none of the subject's options where it exists already",
        )
    body: dict[str, object] = {**needed, "attributes": {key: attribute(text) for key, text in attributes.items()}}
    return body | ({"title": title} if title else {})


def attribute(text: str) -> Attribute:
    """The value of an attribute: `true`, `false`, a JSON number or a JSON list, else the text as it stands."""
    try:
        # Not msgspec: it makes a float of an integer beyond 64 bits, and the value would change unnoticed.
        value = json.loads(text, parse_int=_whole, parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, (bool, int, float, list)) else text


def _whole(text: str) -> int:
    if len(text) > 20 or int(text).bit_length() > 64:
        raise wrong_use(f"the attribute {text} is an integer beyond 64 bits", "give it as a decimal, or as text")
    return int(text)


def _finite(text: str) -> float:
    if not math.isfinite(value := float(text)):
        raise ValueError("JSON has no such number")
    return value


def _send(client: Client, method: str, path: str, body: dict[str, object], echo: dict[str, object]) -> Answer:
    """Send JSON; the answer must be a JSON object that, where it names these fields, names the same."""
    content = msgspec.json.encode(body)
    answer = client.ask(method, path, body=content, content_type="application/json", expected=(200, 201))
    try:
        told = msgspec.json.decode(answer.body, type=dict[str, object])
    except (msgspec.DecodeError, RecursionError) as failure:
        raise untrusted(f"it is no JSON object ({failure})") from failure
    for field, value in echo.items():
        if told.get(field, value) != value:
            raise untrusted(f"its {field} is {told[field]!r}; sent was {value!r}")
    return answer
