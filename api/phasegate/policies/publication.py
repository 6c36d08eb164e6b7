"""From the bytes of a policy file to a version that can be published, or every reason why not."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from phasegate.engine.canonical import digest
from phasegate.engine.compile import CompiledPolicy, compile_policy
from phasegate.engine.policy import Policy, Shape
from phasegate.errors import Flawed, TooLarge
from phasegate.policies.diff import Edition
from phasegate.policies.source import LARGEST, Source, invalid, load
from phasegate.policies.times import flaws_of_times
from phasegate.reading import read


class Candidate(NamedTuple):
    """A policy version that compiles."""

    source: Source
    """Its content as read, before defaults (what the digest is made of), and where everything stands."""
    compiled: CompiledPolicy

    @property
    def document(self) -> Any:
        return self.source.document

    @property
    def policy(self) -> Policy:
        return self.compiled.policy

    @property
    def digest(self) -> str:
        return self.compiled.digest

    @property
    def edition(self) -> Edition:
        """What another version is compared with."""
        return Edition(self.policy, self.compiled.shapes)


def candidate(raw: bytes, catalogue: Mapping[str, Shape]) -> Candidate:
    """Read and compile a policy file. Raises `Malformed` or `Invalid` with every fault and its line."""
    return _candidate(load(raw), catalogue)


def candidate_of(document: Any, catalogue: Mapping[str, Shape]) -> Candidate:
    """Compile a policy that came inside another document. Raises `Invalid` with every fault and its path,
    `TooLarge` where it is larger than a file may be."""
    if (size := len(msgspec.json.encode(document))) > LARGEST:
        raise TooLarge(f"a policy has at most {LARGEST} bytes; this one has {size} as JSON")
    return _candidate(Source("", document), catalogue)


def recompile(document: Any, shapes: Mapping[str, Shape]) -> CompiledPolicy:
    """A published version from its content and the shapes it was published with."""
    own = document.get("shapes") or {}
    built_in = {name: shape for name, shape in shapes.items() if name not in own}
    return compile_policy(read(Policy, document), digest(document), built_in, published=True)


def _candidate(source: Source, catalogue: Mapping[str, Shape]) -> Candidate:
    try:
        policy = read(Policy, source.document)
        if flaws := list(flaws_of_times(source.document)):
            raise Flawed(flaws)
        compiled = compile_policy(policy, digest(source.document), catalogue)
    except Flawed as flawed:
        raise invalid(source, flawed.flaws, "the policy can't be published") from None
    return Candidate(source, compiled)
