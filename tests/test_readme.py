"""README.md is true: its commands run, in order, and answer what stands beneath them."""

import re
from pathlib import Path

import pytest

from phasegate_ci import exits
from tests.support.pages import Block, blocks, made, printed
from tests.support.routes import ROUTES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
PAGES = ["README.md", "api/README.md", "clients/README.md", "policies/README.md", "policies/CASES.md"]


def shell_blocks() -> list[Block]:
    """Those that are run here; those of nothing but make are left to CI."""
    return [block for block in blocks(README) if not made(block.commands)]


def test_every_block_prints_what_stands_beneath_it(tmp_path: Path) -> None:
    told = printed(shell_blocks(), tmp_path)
    # So that nobody takes the outcomes out of the README, and with them out of this test.
    assert re.findall(r'"outcome":"([a-z-]+)"', told) == ["no-go", "go"]
    assert re.findall(r"^\{.*\} (\d{3})$", told, re.MULTILINE) == ["201", "201", "201", "200", "201", "200"]
    assert "pgt_" not in told, "a token is printed"


def test_the_exit_codes_are_those_of_the_code() -> None:
    def rows(text: str) -> list[tuple[str, str]]:
        return re.findall(r"^\| (\d+) +\| (.*?) +\|$", text, re.MULTILINE)

    assert rows(README) == rows(exits.__doc__ or "")


def test_every_target_named_is_in_the_makefile() -> None:
    makefile = ROOT / "Makefile"
    if not makefile.exists():
        pytest.skip("there is no Makefile")
    targets = set(re.findall(r"^([a-z-]+):", makefile.read_text("utf-8"), re.MULTILINE))
    named = {target for block in blocks(README) for target in made(block.commands)}
    assert named == {"demo", "test"}
    assert named | set(re.findall(r"`make ([a-z-]+)`", README)) <= targets


@pytest.mark.parametrize("page", PAGES)
def test_every_path_and_link_leads_somewhere(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    files = re.findall(r"`([a-z_]+(?:/[a-z_]+)+\.py)`", text)
    gone = [link for link in links if not (ROOT / page).parent.joinpath(link).exists()]
    gone += [file for file in files if not any((base / file).exists() for base in (ROOT, ROOT / "api" / "phasegate"))]
    assert gone == []


@pytest.mark.parametrize("page", PAGES)
def test_every_call_named_is_one_of_the_api(page: str) -> None:
    named = re.findall(r"`([A-Z]+) (/v1/[^`?]+)", (ROOT / page).read_text("utf-8"))
    there = {(route.method, re.sub(r"\{[a-z]+\}", "_", route.path)) for route in ROUTES}
    assert {(method, re.sub(r"\b[A-Z]+\b|\{[a-z]+\}", "_", path)) for method, path in named} <= there


def test_every_setting_is_in_the_table() -> None:
    read = set()
    for source in [*(ROOT / "api").rglob("*.py"), *(ROOT / "clients").rglob("*.py")]:
        read |= set(re.findall(r"PHASEGATE_[A-Z]+(?:_[A-Z]+)*", source.read_text("utf-8")))
    assert set(re.findall(r"^\| `(PHASEGATE_\w+)`", README, re.MULTILINE)) == read
