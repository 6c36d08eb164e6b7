"""A port for a program that must be told one."""

import secrets
import socket
from contextlib import suppress

_BELOW_THE_SYSTEM_S_OWN = range(20_000, 32_000)
_TRIES = 100


def free_port() -> int:
    """One that nobody listens on. No outgoing connection takes it before the program does: the system gives them
    higher ones."""
    for _ in range(_TRIES):
        port = secrets.choice(_BELOW_THE_SYSTEM_S_OWN)
        with socket.socket() as tried, suppress(OSError):
            tried.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")
