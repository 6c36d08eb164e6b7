"""Pages whose commands are run: in order, in one shell, each block printing what stands beneath it."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.ports import free_port

_BLOCK = re.compile(r"^```sh\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)
_PROGRAMS = ("bash", "curl", "sed", "sha256sum")
_MARK = "-- end of block --"
_LONGEST = 300
"""Seconds for all blocks of a page; they take ten to thirty."""


class Block(NamedTuple):
    """Commands, and what they print: a line a line, `…` standing for anything."""

    commands: str
    stated: str


def blocks(page: str) -> list[Block]:
    """The blocks of a page, in order."""
    return [Block(*found) for found in _BLOCK.findall(page)]


def made(commands: str) -> list[str]:
    """The targets, where a block holds nothing but `make TARGET`."""
    lines = commands.splitlines()
    targets = [line.removeprefix("make ") for line in lines if re.fullmatch(r"make [a-z-]+", line)]
    return targets if len(targets) == len(lines) else []


def table(page: str, first: str) -> list[tuple[str, ...]]:
    """The rows of the table whose first column is headed `first`."""
    _, _, rest = page.partition(f"\n| {first} |")
    rows = rest.partition("\n\n")[0].splitlines()[2:]
    return [tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", row.strip().strip("|"))) for row in rows]


def printed(story: Sequence[Block], folder: Path) -> str:
    """What the blocks print when they are run in `folder`, all of it; each prints what it states.

    They start a server once, which here has a free port, and ends with them.
    """
    missing = [program for program in _PROGRAMS if shutil.which(program) is None]
    if missing:
        pytest.skip(f"the page's commands need {', '.join(missing)}")
    told = _ran(_script(story), folder)
    for (commands, stated), part in zip(story, told.split(f"{_MARK}\n"), strict=False):
        lines = iter(part.splitlines())
        for expected in stated.splitlines():
            pattern = ".*".join(re.escape(piece) for piece in expected.split("…"))
            assert any(re.fullmatch(pattern, line) for line in lines), f"{expected}\nafter:\n{commands}\n{part}"
    return told


def _script(story: Sequence[Block]) -> str:
    """The blocks, on a free port, with a mark behind each; whatever happens, the server ends."""
    port = free_port()
    commands = "".join(f"{block.commands}\necho '{_MARK}'\n" for block in story)
    for stated, here in (
        ("URL=http://127.0.0.1:8600", f"URL=http://127.0.0.1:{port}"),
        ("phasegate serve &", f"phasegate serve --port {port} &"),
    ):
        assert commands.count(stated) == 1, f"the page must say {stated!r} once"
        commands = commands.replace(stated, here)
    return f"set -euo pipefail\ntrap 'kill $(jobs -p) 2> /dev/null; wait' EXIT\n{commands}"


def _ran(script: str, folder: Path) -> str:
    """What the script prints, in a session of its own that ends with it."""
    kept = {name: os.environ[name] for name in ("LANG", "TMPDIR") if name in os.environ}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    shell = subprocess.Popen(
        ["bash", "-c", script],
        cwd=folder,
        env=kept | {"PATH": path, "HOME": str(folder), "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
    )
    try:
        told, _ = shell.communicate(timeout=_LONGEST)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(shell.pid, signal.SIGKILL)
        shell.communicate()
    assert shell.returncode == 0, told
    return told
