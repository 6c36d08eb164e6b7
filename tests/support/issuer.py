"""An OIDC issuer on loopback: a discovery document, its keys, and tokens signed with them."""

import json
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey

RSA = RSAKey.generate_key(2048, parameters={"kid": "rsa-1"})
EC = ECKey.generate_key("P-256", parameters={"kid": "ec-1"})
ED = OKPKey.generate_key("Ed25519", parameters={"kid": "ed-1"})


def jwks(*keys: Any) -> dict[str, Any]:
    """A key set of public keys."""
    return {"keys": [key.as_dict(private=False) for key in keys]}


class Issuer:
    """Serves `document` and `keys`, both of which a test may change, and counts what it is asked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.keys: Any = jwks(RSA, EC, ED)
        self.document: dict[str, Any] = {"issuer": url, "jwks_uri": f"{url}/keys"}
        self.down = False
        self.asked: list[str] = []

    @property
    def endpoint(self) -> str:
        """`host:port`, for what the operator opens."""
        return self.url.removeprefix("http://").partition("/")[0]

    def token(self, claims: dict[str, Any], key: Any = RSA, alg: str = "RS256", **header: Any) -> str:
        """A token of this issuer."""
        content = {"iss": self.url} | claims
        protected = {
            name: value for name, value in ({"alg": alg, "kid": key.kid} | header).items() if value is not None
        }
        raw = json.dumps({name: value for name, value in content.items() if value is not None}).encode()
        registry = jws.JWSRegistry(algorithms=[alg], strict_check_header=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)  # that the name `EdDSA` is an old one
            return jws.serialize_compact(protected, raw, key, registry=registry)


@contextmanager
def hosting() -> Iterator[Callable[[], Issuer]]:
    """Makes issuers, each under a path of its own on one free port."""
    issuers: list[Issuer] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _, number, path = self.path.split("/", 2)
            issuer, path = issuers[int(number)], f"/{path}"
            issuer.asked.append(path)
            routes = {"/.well-known/openid-configuration": issuer.document, "/keys": issuer.keys}
            body = json.dumps(routes.get(path)).encode()
            self.send_response(503 if issuer.down else 200 if path in routes else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    def new() -> Issuer:
        issuers.append(Issuer(f"http://127.0.0.1:{server.server_port}/{len(issuers)}"))
        return issuers[-1]

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield new
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def serving() -> Iterator[Issuer]:
    """An issuer on a port of its own."""
    with hosting() as new:
        yield new()
