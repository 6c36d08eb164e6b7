"""policies/README.md is true."""

from pathlib import Path
from tests.support.pages import blocks, printed
GUIDE = (Path(__file__).parents[2] / "policies" / "README.md").read_text("utf-8")


def test_story(tmp_path: Path) -> None:
    print(printed([b for b in blocks(GUIDE)], tmp_path))
