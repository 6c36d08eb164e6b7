"""From the bytes of a policy file to a version that can be published, or every reason why not."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from phasegate.engine.canonical import digest
from phasegate.engine.compile import CompiledPolicy, compile_policy
from phasegate.engine.policy import Policy, Shape
from phasegate.errors import Flawed, Malformed
from phasegate.policies.source import Source, invalid, load
from phasegate.reading import read


class Candidate(NamedTuple):
    """A policy version that compiles."""

    document: Any
    """Its content as read, before defaults; what the digest is made of."""
    compiled: CompiledPolicy

    @property
    def policy(self) -> Policy:
        return self.compiled.policy

    @property
    def digest(self) -> str:
        return self.compiled.digest


def candidate(raw: bytes, catalogue: Mapping[str, Shape]) -> Candidate:
    """Read and compile a policy file. Raises `Malformed` or `Invalid` with every fault and its line."""
    source = load(raw)
    return _candidate(source, catalogue)


def recompile(document: Any, shapes: Mapping[str, Shape]) -> CompiledPolicy:
    """A published version from its content and the shapes it was published with."""
    return compile_policy(read(Policy, document), digest(document), shapes_beside(document, shapes))


def shapes_beside(document: Any, shapes: Mapping[str, Shape]) -> dict[str, Shape]:
    """Of `shapes`, those that the document does not define itself."""
    own = document.get("shapes") or {}
    return {name: shape for name, shape in shapes.items() if name not in own}


def _candidate(source: Source, catalogue: Mapping[str, Shape]) -> Candidate:
    try:
        policy = read(Policy, source.document)
        compiled = compile_policy(policy, _digest(source), catalogue)
    except Flawed as flawed:
        raise invalid(source, flawed.flaws, "the policy can't be published") from None
    return Candidate(source.document, compiled)


def _digest(source: Source) -> str:
    try:
        return digest(source.document)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"the policy has no canonical form: {error}") from None
