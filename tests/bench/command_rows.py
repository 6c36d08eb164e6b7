"""What a pipeline waits for: `phasegate gate`, from start to exit, beside an interpreter that does nothing."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import msgspec

from phasegate.engine.decision import encode
from phasegate.engine.gate import decide
from phasegate.engine.instants import parse_instant
from tests.bench.green import facts, published, request
from tests.bench.measure import interleaved, seconds_of
from tests.bench.servers import TOKEN, clean_environment
from tests.bench.table import Result, Target

COMMAND = Path(sys.executable).with_name("phasegate")


async def start_up(rounds: int) -> Result:
    """A no-go, told as text, which asks for the policy as well."""
    with _answering(*_answers()) as url:
        environment = clean_environment() | {"PHASEGATE_URL": url, "PHASEGATE_TOKEN": TOKEN}

        def run(command: list[str], expected: int) -> None:
            ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30)
            assert ended.returncode == expected, f"{command} ended with {ended.returncode}: {ended.stderr[-300:]}"

        async def ours() -> float:
            return seconds_of(lambda: run([str(COMMAND), "gate", "x", "1"], 1)) * 1e3

        async def peer() -> float:
            return seconds_of(lambda: run([sys.executable, "-c", "pass"], 0)) * 1e3

        mine, other = await interleaved(max(rounds, 15), ours, peer)
    return Result(
        mine, other, "ms", "python -c pass", Target("plus at most", 150), "two answers over loopback included"
    )


def _answers() -> tuple[bytes, bytes]:
    """The decision and the policy."""
    asked = request()
    asked["subject"]["name"], asked["release"]["version"] = "x", "1"
    found = published()
    decision = decide(found.compiled, facts(found.compiled, asked), "launch", parse_instant(asked["at"]))
    assert decision.outcome == "no-go", decision.summary
    return encode(decision), msgspec.json.encode(found.document)


@contextmanager
def _answering(decision: bytes, policy: bytes) -> Iterator[str]:
    """A server that knows two answers."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = policy if self.path.startswith("/v1/policies/") else decision
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Not a word."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
