"""Files and digests as an artifact set: what is hashed here is what the decision is about."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from phasegate_ci.exits import wrong_use

_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Artifact:
    """One file of a release, or what stands for it."""

    name: str
    sha256: str
    """64 lower-case hex digits, without `sha256:`."""


def named(arguments: Iterable[str]) -> list[Artifact]:
    """From `[NAME=]FILE` or `[NAME=]sha256:HEX`: a file is named after itself, a bare digest by the digest.

    Raises a `Stop` where two have one name: the set would be another than meant.
    """
    found = [_named(argument) for argument in arguments]
    names = [artifact.name for artifact in found]
    for name in names:
        if names.count(name) > 1:
            raise wrong_use(f"two artifacts are named {name}", "tell them apart: --artifact NAME=FILE")
    return found


def digests(arguments: Iterable[str]) -> dict[str, str]:
    """sha256 to argument, from `FILE` or `sha256:HEX`; for the comparison names don't matter."""
    return {_sha256(argument): argument for argument in arguments}


def _named(argument: str) -> Artifact:
    name, sign, value = argument.partition("=")
    if not sign:
        return Artifact(argument if argument.startswith("sha256:") else Path(argument).name, _sha256(argument))
    if not name:
        raise wrong_use(f"the artifact {argument!r} has an empty name", "write --artifact NAME=FILE")
    return Artifact(name, _sha256(value))


def _sha256(value: str) -> str:
    if value.startswith("sha256:"):
        stated = _DIGEST.fullmatch(value)
        if stated is None:
            raise wrong_use(f"{value!r} is no digest", "write sha256: and 64 lower-case hex digits")
        return stated[1]
    try:
        with Path(value).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as failure:
        raise wrong_use(
            f"the artifact {value!r} can't be read: {failure.strerror}", "name a file, or its sha256:HEX"
        ) from failure
