"""The story that `phasegate demo` tells: a real server, asked over HTTP as any pipeline would ask it.

Nothing in it is staged: `outputs/` holds what the tools of a real training run said (see `make_outputs.py`), the
policy is the shipped one, and every verdict below is the server's.
"""

import hashlib
import http.client
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Timer
from typing import Any, NoReturn
from urllib.parse import urlencode

OUTPUTS = Path(__file__).parent / "outputs"
SUBJECT, GATE = "churn-scorer", "model-validation"
ATTRIBUTES = {"affects_people": True, "outcomes_observable": True, "regulated": False, "risk_tier": "medium"}
MENDED = (
    "billing_run is no longer a feature: customers of one run gave each other's outcome away.",
    "Numbers are clipped to the range of training, and unknown kinds of contract are ignored.",
)
SATISFIED = ("pass", "waived", "not-applicable")
_NARROWEST, _WIDEST = 60, 96
_PATIENCE = 30.0
"""Seconds for the server to come up, and for any one answer."""
_SIGNS = {"satisfied": ("✓", "+", "32"), "fail": ("✗", "x", "31"), "error": ("!", "!", "31"), "else": ("○", "o", "33")}
_RED, _GREEN, _BOLD = "1;31", "1;32", "1"

Json = dict[str, Any]


def tell() -> int:
    """Tell the story; 0 if it ends in go. The last line says how it ended."""
    signal.signal(signal.SIGTERM, _interrupted)
    page = Page()
    page.write(page.paint("May this model go live?", _BOLD))
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
    page.write(page.paint(f"{GATE}: {outcome}", _GREEN if outcome == "go" else _RED))
    return 0 if outcome == "go" else 1


def told(page: "Page", api: "Api") -> str:
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


def show_policy(page: "Page", api: "Api") -> None:
    """The newest policy that the server published by itself."""
    listed = api.get("/v1/policies")["items"][0]
    newest = listed["versions"][-1]
    policy = api.get(f"/v1/policies/{listed['name']}/versions/{newest['version']}")
    criteria = sum(len(phase["criteria"]) for phase in policy["phases"])
    page.head(1, "The policy, as code")
    size = f"{criteria} criteria in {len(policy['phases'])} phases"
    page.say(f"{listed['name']} {newest['version']}: {size}, {newest['digest'][:19]}")


def create_subject(page: "Page", api: "Api") -> None:
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


def submit_release(page: "Page", api: "Api", version: str, folder: Path) -> None:
    """Register the model of `folder` and submit everything else in it as it is."""
    path = f"/v1/subjects/{SUBJECT}/releases"
    sha256 = hashlib.sha256((folder / "model.json").read_bytes()).hexdigest()
    body = {"version": version, "artifacts": [{"name": "model.json", "sha256": sha256}]}
    # The server's own clock serves as the time at which the tools ran: the files state none.
    collected_at = api.send("POST", path, body)["registered_at"]
    page.say(f"model.json, sha256:{sha256[:12]}")
    accepted = []
    for file in sorted(folder.glob("*.xml")):
        query = {"type": file.stem, "collected_at": collected_at}
        answer = api.call("POST", f"{path}/{version}/evidence?{urlencode(query)}", file.read_bytes(), "text/xml")
        accepted.append(f"{answer['type']} ({answer['format']}, {answer['strength']})")
    for file in sorted(folder.glob("*.json")):
        if file.name != "model.json":
            envelope = json.loads(file.read_bytes()) | {"collected_at": collected_at}
            accepted.append(api.send("POST", f"{path}/{version}/evidence", envelope)["type"])
    page.say(f"evidence: {', '.join(accepted)}")


def ask(api: "Api", version: str, gate: str = GATE) -> Json:
    """The decision on a release."""
    return api.get(f"/v1/subjects/{SUBJECT}/releases/{version}/decision?gate={gate}")


# What is shown


def show_refusal(page: "Page", decision: Json) -> None:
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


def show_phase(page: "Page", decision: Json) -> None:
    """Every criterion of the gate's phase, with its verdict."""
    page.outcome(decision)
    page.write("")
    for criterion in criteria_of(decision):
        page.write(page.verdict(criterion, criterion["title"]))
        for reason in reasons(criterion):
            page.say(reason, 5)


def show_next(page: "Page", launch: Json) -> None:
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


class Page:
    """Lines on stdout: wrapped, coloured on a terminal alone, in ASCII where stdout takes no more."""

    def __init__(self) -> None:
        self._encoding = sys.stdout.encoding or "ascii"
        terminal = sys.stdout.isatty()
        self._colours = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self._width = max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size((_WIDEST, 24)).columns - 1))

    def write(self, *lines: str) -> None:
        """These lines as they are."""
        text = "".join(f"{line}\n" for line in lines)
        sys.stdout.write(text.encode(self._encoding, "replace").decode(self._encoding))
        sys.stdout.flush()

    def head(self, number: int, title: str) -> None:
        """The head of a section."""
        self.write("", self.paint(f"{number}. {title}", _BOLD))

    def say(self, text: str, indent: int = 3) -> None:
        """A paragraph."""
        self.write(*self._wrapped(text, " " * indent))

    def outcome(self, decision: Json) -> None:
        """Go or no-go, and what it rests on."""
        word, colour = ("GO", _GREEN) if decision["outcome"] == "go" else ("NO-GO", _RED)
        first, *others = self._wrapped(f"{word}  {decision['summary']}", "   ")
        self.write("", first.replace(word, self.paint(word, colour), 1), *others)

    def verdict(self, criterion: Json, title: str = "") -> str:
        """A criterion as one line: its sign, status, name and, as far as there is room, title."""
        name, status = criterion["id"], criterion["status"]
        kind = "satisfied" if status in SATISFIED else status if status in _SIGNS else "else"
        pretty, plain, colour = _SIGNS[kind]
        sign = pretty if self._takes(pretty) else plain
        room = self._width - len(f"   {sign} {status}  {name:<20}  ")
        shown = textwrap.shorten(title, room, placeholder=" ...")
        return f"   {self.paint(f'{sign} {status}', colour)}  {self.paint(f'{name:<20}', _BOLD)}  {shown}".rstrip()

    def paint(self, text: str, colour: str) -> str:
        """The text in colour."""
        return f"\x1b[{colour}m{text}\x1b[0m" if self._colours else text

    def _wrapped(self, text: str, left: str) -> list[str]:
        return textwrap.wrap(text, self._width, initial_indent=left, subsequent_indent=left, break_on_hyphens=False)

    def _takes(self, text: str) -> bool:
        try:
            text.encode(self._encoding)
        except UnicodeEncodeError:
            return False
        return True


# The server


class Failed(Exception):
    """The story can't go on."""


class Api:
    """The server as a client knows it: an address and a token."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
        self._headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str) -> Json:
        """A JSON answer."""
        return self.call("GET", path, None, None)

    def send(self, method: str, path: str, body: Json) -> Json:
        """JSON in, JSON out."""
        return self.call(method, path, json.dumps(body).encode(), "application/json")

    def call(self, method: str, path: str, body: bytes | None, content_type: str | None) -> Json:
        """Bytes in, JSON out. Raises `Failed` for a refusal, saying what the server said."""
        headers = self._headers | ({"Content-Type": content_type} if content_type else {})
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            status, content = answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Failed(f"{method} {path}: no answer ({error})") from error
        if status >= 400:
            raise Failed(f"{method} {path}: {status}, {content.get('detail', content)}")
        return dict(content)

    def close(self) -> None:
        """Let the server go."""
        self._connection.close()


@contextmanager
def server() -> Iterator[Api]:
    """A server of our own on a free port, with an empty database; process and folder end with the block."""
    token = secrets.token_urlsafe(32)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PHASEGATE_")}
    environment["PHASEGATE_BOOTSTRAP_TOKEN"] = token
    with tempfile.TemporaryDirectory(prefix="phasegate-demo-", ignore_cleanup_errors=True) as folder:
        log = Path(folder, "stderr")
        command = [sys.executable, "-m", "phasegate", "serve", "--port", "0", "--data", folder]
        with log.open("wb") as stderr:
            process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=stderr, text=True)
        try:
            with closing(Api(_port(process), token)) as api:
                _await_ready(api)
                yield api
        except Failed as failure:
            tail = log.read_text(errors="replace").strip().splitlines()[-15:]
            raise Failed("\n".join([str(failure), *(["the server said:"] if tail else []), *tail])) from failure
        finally:
            _end(process)


def _port(process: subprocess.Popen[str]) -> int:
    """From the line that says where it serves; a server that never says it is killed, which ends the reading."""
    assert process.stdout is not None
    timer = Timer(_PATIENCE, process.kill)
    timer.start()
    try:
        for line in process.stdout:
            _, found, address = line.partition("phasegate serves at ")
            if found:
                return int(address.rstrip().rpartition(":")[2])
    finally:
        timer.cancel()
    raise Failed("the server did not start")


def _await_ready(api: Api) -> None:
    """Ask until the server answers: it names its address a moment before it takes connections."""
    give_up = time.monotonic() + _PATIENCE
    while True:
        try:
            api.get("/health/ready")
            return
        except Failed:
            api.close()
            if time.monotonic() > give_up:
                raise
            time.sleep(0.02)


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=5)
    process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _interrupted(*_: object) -> NoReturn:
    raise KeyboardInterrupt
