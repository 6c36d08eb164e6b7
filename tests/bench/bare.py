"""The floor of every HTTP row: a Litestar application that does nothing. `python -m tests.bench.bare BODY TOKEN`

It serves the bytes of the file BODY where phasegate would serve a decision, and accepts evidence without looking at
it, to whoever sends TOKEN, on a free loopback port, with the settings of `phasegate serve`.
"""

import socket
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from litestar import Litestar, MediaType, Request, Response, get, post
from litestar.exceptions import NotAuthorizedException
from litestar.params import FromPath

BODY = b""
TOKENS: dict[str, str] = {}


def _caller(request: Request[Any, Any, Any]) -> str:
    secret = request.headers.get("authorization", "").removeprefix("Bearer ")
    caller = TOKENS.get(sha256(secret.encode()).hexdigest())
    if caller is None:
        raise NotAuthorizedException
    return caller


@get("/v1/subjects/{subject:str}/releases/{version:str}/decision")
async def decision(request: Request[Any, Any, Any], subject: FromPath[str], version: FromPath[str]) -> Response[bytes]:
    """The same bytes to everybody."""
    _caller(request)
    return Response(BODY, media_type=MediaType.JSON)


@post("/v1/subjects/{subject:str}/releases/{version:str}/evidence")
async def evidence(request: Request[Any, Any, Any], subject: FromPath[str], version: FromPath[str]) -> Response[bytes]:
    """Read, decoded, forgotten."""
    caller = _caller(request)
    kind = msgspec.json.decode(await request.body())["type"]
    accepted = {"by": caller, "type": kind, "subject": subject, "release": version}
    return Response(msgspec.json.encode(accepted), status_code=201, media_type=MediaType.JSON)


def main(body: str, token: str) -> None:
    """Serve until killed."""
    global BODY
    BODY = Path(body).read_bytes()
    TOKENS[sha256(token.encode()).hexdigest()] = "bench"
    app = Litestar([decision, evidence], openapi_config=None, logging_config=None)
    # Without the protocol's number asyncio takes it for no TCP socket and leaves Nagle's algorithm on, which makes
    # every answer wait 40 ms for an acknowledgement.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    print(f"bare serves at http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=10, server_header=False)
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main(*sys.argv[1:])
