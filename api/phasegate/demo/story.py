"""The story that `phasegate demo` tells: a real server, asked over HTTP as any pipeline would ask it.

Every verdict below is the server's, by the shipped policy. `outputs/` holds files that real tools wrote on toy data:
pytest, MLflow, scikit-learn, fairlearn, SHAP, Evidently, and a model card of the Hugging Face hub. Changed in them
are names (of release, data set and leaking feature), so that they tell of one model; and left out are their own
times, which would be too old one day: the demo states when it runs.
"""

import hashlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import NamedTuple, NoReturn
from urllib.parse import urlencode

from phasegate.demo.page import BOLD, GREEN, RED, SATISFIED, Json, Page
from phasegate.demo.server import Api, Failed, server

OUTPUTS = Path(__file__).parent / "outputs"
SUBJECT, GATE = "churn-scorer", "model-validation"
ATTRIBUTES = {"affects_people": True, "outcomes_observable": True, "regulated": False, "risk_tier": "medium"}
HOLDOUT = {"split": "test", "dataset": "churn-holdout-2026-10"}


class Sent(NamedTuple):
    """A tool's file, sent as it is."""

    file: str
    type: str
    context: dict[str, str]
    """What the file doesn't say."""


EVIDENCE = (
    Sent("junit.xml", "edge-case-tests", {}),
    Sent("mlflow-run.json", "holdout-evaluation", {**HOLDOUT, "rows": "171"}),
    Sent("mlflow-run.json", "baseline-comparison", {**HOLDOUT, "baseline": "current-process"}),
    Sent("cross-validate.json", "temporal-evaluation", {"time_column": "billing_date", "metric": "roc_auc"}),
    Sent("fairlearn.json", "fairness-evaluation", HOLDOUT),
    Sent("shap.json", "explanation", {}),
    Sent("model-card.md", "model-card", {}),
    Sent("evidently.json", "drift-check", {"reference": "training", "current": "shadow"}),
)
MENDED = (
    "billing_run is no longer a feature: customers of one run gave each other's outcome away.",
    "Numbers are clipped to the range of training, and unknown kinds of contract are ignored.",
)


def tell() -> int:
    """Tell the story; 0 if it ends in go. The last line says how it ended."""
    signal.signal(signal.SIGTERM, _interrupted)
    page = Page()
    page.write(page.paint("May this model go live?", BOLD))
    page.say("A real server with an empty database, and what real tools said of a scikit-learn model.", 0)
    try:
        with server() as api:
            outcome = told(page, api)
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
    page.write(page.paint(f"{GATE}: {outcome}", GREEN if outcome == "go" else RED))
    return 0 if outcome == "go" else 1


def told(page: Page, api: Api) -> str:
    """The outcome of the second release."""
    show_policy(page, api)
    create_subject(page, api)

    page.head(3, f"Release 2.1.0 of {SUBJECT}")
    submit_release(page, api, "2.1.0", OUTPUTS / "first")
    refused = ask(api, "2.1.0")
    if refused["outcome"] != "no-go":
        raise Failed("2.1.0 has a leaking feature and failing tests, and was not refused")
    show_refusal(page, refused)

    page.head(4, "The team mends it")
    for line in MENDED:
        page.say(line)

    page.head(5, f"Release 2.1.1 of {SUBJECT}: another model.json, so all evidence starts anew")
    submit_release(page, api, "2.1.1", OUTPUTS / "second")
    answer = ask(api, "2.1.1")
    show_phase(page, answer)
    show_next(page, ask(api, "2.1.1", "launch"))
    return str(answer["outcome"])


# What is asked


def show_policy(page: Page, api: Api) -> None:
    """The newest policy that the server published by itself."""
    listed = api.get("/v1/policies")["items"][0]
    newest = listed["versions"][-1]
    policy = api.get(f"/v1/policies/{listed['name']}/versions/{newest['version']}")
    criteria = sum(len(phase["criteria"]) for phase in policy["phases"])
    page.head(1, "The policy, as code")
    size = f"{criteria} criteria in {len(policy['phases'])} phases"
    page.say(f"{listed['name']} {newest['version']}: {size}, {newest['digest'][:19]}")


def create_subject(page: Page, api: Api) -> None:
    """The subject, and what was agreed before anything was measured."""
    body = {"kind": "model", "team": "retention", "attributes": ATTRIBUTES, "policy": "ml-deployment@^1"}
    api.send("PUT", f"/v1/subjects/{SUBJECT}", body)
    agreed = json.loads((OUTPUTS / "success-criteria.json").read_bytes())
    api.send("POST", f"/v1/subjects/{SUBJECT}/evidence", agreed)
    page.head(2, "The subject")
    page.say(f"{SUBJECT}: a {body['kind']} of the team {body['team']}, under {body['policy']}")
    least = [f"{name} at least {value}" for name, value in agreed["data"]["minimum"].items()]
    most = [f"{name} at most {value}" for name, value in agreed["data"]["maximum"].items()]
    page.say(f"agreed before anything was measured: {', '.join(least + most)}")


def submit_release(page: Page, api: Api, version: str, folder: Path) -> None:
    """Register the model of `folder` and submit everything else in it as it is."""
    path = f"/v1/subjects/{SUBJECT}/releases"
    sha256 = hashlib.sha256((folder / "model.json").read_bytes()).hexdigest()
    body = {"version": version, "artifacts": [{"name": "model.json", "sha256": sha256}]}
    # The server's own clock serves as the time at which the tools ran: the files state none.
    collected_at = api.send("POST", path, body)["registered_at"]
    page.say(f"model.json, sha256:{sha256[:12]}")
    accepted = []
    for each in EVIDENCE:
        query = {"type": each.type, "collected_at": collected_at, "raw": "true"}
        query |= {f"context.{key}": value for key, value in each.context.items()}
        url = f"{path}/{version}/evidence?{urlencode(query)}"
        answer = api.call("POST", url, (folder / each.file).read_bytes(), "application/octet-stream")
        accepted.append(f"{answer['type']} ({answer['format']})")
    page.say(f"evidence, each file in its tool's own format: {', '.join(accepted)}")


def ask(api: Api, version: str, gate: str = GATE) -> Json:
    """The decision on a release."""
    return api.get(f"/v1/subjects/{SUBJECT}/releases/{version}/decision?gate={gate}")


# What is shown


def show_refusal(page: Page, decision: Json) -> None:
    """What stands between the release and the gate, and what to do about it."""
    page.outcome(decision)
    for criterion in criteria_of(decision):
        if criterion["blocking"] and criterion["status"] not in SATISFIED:
            page.write("", page.verdict(criterion))
            page.say(criterion["title"], 5)
            for reason in reasons(criterion):
                page.say(f"Because {reason}", 5)
            if criterion["remediation"]:
                page.say(f"To do: {first_sentence(criterion['remediation'])}", 5)


def show_phase(page: Page, decision: Json) -> None:
    """Every criterion of the gate's phase, with its verdict."""
    page.outcome(decision)
    page.write("")
    for criterion in criteria_of(decision):
        page.write(page.verdict(criterion, criterion["title"]))
        for reason in reasons(criterion):
            page.say(reason, 5)


def show_next(page: Page, launch: Json) -> None:
    """What stands between the release and going live."""
    ahead = next((phase["title"] for phase in launch["phases"] if phase["id"] == launch["current_phase"]), None)
    total = sum(len(phase["criteria"]) for phase in launch["phases"])
    still = sum(
        criterion["blocking"] and criterion["status"] not in SATISFIED
        for phase in launch["phases"]
        for criterion in phase["criteria"]
    )
    page.write("")
    page.say(f"Next, launch: {still} of {total} criteria open" + (f", first those of {ahead}." if ahead else "."), 0)


def criteria_of(decision: Json) -> list[Json]:
    """The criteria of the phase that the gate is named after."""
    return [each for phase in decision["phases"] if phase["id"] == GATE for each in phase["criteria"]]


def reasons(criterion: Json) -> list[str]:
    """The reason of the whole, then each false check that it doesn't hold already."""
    whole = criterion["reason"] or ""
    failed = [check["message"] for check in criterion["checks"] if check["passed"] is False and check["message"]]
    return [*([whole] if whole else []), *(message for message in failed if message not in whole)]


def first_sentence(text: str) -> str:
    """As far as the first full stop that a space follows."""
    sentence, stop, _ = " ".join(text.split()).partition(". ")
    return sentence + stop.rstrip()


def _interrupted(*_: object) -> NoReturn:
    raise KeyboardInterrupt
