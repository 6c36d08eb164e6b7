"""From a policy as written to one that can be decided on; whatever can't be is refused at publication."""

from collections.abc import Mapping
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from phasegate.engine.canonical import digest as digest_of
from phasegate.engine.cel import Language, Program, Refused
from phasegate.engine.decision import CheckResult
from phasegate.engine.expressions import expressions_of
from phasegate.engine.mapping.compiled import CompiledMapping, compile_mappings
from phasegate.engine.message import Template, split
from phasegate.engine.native import Native, Source, all_true
from phasegate.engine.places import criteria, requirements
from phasegate.engine.policy import Check, Criterion, Policy, Requirement, Shape
from phasegate.engine.shape import read_scalar, timing
from phasegate.engine.structure import flaws_of
from phasegate.errors import Flaw, Flawed, Path

MOST_EXPRESSIONS = 2_000


class CompiledCheck(NamedTuple):
    that: str
    program: Program
    otherwise: Template


class Rule:
    """A criterion, or a maturity requirement of its own, ready to be judged."""

    def __init__(
        self,
        of: Criterion | Requirement,
        required: tuple[str, ...],
        guarded: tuple[str, ...],
        when: Program | None,
        checks: tuple[CompiledCheck, ...],
    ) -> None:
        self.id = of.id
        self.required = required
        """Evidence types that must be there, the primary one first."""
        self.types = (*required, *guarded)
        """Every type read, in the order in which they are read; guarded ones only if they are there."""
        self.when = when
        self.checks = checks
        self.strength = of.strength
        self.passed = tuple(CheckResult(check.that, True, None) for check in checks)
        """The checks as shown when all of them are true."""
        self.unseen = tuple(CheckResult(check.that, None, None) for check in checks)
        """The checks as shown when there is nothing to compute them on."""
        self._quick: tuple[Native | None, tuple[int, ...]] | None = None

    @cached_property
    def params(self) -> frozenset[str]:
        """The parameters that its checks or `when` read."""
        programs = [*(check.program for check in self.checks), *([self.when] if self.when is not None else [])]
        paths = (path.split(".") for program in programs for path in program.reads.paths)
        return frozenset(path[1] for path in paths if path[0] == "params" and len(path) > 1)

    def quick(self) -> tuple[Native | None, tuple[int, ...]]:
        """The checks as Python, written when first asked for, and the indices of those left to cel-cpp."""
        if self._quick is None:
            self._quick = all_true([Source(check.program.tree, check.program.primary) for check in self.checks])
        return self._quick


class CompiledPolicy:
    """One policy version with its expressions compiled. Immutable; share it between decisions."""

    def __init__(
        self,
        policy: Policy,
        digest: str,
        shapes: Mapping[str, Shape],
        language: Language,
        rules: dict[str, Rule],
        requirements: dict[str, Rule],
        mappings: dict[str, CompiledMapping] | None = None,
    ) -> None:
        self.policy = policy
        self.digest = digest
        self.shapes = dict(shapes)
        """The shapes that its evidence types use, by name."""
        self.language = language
        self.rules = rules
        """By criterion id, in order."""
        self.requirements = requirements
        """Maturity rules of their own, by id."""
        self.params = {name: read_scalar(p.type, p.default) for name, p in policy.params.items()}
        """The defaults."""
        self.covered = _covered(policy, rules)
        """By criterion that asks for sign-offs: the evidence types that an approval is bound to."""
        self.asking = _asking(policy)
        """By role: the criteria that ask for it."""
        everything = (*rules.values(), *requirements.values())
        self.timings = {name: timing(self.shapes[kind.shape].fields) for name, kind in policy.evidence.items()}
        """What puts the times in the data of a type into the form that CEL compares, where it holds any."""
        self._mappings = mappings
        self.types_read = tuple(dict.fromkeys(kind for rule in everything for kind in rule.types))
        """Every evidence type that any rule reads."""

    @property
    def mappings(self) -> Mapping[str, CompiledMapping]:
        """By name; compiled when first asked for, since most decisions need none."""
        if self._mappings is None:
            self._mappings, flaws = compile_mappings(self.policy, self.shapes)
            if flaws:
                raise Flawed(flaws)
        return self._mappings

    @cached_property
    def shape_digests(self) -> Mapping[str, str]:
        """By shape: what tells whether data read by one can be taken as read by another."""
        return {name: digest_of(shape) for name, shape in self.shapes.items()}

    def affected_by(self, evidence_type: str) -> tuple[str, ...]:
        """Ids of the criteria that read this type."""
        return tuple(rule.id for rule in self.rules.values() if evidence_type in rule.types)


def _covered(policy: Policy, rules: Mapping[str, Rule]) -> dict[str, frozenset[str]]:
    of_phase = {phase.id: [criterion.id for criterion in phase.criteria] for phase in policy.phases}
    covered = {}
    for criterion in policy.criteria:
        if criterion.signoff is not None:
            named = [each for phase in criterion.signoff.covers.phases for each in of_phase[phase]]
            criteria = [criterion.id, *named, *criterion.signoff.covers.criteria]
            types = {kind for each in criteria for kind in rules[each].types}
            covered[criterion.id] = frozenset(kind for kind in types if not policy.evidence[kind].recurring)
    return covered


def _asking(policy: Policy) -> dict[str, tuple[str, ...]]:
    asking: dict[str, tuple[str, ...]] = {}
    for criterion in policy.criteria:
        for role in dict.fromkeys(criterion.signoff.roles if criterion.signoff is not None else ()):
            asking[role] = (*asking.get(role, ()), criterion.id)
    return asking


def compile_policy(
    policy: Policy, digest: str, catalogue: Mapping[str, Shape], *, published: bool = False
) -> CompiledPolicy:
    """Compile `policy`, whose evidence types use its own shapes or those of `catalogue`.

    Raises `Flawed` with everything found wrong; of a `published` one the mappings wait until they are used.
    """
    flaws = flaws_of(policy, catalogue)
    if flaws:
        raise Flawed(flaws)
    known = {**catalogue, **policy.shapes}
    shapes = {kind.shape: known[kind.shape] for kind in policy.evidence.values()}
    try:
        language = Language(policy, shapes)
    except (TypeError, ValueError) as error:
        raise Flawed([Flaw(("shapes",), f"the field names clash: {error}")]) from None
    language.prepare(islice(expressions_of(policy), MOST_EXPRESSIONS))
    work = _Compiler(language)
    rules = {criterion.id: work.rule(criterion, path) for path, criterion in criteria(policy)}
    own = {each.id: work.rule(each, path) for path, each in requirements(policy) if each.criteria is None}
    if work.count > MOST_EXPRESSIONS:
        work.flaws.append(Flaw((), f"holds {work.count} expressions; at most {MOST_EXPRESSIONS} are compiled"))
    made, flaws = (None, []) if published else compile_mappings(policy, shapes)
    if work.flaws or flaws:
        raise Flawed([*work.flaws, *flaws])
    return CompiledPolicy(policy, digest, shapes, language, rules, own, made)


class _Compiler:
    def __init__(self, language: Language) -> None:
        self.flaws: list[Flaw] = []
        self.count = 0
        self._language = language

    def rule(self, of: Criterion | Requirement, path: Path) -> Rule:
        when = self._expression(of.when, None, (*path, "when"), with_facts=False, must_be_bool=True)
        checks = [self._check(check, of.evidence, (*path, "checks", n)) for n, check in enumerate(of.checks)]
        compiled = [check for check in checks if check is not None]
        named = [kind for check in compiled for kind in check.program.types]
        unguarded = {kind for check in compiled for kind in check.program.types if kind not in check.program.guards}
        primary = [of.evidence] if of.evidence is not None else []
        required = tuple(dict.fromkeys(primary + [kind for kind in named if kind in unguarded]))
        guarded = tuple(kind for kind in dict.fromkeys(named) if kind not in required)
        return Rule(of, required, guarded, when, tuple(compiled))

    def _check(self, check: Check, primary: str | None, path: Path) -> CompiledCheck | None:
        program = self._expression(check.that, primary, (*path, "that"), with_facts=True, must_be_bool=True)
        otherwise = self._template(check.otherwise, primary, (*path, "otherwise"))
        return CompiledCheck(check.that, program, otherwise) if program and otherwise else None

    def _expression(
        self, source: str | None, primary: str | None, path: Path, *, with_facts: bool, must_be_bool: bool
    ) -> Program | None:
        if source is None or self.count > MOST_EXPRESSIONS:
            return None
        self.count += 1
        try:
            program = self._language.compile(source, primary, with_facts=with_facts)
        except Refused as refused:
            for line, column, message, suggestion in refused.refusals:
                self.flaws.append(Flaw(path, message, suggestion, (line, column)))
            return None
        if must_be_bool and program.returns != "BOOL":
            told = f"must be true or false, but yields {program.returns.lower()}"
            self.flaws.append(Flaw(path, told, "compare it with something, as in `… == true`"))
            return None
        return program

    def _template(self, message: str, primary: str | None, path: Path) -> Template | None:
        try:
            parts = split(message)
        except ValueError as error:
            self.flaws.append(Flaw(path, str(error)))
            return None
        filled: list[str | Program] = []
        for part in parts:
            if part.source is None:
                filled.append(part.text)
                continue
            before = len(self.flaws)
            program = self._expression(part.source, primary, path, with_facts=True, must_be_bool=False)
            self.flaws[before:] = [_moved(flaw, message, part.offset) for flaw in self.flaws[before:]]
            filled.append(program if program is not None else "")
        return Template(tuple(filled))


def _moved(flaw: Flaw, message: str, offset: int) -> Flaw:
    """A flaw of an expression inside a message, by its place in the message."""
    line, column = flaw.within
    before = message[:offset]
    if line == 1:
        column += offset - (before.rfind("\n") + 1)
    return flaw._replace(within=(line + before.count("\n"), column))
