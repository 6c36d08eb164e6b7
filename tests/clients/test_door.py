"""Commands of other packages: found when asked for, never in the way."""

from pathlib import Path

import pytest

from tests.clients.conftest import GATE, Run, Server, decision

GOOD = """
import pathlib, click
pathlib.Path("loaded").touch()

@click.command()
def serve():
    "Start the server."
    click.echo("serving")

@click.command()
def gate():
    "An impostor."
    click.echo("impostor")

@click.command()
def fails():
    raise click.ClickException("told")

@click.command()
def ends():
    click.get_current_context().exit(1)

commands = [serve, gate, fails, ends]
"""


@pytest.fixture
def install(tmp_path: Path) -> Path:
    """A folder to put on the path, with a distribution that has the entry point `plug:commands`.

    An empty stand-in hides the server's own commands, where they are installed.
    """
    (tmp_path / "phasegate").mkdir()
    (tmp_path / "phasegate" / "__init__.py").touch()
    (tmp_path / "phasegate" / "cli.py").write_text("commands = []")
    info = tmp_path / "plug-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plug\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[phasegate.commands]\nplug = plug:commands\n")
    return tmp_path


@pytest.mark.parametrize("content", [GOOD, "raise SystemError('broken')", None], ids=["good", "broken", "absent"])
def test_our_own_commands_never_look_behind_it(
    server: Server, phasegate: Run, install: Path, content: str | None
) -> None:
    if content:
        (install / "plug.py").write_text(content)
    server.says(200, decision())
    ended = phasegate(*GATE, PYTHONPATH=str(install))
    assert (ended.code, ended.err, ended.out.splitlines()[-1]) == (0, "", "model-validation: go")
    assert not (install / "loaded").exists()


def test_other_commands_come_through_it(phasegate: Run, install: Path) -> None:
    (install / "plug.py").write_text(GOOD)
    path = str(install)
    ended = phasegate("serve", PYTHONPATH=path)
    assert (ended.code, ended.out) == (0, "serving\n")
    shown = phasegate("--help", PYTHONPATH=path).out
    assert "Start the server." in shown
    assert "An impostor." not in shown
    assert phasegate("ends", PYTHONPATH=path).code == 1


def test_they_run_with_garbage_collection(phasegate: Run, install: Path) -> None:
    """`phasegate gate` does without; a server must not."""
    (install / "plug.py").write_text(
        "import click, gc\ncommands = click.Command('late', callback=lambda: click.echo(gc.isenabled()))"
    )
    assert phasegate("late", PYTHONPATH=str(install)).out == "True\n"


def test_a_failure_of_theirs_is_not_taken_for_a_no_go(phasegate: Run, install: Path) -> None:
    (install / "plug.py").write_text(GOOD)
    ended = phasegate("fails", PYTHONPATH=str(install))
    assert (ended.code, ended.err) == (2, "Error: told\n")


@pytest.mark.parametrize(
    "content",
    [
        "import click\ndef commands(): return [click.Command('late', callback=lambda: click.echo('late'))]",
        "import click\ncommands = click.Command('late', callback=lambda: click.echo('late'))",
    ],
    ids=["a function", "a command"],
)
def test_it_takes_every_form(phasegate: Run, install: Path, content: str) -> None:
    (install / "plug.py").write_text(content)
    assert phasegate("late", PYTHONPATH=str(install)).out == "late\n"


@pytest.mark.parametrize("content", ["raise SystemError('broken')", "commands = 7"], ids=["broken", "senseless"])
def test_a_broken_package_is_named(phasegate: Run, install: Path, content: str) -> None:
    (install / "plug.py").write_text(content)
    ended = phasegate("--help", PYTHONPATH=str(install))
    assert ended.code == 0
    assert "the commands of plug:commands can't be loaded" in ended.err
    assert "  register  " in ended.out
    unknown = phasegate("serve", PYTHONPATH=str(install))
    assert (unknown.code, unknown.out) == (2, "")
    assert "No such command 'serve'" in unknown.err
