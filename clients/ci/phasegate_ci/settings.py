"""Where the server is and who asks: options and environment in, one checked value out."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from phasegate_ci.exits import wrong_use

DEFAULT_URL = "http://127.0.0.1:8600"


@dataclass(frozen=True)
class Settings:
    """What every call needs."""

    url: str
    """Without a slash at the end; may have a path."""
    token: str | None
    """Sent as a bearer token and shown nowhere."""
    timeout: float
    """Seconds for one question, retries included."""


def settings(url: str, token_file: Path | None, token: str | None, timeout: float) -> Settings:
    """The settings, or a `Stop` that names the one that is wrong. A file goes before the environment."""
    if token_file is not None:
        try:
            token = token_file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as failure:
            raise wrong_use(f"the token file {token_file} can't be read", "check --token-file") from failure
    if token and not re.fullmatch(r"[!-~]+", token):
        # The token itself is not shown, whatever it is.
        raise wrong_use("the token holds a space, a line break or another sign no token has", "copy it anew")
    return Settings(_checked(url), token or None, timeout)


def _checked(url: str) -> str:
    mend = f"set PHASEGATE_URL or --url to an address like {DEFAULT_URL}"
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError as failure:
        raise wrong_use(f"the server's address is none: {failure}", mend) from failure
    if re.search(r"[^!-~]", url):
        raise wrong_use(f"the server's address {url!r} holds a sign that no address has", mend)
    if parts.username is not None or parts.password is not None:
        raise wrong_use("the server's address holds a name or password", "use PHASEGATE_TOKEN for the secret")
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise wrong_use(f"the server's address {url!r} is none", mend)
    return url.rstrip("/")
