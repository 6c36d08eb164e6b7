"""What a command of the server loads before it does anything."""

import subprocess
import sys

SLOW = ("alembic", "jinja2", "litestar", "markdown_it", "phasegate.http", "phasegate.rendering", "uvicorn")
"""Each needed by one or two commands."""


def test_commands_load_nothing_slow_that_only_another_needs() -> None:
    asked = f"import sys, phasegate.cli; print([name for name in {SLOW} if name in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"
