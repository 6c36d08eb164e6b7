"""The built-in shapes: one file each beside this one, in the form of `shapes:` in a policy file."""

from functools import cache
from importlib.resources import files

import msgspec
import yaml

from phasegate.engine.policy import Shape


@cache
def catalogue() -> dict[str, Shape]:
    """Every built-in shape, by name."""
    found = {}
    for file in sorted(files(__name__).iterdir(), key=lambda f: f.name):
        if file.name.endswith(".yaml"):
            content = yaml.safe_load(file.read_text(encoding="utf-8"))
            found[file.name.removesuffix(".yaml")] = msgspec.convert(content, Shape)
    return found
