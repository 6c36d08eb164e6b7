"""A compiled mapping behind the door through which every format comes in."""

from collections.abc import Mapping

from phasegate.adapters import registry
from phasegate.adapters.exit_code import count_exit_code
from phasegate.adapters.interface import Adapter, Hints, Reading
from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.mapping.compiled import CompiledMapping
from phasegate.errors import Flaw, Problem
from phasegate.mappings.documents import Documents
from phasegate.policies.publication import Candidate
from phasegate.policies.source import invalid


class MappingAdapter:
    """Reads the format of one mapping."""

    def __init__(self, mapping: CompiledMapping, policy: str, version: str, documents: Documents) -> None:
        self.name = mapping.name
        self.version = version
        self.shapes = (mapping.shape,)
        self.title = f"mapping of {policy}@{version}"
        self._mapping = mapping
        self._documents = documents

    def detects(self, raw: bytes) -> bool:
        """Whether `detect` is true of the document; False where there is none."""
        try:
            return self._mapping.matches(self._documents.document(self._mapping.reads, raw))
        except Problem:
            return False

    def why_not(self, raw: bytes) -> str:
        """Why `detect` isn't true of the document, in words. Raises `Malformed` or `Invalid` where there is none."""
        return self._mapping.why_not(self._documents.document(self._mapping.reads, raw))

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """The data that its fields give. Raises `Malformed` or `Invalid`."""
        mapped = self._mapping.read(self._documents.document(self._mapping.reads, raw))
        warnings = list(mapped.warnings)
        if said := count_exit_code(mapped.data, hints.exit_code):
            warnings.append(said)
        return Reading(self._mapping.shape, mapped.data, mapped.collected_at, warnings=tuple(warnings))


def competing(policy: CompiledPolicy) -> Mapping[str, Adapter]:
    """Every adapter and mapping that a file submitted under `policy` can be for.

    A name that an adapter took after the policy was published means the mapping: it was there first.
    """
    return {**registry.adapters(), **of_policy(policy)} if policy.policy.mappings else registry.adapters()


def of_policy(policy: CompiledPolicy) -> dict[str, MappingAdapter]:
    """The mappings of `policy` alone. They share what they read of a file, so make them anew for each."""
    documents = Documents()
    named = policy.policy.policy, policy.policy.version
    return {name: MappingAdapter(mapping, *named, documents) for name, mapping in policy.mappings.items()}


def refuse_taken_names(found: Candidate) -> None:
    """Raise `Invalid`, as publication does, where a mapping has the name of an adapter."""
    known = registry.adapters()
    flaws = [
        Flaw(("mappings", name), f"{name!r} is a format that is read here already ({known[name].title})")
        for name in found.policy.mappings
        if name in known
    ]
    if flaws:
        raise invalid(found.source, flaws, "the policy can't be published")
