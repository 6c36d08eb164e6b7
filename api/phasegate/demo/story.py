"""The story that `phasegate demo` tells: a real server, asked over HTTP as any pipeline would ask it.

Every verdict below is the server's, by the shipped policy. `outputs/` holds files as real tools wrote them, in toy
runs of several models (scikit-learn's, mostly), and a runbook and a manifest as teams write them. Changed in them are
names (of release, data set and leaking feature), so that they tell of one model; and left out are the times by which
a server would reckon their age. What no tool at hand had written is in `launch/stated.json`, made up.
"""

import hashlib
import json
import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from phasegate.demo.page import BOLD, GREEN, RED, Json, Page
from phasegate.demo.people import enrolled, pipeline, sign_off
from phasegate.demo.sending import MODEL, OUTPUTS, PATH, SERVICE, SUBJECT, Sender
from phasegate.demo.server import Api, Failed, server
from phasegate.demo.shown import show_criteria, show_phases, show_refusal

FIRST, SECOND = "2.1.0", "2.1.1"
GATE = "model-validation"
ATTRIBUTES = {"affects_people": True, "outcomes_observable": True, "regulated": False, "risk_tier": "medium"}
MENDED = (
    "billing_run is no longer a feature: customers of one run gave each other's outcome away.",
    "Numbers are clipped to the range of training, and unknown kinds of contract are ignored.",
)


def tell(now: datetime) -> int:
    """Tell the story; 0 if it ends in a launch. The last line says how it ended."""
    signal.signal(signal.SIGTERM, _interrupted)
    page = Page()
    page.write(page.paint("May this model go live?", BOLD))
    page.say("A real server with an empty database decides, by a policy that comes with it.", 0)
    page.say(
        "Most of what it is shown was written by real tools, in toy runs of several models: names are changed, so "
        "that all tell of one, and all count as made now.",
        0,
    )
    ended = 1
    try:
        with server() as api:
            outcome = told(page, api, now)
        ended = 0
    except Failed as failure:
        said, *log = str(failure).splitlines()
        page.write("")
        page.say(said, 0)
        page.write(*log)
        outcome = "no answer, the demo failed"
    except KeyboardInterrupt:
        outcome = "no answer, the demo was interrupted"
    except BrokenPipeError:
        # The reader has gone (`| head -3`); what is left in the buffer must not fail once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    page.write(page.paint(f"launch: {outcome}", RED if ended else GREEN))
    return ended


def told(page: Page, admin: Api, now: datetime) -> str:
    """What the record of the launch says. Raises `Failed` where a decision is another than the story's."""
    policy = show_policy(page, admin)
    ci = pipeline(admin)
    sender = Sender(ci, policy, now)
    create_subject(page, admin, sender)

    page.head(f"Release {FIRST} of {SUBJECT}")
    receipts = submit_release(page, ci, sender, FIRST, OUTPUTS / "first")
    types = ", ".join(f"{each['type']} ({each['format']})" for each in receipts)
    page.say(f"{len(receipts)} files, each in its tool's own format: {types}")
    show_refusal(page, ask(ci, FIRST, "no-go", GATE))

    page.head("The team mends it")
    for line in MENDED:
        page.say(line)

    page.head(f"Release {SECOND}: another model.json, so all evidence starts anew")
    receipts = submit_release(page, ci, sender, SECOND, OUTPUTS / "second")
    page.say(f"{len(receipts)} files, of the same tools")
    show_criteria(page, ask(ci, SECOND, "go", GATE))

    page.head("The five phases that follow")
    submit_rest(page, sender)
    show_refusal(page, ask(ci, SECOND, "no-go"))

    page.head("People answer for it")
    sign_off(page, enrolled(admin), sender, SECOND)

    page.head("The launch")
    decision = ask(ci, SECOND, "go")
    show_phases(page, decision)
    return record_launch(page, ci, decision)


def ask(api: Api, version: str, expected: str, gate: str = "launch") -> Json:
    """The decision on a release."""
    decision = api.get(f"{PATH}/releases/{version}/decision?gate={gate}")
    if decision["outcome"] != expected:
        raise Failed(f"{version} was to be {expected} at the gate {gate}: {decision['summary']}")
    return decision


def show_policy(page: Page, api: Api) -> Json:
    """The newest policy that the server published by itself."""
    found = api.get("/v1/policies")["items"][0]
    newest = found["versions"][-1]
    policy = api.get(f"/v1/policies/{found['name']}/versions/{newest['version']}")
    criteria = sum(len(phase["criteria"]) for phase in policy["phases"])
    page.head("The policy, as code")
    size = f"{criteria} criteria in {len(policy['phases'])} phases"
    page.say(f"{found['name']} {newest['version']}: {size}, {newest['digest'][:19]}")
    tests = next(each for phase in policy["phases"] for each in phase["criteria"] if each["id"] == "edge-cases")
    page.say(f"One of the checks of {tests['id']}: {tests['checks'][1]['that']}")
    return policy


def create_subject(page: Page, api: Api, sender: Sender) -> None:
    """The subject, and what was agreed before anything was measured."""
    body = {"kind": "model", "team": "retention", "attributes": ATTRIBUTES, "policy": "ml-deployment@^1"}
    api.send("PUT", PATH, body)
    page.head("The subject")
    page.say(f"{SUBJECT}: a {body['kind']} of the team {body['team']}, under {body['policy']}")
    page.say("The tool ci registers and submits. It is dana's, so it counts as her doing.")
    agreed = OUTPUTS / "agreed.json"
    sender.documents(agreed)
    bounds = [
        f"{name} {word} {value:,}".removesuffix(".0")
        for each in json.loads(agreed.read_bytes())
        for word, side in (("at least", "minimum"), ("at most", "maximum"))
        for name, value in each["data"][side].items()
    ]
    page.say(f"Agreed before anything was measured: {', '.join(bounds)}")


def submit_release(page: Page, api: Api, sender: Sender, version: str, folder: Path) -> list[Json]:
    """Register the model of `folder` and submit what tools said of it; the receipts."""
    sha256 = hashlib.sha256((folder / "model.json").read_bytes()).hexdigest()
    body = {"version": version, "artifacts": [{"name": "model.json", "sha256": sha256}]}
    api.send("POST", f"{PATH}/releases", body)
    page.say(f"model.json, sha256:{sha256[:12]}")
    return sender.files(version, folder, MODEL)


def submit_rest(page: Page, sender: Sender) -> None:
    """What the later phases ask for."""
    files = sender.files(SECOND, OUTPUTS / "launch", SERVICE)
    formats = ", ".join(dict.fromkeys(each["format"] for each in files))
    page.say(f"{len(files)} files of tools and teams, read as they are: {formats}. This proof is {_strength(files)}.")
    documents = sender.documents(OUTPUTS / "launch" / "stated.json", SECOND)
    types = ", ".join(each["type"] for each in documents)
    page.say(
        f"{len(documents)} JSON documents, made up for this demo: {types}. This proof is {_strength(documents)}, the "
        "weakest kind; a policy can ask for more, criterion by criterion."
    )


def record_launch(page: Page, api: Api, decision: Json) -> str:
    """That it went live, with the decision; what the record says, and when."""
    launched = api.send("POST", f"{PATH}/releases/{SECOND}/launch", {})
    stored = api.get(f"/v1/decisions/{launched['decision_id']}")
    change = decision["next_change"]
    page.write("")
    page.say(f"It stands until {change['at']}: then {change['because']}.")
    page.say(f"ci records the launch, and with it this decision: /v1/decisions/{stored['id']}")
    return f"{stored['outcome']}, recorded {launched['launched_at'][:19]}Z"


def _strength(receipts: list[Json]) -> str:
    return " or ".join(sorted({each["strength"] for each in receipts}))


def _interrupted(*_: object) -> NoReturn:
    raise KeyboardInterrupt
