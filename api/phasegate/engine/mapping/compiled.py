"""The mappings of a policy, compiled."""

from collections.abc import Mapping

from phasegate.engine.mapping import run
from phasegate.engine.mapping.compile import Compiled, compile_mapping
from phasegate.engine.mapping.document import Document
from phasegate.engine.mapping.run import Mapped
from phasegate.engine.policy import Policy, Shape
from phasegate.errors import Flaw, Path, nearest

MOST = 50
"""Mappings of one policy."""
MOST_EXPRESSIONS = 1_000
"""In all of them: they are compiled when the first file comes in, which waits for that."""
_RESERVED = "json"
"""The format of an envelope's data, which no tool wrote."""


class CompiledMapping:
    """One mapping, ready to read documents."""

    def __init__(self, name: str, reads: str, shape_name: str, shape: Shape, compiled: Compiled) -> None:
        self.name = name
        self.reads = reads
        """How the bytes become a document: `json`, `ndjson`, `csv`, `yaml` or `xml`."""
        self.shape = shape_name
        self._shape = shape
        self._compiled = compiled

    def matches(self, document: Document) -> bool:
        """Whether the document is in its format. Never raises."""
        return run.matches(self._compiled, document)

    def why_not(self, document: Document) -> str:
        """Why the document isn't in its format, in words; empty where it is."""
        return run.why_not(self._compiled, document)

    def read(self, document: Document) -> Mapped:
        """The data in `document`. Raises `Invalid`, naming mapping, field, expression and row."""
        return run.read(self.name, self._compiled, self._shape, document)


def compile_mappings(policy: Policy, shapes: Mapping[str, Shape]) -> tuple[dict[str, CompiledMapping], list[Flaw]]:
    """Every mapping of `policy`, and everything wrong with them; `shapes` are those of its evidence types."""
    flaws: list[Flaw] = []
    made: dict[str, CompiledMapping] = {}
    count = 0
    if len(policy.mappings) > MOST:
        return made, [Flaw(("mappings",), f"holds {len(policy.mappings)} mappings; at most {MOST} are compiled")]
    for name, mapping in policy.mappings.items():
        path: Path = ("mappings", name)
        if name == _RESERVED:
            flaws.append(
                Flaw(path, f"{name!r} is the format of evidence that nobody's tool wrote; choose another name")
            )
            continue
        shape = shapes.get(mapping.shape)
        if shape is None:
            told = f"no evidence type has the shape {mapping.shape!r}"
            flaws.append(Flaw((*path, "shape"), told, nearest(mapping.shape, shapes)))
            continue
        compiled, wrong = compile_mapping(mapping, shape, path)
        flaws += wrong
        if compiled is not None:
            count += compiled.expressions
            made[name] = CompiledMapping(name, mapping.reads, mapping.shape, shape, compiled)
        if count > MOST_EXPRESSIONS:
            return made, [*flaws, Flaw(("mappings",), f"hold more than {MOST_EXPRESSIONS:,} expressions together")]
    return made, flaws
