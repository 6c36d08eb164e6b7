"""A policy version as the finished checklist: a document to read, to print and to tick off."""

from typing import NamedTuple

from phasegate.engine.compile import CompiledPolicy
from phasegate.engine.instants import rfc3339
from phasegate.engine.message import shown
from phasegate.engine.policy import Criterion, EvidenceType, Level, Parameter, Phase, Requirement, SignOff
from phasegate.rendering.checks import CheckWords, check_words, params_read
from phasegate.rendering.documents import Format, document
from phasegate.rendering.words import length, listed, moments, numbers

_APART = "Different people hold them."
_CHANNELS = {"web": "the web page", "api": "the API", "slack": "Slack", "discord": "Discord"}


class ParameterWords(NamedTuple):
    """A parameter with all that is to say of it."""

    name: str
    doc: str
    default: str
    unit: str
    bounds: str
    """Empty if there are none."""
    read_by: tuple[str, ...]
    """Numbers of the criteria that read it."""


class TypeWords(NamedTuple):
    """An evidence type with all that is to say of it."""

    id: str
    title: str
    doc: str
    shape: str
    scope: str
    lasts: str
    context: tuple[tuple[str, bool], ...]
    """Keys, and whether each is required."""
    recurring: bool
    read_by: tuple[str, ...]


class Read(NamedTuple):
    """An evidence type as a criterion reads it."""

    of: TypeWords
    role: str
    """Why it is read: as its own, required, or if there."""


class Acknowledgement(NamedTuple):
    id: str
    sentence: str


class SignOffWords(NamedTuple):
    """A sign-off rule in words."""

    roles: tuple[str, ...]
    rules: tuple[str, ...]
    acknowledge: tuple[Acknowledgement, ...]


class CriterionWords(NamedTuple):
    """A criterion with all that its part of the document says."""

    number: str
    of: Criterion
    checks: tuple[CheckWords, ...]
    reads: tuple[Read, ...]
    params: tuple[ParameterWords, ...]
    frameworks: tuple[tuple[str, tuple[str, ...]], ...]
    """Titles of frameworks with the clauses."""
    signoff: SignOffWords | None
    rules: tuple[str, ...]
    """What holds for it besides: waivers, strength, dates, dependence."""


class PhaseWords(NamedTuple):
    number: int
    of: Phase
    title: str
    criteria: tuple[CriterionWords, ...]


class RequirementWords(NamedTuple):
    """What a maturity level asks for."""

    title: str
    evidence: str
    strength: str
    checks: tuple[CheckWords, ...]


class LevelWords(NamedTuple):
    of: Level
    requires: tuple[RequirementWords, ...]


class FrameworkWords(NamedTuple):
    """A standard, and which criterion bears on which clause of it."""

    title: str
    url: str
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def render_policy(policy: CompiledPolicy, form: Format) -> str:
    """The checklist as a whole document in `form`."""
    work = _Words(policy)
    return document(
        "checklist",
        form,
        policy=policy.policy,
        title=policy.policy.title or policy.policy.policy,
        digest=policy.digest,
        phases=work.phases,
        criteria=sum(len(phase.criteria) for phase in work.phases),
        levels=[work.level(level) for level in policy.policy.maturity.levels] if policy.policy.maturity else [],
        types=list(work.types.values()),
        params=list(work.params.values()),
        frameworks=work.frameworks(),
    )


class _Words:
    """The parts of one policy in words."""

    def __init__(self, policy: CompiledPolicy) -> None:
        self._compiled = policy
        self._policy = policy.policy
        self.numbers = numbers(self._policy)
        self._params_read = {name: params_read(rule) for name, rule in policy.rules.items()}
        self.params = {name: self._param(name, param) for name, param in self._policy.params.items()}
        self.types = {name: self._type(name, kind) for name, kind in self._policy.evidence.items()}
        self.phases = [self._phase(number, phase) for number, phase in enumerate(self._policy.phases, 1)]

    def _phase(self, number: int, phase: Phase) -> PhaseWords:
        return PhaseWords(number, phase, phase.title or phase.id, tuple(self._criterion(c) for c in phase.criteria))

    def _criterion(self, criterion: Criterion) -> CriterionWords:
        rule = self._compiled.rules[criterion.id]
        reads = [Read(self.types[name], _role(name, criterion.evidence, name in rule.required)) for name in rule.types]
        return CriterionWords(
            number=self.numbers[criterion.id],
            of=criterion,
            checks=tuple(check_words(check, self._compiled) for check in criterion.checks),
            reads=tuple(reads),
            params=tuple(self.params[name] for name in sorted(self._params_read[criterion.id])),
            frameworks=tuple((self._framework(name), clauses) for name, clauses in criterion.frameworks.items()),
            signoff=None if criterion.signoff is None else self._signoff(criterion.signoff),
            rules=tuple(self._rules(criterion)),
        )

    def _rules(self, criterion: Criterion) -> list[str]:
        rules = []
        limit = f" for {length(self._policy.waivers.max)} at most" if self._policy.waivers else ""
        rules.append(f"It can be waived{limit}." if criterion.waivable else "It can't be waived.")
        if criterion.strength is not None:
            rules.append(f"Each piece of evidence it reads must be {criterion.strength}, or stronger.")
        if criterion.effective_from is not None:
            rules.append(f"It blocks from {moments(rfc3339(criterion.effective_from))} on; until then it warns.")
        if criterion.advisory:
            rules.append("It advises and never blocks.")
        if criterion.depends_on:
            named = listed(self._named(name) for name in criterion.depends_on)
            rules.append(f"It depends on {named}: while one of these is not satisfied, its own failing is an echo.")
        return rules

    def _named(self, criterion: str) -> str:
        return f"{self.numbers[criterion]} ({criterion})" if criterion in self.numbers else criterion

    def _signoff(self, signoff: SignOff) -> SignOffWords:
        roles = listed(signoff.roles)
        one = len(signoff.roles) == 1
        rules = [f"A person in the role {roles} approves." if one else f"A person in each of these roles: {roles}."]
        if not one:
            rules.append(_APART if signoff.distinct_persons else "One person may hold several of them.")
        covered = [phase.title or phase.id for phase in self._policy.phases if phase.id in signoff.covers.phases]
        covered += [self._named(name) for name in signoff.covers.criteria]
        if covered:
            told = "; ".join(covered)
            rules.append(f"What is approved: {told}. As soon as any of that evidence changes, an approval is void.")
        if signoff.max_age is not None:
            rules.append(f"An approval stands for {length(signoff.max_age)}.")
        rules.append(f"It is given through {listed((_CHANNELS[each] for each in signoff.via), 'or')}.")
        if signoff.mfa:
            rules.append("The session must be confirmed by a second factor.")
        sentences = tuple(Acknowledgement(*pair) for pair in signoff.acknowledge.items())
        return SignOffWords(signoff.roles, tuple(rules), sentences)

    def _param(self, name: str, param: Parameter) -> ParameterWords:
        low, high = param.min, param.max
        bounds = ""
        if low is not None and high is not None:
            bounds = f"{shown(low)} to {shown(high)}"
        elif low is not None or high is not None:
            bounds = f"at least {shown(low)}" if low is not None else f"at most {shown(high)}"
        readers = tuple(self.numbers[each] for each, read in self._params_read.items() if name in read)
        return ParameterWords(name, param.doc, shown(self._compiled.params[name]), param.unit, bounds, readers)

    def _type(self, name: str, kind: EvidenceType) -> TypeWords:
        rules = self._compiled.rules
        return TypeWords(
            id=name,
            title=kind.title or name,
            doc=kind.doc,
            shape=kind.shape,
            scope="these artifacts" if kind.scope == "release" else "the subject",
            lasts="no limit" if kind.max_age is None else length(kind.max_age),
            context=tuple((key.removesuffix("?"), not key.endswith("?")) for key in kind.context),
            recurring=kind.recurring,
            read_by=tuple(self.numbers[each] for each in self.numbers if name in rules[each].types),
        )

    def _framework(self, name: str) -> str:
        return self._policy.frameworks[name].title if name in self._policy.frameworks else name

    def frameworks(self) -> list[FrameworkWords]:
        """The standards that criteria refer to, clause by clause."""
        found = []
        for name, framework in self._policy.frameworks.items():
            clauses: dict[str, list[str]] = {}
            for criterion in self._policy.criteria:
                for clause in criterion.frameworks.get(name, ()):
                    clauses.setdefault(clause, []).append(criterion.id)
            rows = tuple((clause, tuple(self.numbers[each] for each in clauses[clause])) for clause in sorted(clauses))
            found.append(FrameworkWords(framework.title, framework.url, rows))
        return found

    def level(self, level: Level) -> LevelWords:
        """A maturity level and what it asks for."""
        return LevelWords(level, tuple(self._requirement(each) for each in level.requires))

    def _requirement(self, requirement: str | Requirement) -> RequirementWords:
        if isinstance(requirement, str):
            title = next((p.title or p.id for p in self._policy.phases if p.id == requirement), None)
            told = f"Every criterion of {title}" if title else f"Criterion {self._named(requirement)}"
            return RequirementWords(told, "", "", ())
        told = requirement.title or requirement.id
        if requirement.criteria is not None:
            which = requirement.criteria
            of = "every criterion" if which == "all" else listed(self._named(name) for name in which)
            return RequirementWords(f"{told}: {of}, met without exception", "", "", ())
        checks = tuple(check_words(check, self._compiled) for check in requirement.checks)
        return RequirementWords(told, requirement.evidence or "", requirement.strength or "", checks)


def _role(name: str, primary: str | None, required: bool) -> str:
    if name == primary:
        return "judged"
    return "read beside it" if required else "read if it is there"
