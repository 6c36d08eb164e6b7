"""README.md is true: its commands run, in order, and answer what stands beneath them."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from phasegate_ci import exits

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
_BLOCK = re.compile(r"^```sh\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)
_PROGRAMS = ("bash", "curl", "sha256sum")
_MARK = "-- end of block --"
_LONGEST = 120
"""Seconds for all blocks; they take about ten."""

Block = tuple[str, str]
"""Commands, and what they print: a line a line, `…` standing for anything."""


def blocks() -> list[Block]:
    """Those that are run here; those of nothing but make are left to CI."""
    return [found for found in _BLOCK.findall(README) if not made(found[0])]


def made(commands: str) -> list[str]:
    """The targets, where a block holds nothing but `make TARGET`."""
    lines = commands.splitlines()
    targets = [line.removeprefix("make ") for line in lines if re.fullmatch(r"make [a-z-]+", line)]
    return targets if len(targets) == len(lines) else []


def _script() -> str:
    """The blocks, on a free port, with a mark behind each; whatever happens, the server ends."""
    port = _free_port()
    commands = "".join(f"{block}\necho '{_MARK}'\n" for block, _ in blocks())
    for stated, here in (
        ("URL=http://127.0.0.1:8600", f"URL=http://127.0.0.1:{port}"),
        ("phasegate serve &", f"phasegate serve --port {port} &"),
    ):
        assert commands.count(stated) == 1, f"README.md must say {stated!r} once"
        commands = commands.replace(stated, here)
    return f"set -euo pipefail\ntrap 'kill $(jobs -p) 2> /dev/null; wait' EXIT\n{commands}"


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


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
        printed, _ = shell.communicate(timeout=_LONGEST)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(shell.pid, signal.SIGKILL)
        shell.communicate()
    assert shell.returncode == 0, printed
    return printed


def test_every_block_prints_what_stands_beneath_it(tmp_path: Path) -> None:
    missing = [program for program in _PROGRAMS if shutil.which(program) is None]
    if missing:
        pytest.skip(f"the README's commands need {', '.join(missing)}")
    printed = _ran(_script(), tmp_path)
    for (commands, stated), part in zip(blocks(), printed.split(f"{_MARK}\n"), strict=False):
        lines = iter(part.splitlines())
        for expected in stated.splitlines():
            pattern = ".*".join(re.escape(piece) for piece in expected.split("…"))
            assert any(re.fullmatch(pattern, line) for line in lines), f"{expected}\nafter:\n{commands}\n{part}"
    # So that nobody takes the outcomes out of the README, and with them out of this test.
    assert re.findall(r'"outcome":"([a-z-]+)"', printed) == ["no-go", "go"]
    assert re.findall(r"^\{.*\} (\d{3})$", printed, re.MULTILINE) == ["201", "201", "201", "200", "201", "200"]
    assert "pgt_" not in printed, "a token is printed"


def test_the_exit_codes_are_those_of_the_code() -> None:
    def rows(text: str) -> list[tuple[str, str]]:
        return re.findall(r"^\| (\d+) +\| (.*?) +\|$", text, re.MULTILINE)

    assert rows(README) == rows(exits.__doc__ or "")


def test_every_target_named_is_in_the_makefile() -> None:
    makefile = ROOT / "Makefile"
    if not makefile.exists():
        pytest.skip("there is no Makefile")
    targets = set(re.findall(r"^([a-z-]+):", makefile.read_text("utf-8"), re.MULTILINE))
    named = {target for commands, _ in _BLOCK.findall(README) for target in made(commands)}
    assert named == {"demo", "test"}
    assert named | set(re.findall(r"`make ([a-z-]+)`", README)) <= targets


@pytest.mark.parametrize("page", ["README.md", "api/README.md", "clients/README.md"])
def test_every_path_and_link_leads_somewhere(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    files = re.findall(r"`([a-z_]+(?:/[a-z_]+)+\.py)`", text)
    gone = [link for link in links if not (ROOT / page).parent.joinpath(link).exists()]
    gone += [file for file in files if not any((base / file).exists() for base in (ROOT, ROOT / "api" / "phasegate"))]
    assert gone == []


def test_every_setting_is_in_the_table() -> None:
    read = set()
    for source in [*(ROOT / "api").rglob("*.py"), *(ROOT / "clients").rglob("*.py")]:
        read |= set(re.findall(r"PHASEGATE_[A-Z]+(?:_[A-Z]+)*", source.read_text("utf-8")))
    assert set(re.findall(r"^\| `(PHASEGATE_\w+)`", README, re.MULTILINE)) == read
