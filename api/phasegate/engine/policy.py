"""A policy version as written: every key of a policy file, frozen and typed.

These structs say what a policy file may hold; `policies.read` fills them from YAML or JSON, and
`engine.compile` checks what no structure can say.
"""

from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from phasegate.engine.facts import Strength
from phasegate.wording import matching

Name = Annotated[
    str,
    matching(
        r"^[a-z0-9][a-z0-9-]{0,63}\Z",
        "start with a lower-case letter or digit and hold lower-case letters, digits and - only, at most 64 characters",
    ),
]
"""Policy, phase, criterion, evidence type, role, shape."""
Identifier = Annotated[
    str,
    matching(
        r"^[A-Za-z_][A-Za-z0-9_]{0,63}\Z",
        "start with a letter or _ and hold letters, digits and _ only, at most 64 characters",
    ),
]
"""What an expression can select: fields, parameters, attributes."""
ContextKey = Annotated[
    str,
    matching(
        r"^[A-Za-z_][A-Za-z0-9_-]{0,63}\??\Z",
        "start with a letter or _ and hold letters, digits, _ and - only, at most 64 characters, then ? if optional",
    ),
]
"""A context key; optional if it ends in `?`."""
NUMBER = r"(?:0|[1-9][0-9]{0,8})"
_PRERELEASE = r"(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
SEMVER = rf"{NUMBER}\.{NUMBER}\.{NUMBER}(?:-{_PRERELEASE}(?:\.{_PRERELEASE})*)?"
"""Semantic Versioning 2.0.0 without build metadata, which has no precedence."""
Semver = Annotated[
    str,
    matching(
        rf"^{SEMVER}\Z",
        "be three numbers without leading zeros, such as 1.0.0 or 1.1.0-rc.1 (Semantic Versioning, no build metadata)",
        max_length=128,
    ),
]
Text = Annotated[str, Meta(max_length=20_000)]
Expression = Annotated[str, Meta(min_length=1, max_length=4_000)]
"""CEL, https://cel.dev."""
Channel = Literal["web", "api", "slack", "discord"]
"""Through which a sign-off is given."""
Scalar = bool | int | float | str


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of all parts of a policy file: an unknown key is a fault."""


class Field(_Part, frozen=True, kw_only=True):
    """One field of a shape. `type` is a scalar, `list<T>`, `map<string,T>`, or one of these over `object`."""

    type: str
    doc: Text = ""
    optional: bool = False
    unit: str = ""
    min: int | float | None = None
    max: int | float | None = None
    values: tuple[Scalar, ...] | None = None
    fields: "dict[Identifier, Field]" = {}
    max_entries: Annotated[int, Meta(ge=0, le=1000)] = 1000
    """Of a list or map: rules see at most this many entries."""


class Shape(_Part, frozen=True, kw_only=True):
    """The normalised data model of a kind of evidence."""

    doc: Text = ""
    fields: dict[Identifier, Field]


class Attribute(_Part, frozen=True, kw_only=True):
    """An attribute of the subject that expressions may name."""

    type: str
    values: tuple[Scalar, ...] | None = None
    doc: Text = ""


class Parameter(_Part, frozen=True, kw_only=True):
    """A number, text or switch that expressions read as `params.NAME`; bounds are inclusive."""

    type: Literal["double", "int", "string", "bool"]
    default: Scalar
    min: int | float | None = None
    max: int | float | None = None
    unit: str = ""
    doc: Text = ""


Mapped = Scalar | dict[str, Any]
"""A value of a mapping: CEL text; a number or switch itself; a map of such values; or a fold, which is a map
whose keys are all in `FOLD` and name `over` or `value`."""
FOLD = frozenset({"over", "where", "value", "take", "key"})


class Mapping(_Part, frozen=True, kw_only=True):
    """An adapter written as data: how one tool's file becomes the data of a shape."""

    reads: Literal["json", "ndjson", "csv", "yaml", "xml"]
    shape: Name
    detect: Expression
    """Whether a document is in this format; false or not computable: it isn't."""
    collected_at: Mapped | None = None
    """The tool's own time, a timestamp."""
    let: dict[Identifier, Mapped] = {}
    """Names for what is computed once, in order; each may use those before it."""
    fields: dict[Identifier, Mapped]
    """By field of the shape."""


class Framework(_Part, frozen=True, kw_only=True):
    """A standard that criteria refer to."""

    title: Text
    url: str = ""


class WaiverLimits(_Part, frozen=True, kw_only=True):
    """How long a waiver may last at most."""

    max: timedelta


class EvidenceType(_Part, frozen=True, kw_only=True):
    """What a piece of evidence is evidence of."""

    shape: Name
    scope: Literal["release", "subject"]
    max_age: timedelta | None = None
    """None: it never grows old."""
    context: tuple[ContextKey, ...] = ()
    recurring: bool = False
    title: Text = ""
    doc: Text = ""

    @property
    def context_keys(self) -> frozenset[str]:
        """Every key that rules may read, optional ones too."""
        return frozenset(key.removesuffix("?") for key in self.context)

    @property
    def required_context(self) -> tuple[str, ...]:
        return tuple(key for key in self.context if not key.endswith("?"))


class Check(_Part, frozen=True, kw_only=True):
    """One CEL expression and the message shown when it is false."""

    that: Expression
    otherwise: Annotated[str, Meta(min_length=1, max_length=4_000)]


class Covers(_Part, frozen=True, kw_only=True):
    """What a sign-off covers."""

    phases: tuple[Name, ...] = ()
    criteria: tuple[Name, ...] = ()


class SignOff(_Part, frozen=True, kw_only=True):
    """The approval that a criterion asks for."""

    roles: Annotated[tuple[Name, ...], Meta(min_length=1)]
    distinct_persons: bool = False
    covers: Covers = Covers()
    acknowledge: dict[Name, Text] = {}
    max_age: timedelta | None = None
    via: tuple[Channel, ...] = ("web", "api", "slack", "discord")
    mfa: bool = False


class Criterion(_Part, frozen=True, kw_only=True):
    """One binary requirement."""

    id: Name
    title: Annotated[str, Meta(min_length=1, max_length=500)]
    label: str = ""
    owner: str = ""
    why: Text = ""
    guidance: Text = ""
    remediation: Text = ""
    traps: tuple[Text, ...] = ()
    references: tuple[Text, ...] = ()
    frameworks: dict[Name, tuple[str, ...]] = {}
    source: Text = ""
    tags: tuple[str, ...] = ()
    evidence: Name | None = None
    when: Expression | None = None
    checks: tuple[Check, ...] = ()
    signoff: SignOff | None = None
    strength: Strength | None = None
    waivable: bool = True
    depends_on: tuple[Name, ...] = ()
    """Criteria of which this one is an echo: while one of them is unsatisfied, that is the cause."""
    effective_from: Annotated[datetime, Meta(tz=True)] | None = None
    """From this instant on it blocks; before, it is evaluated and shown."""
    advisory: bool = False
    """It never blocks."""


class Phase(_Part, frozen=True, kw_only=True):
    """An ordered group of criteria."""

    id: Name
    title: Text = ""
    overview: Text = ""
    criteria: tuple[Criterion, ...]


class Requirement(_Part, frozen=True, kw_only=True):
    """What a maturity level asks for: criteria by id, or a rule of its own in the form of a criterion."""

    id: Name
    title: Text = ""
    otherwise: str = ""
    criteria: Literal["all"] | tuple[Name, ...] | None = None
    evidence: Name | None = None
    when: Expression | None = None
    checks: tuple[Check, ...] = ()
    strength: Strength | None = None
    owner: str = ""
    remediation: Text = ""


class Level(_Part, frozen=True, kw_only=True):
    """A maturity level."""

    level: int
    id: Name
    name: str
    description: Text = ""
    anti_patterns: tuple[Text, ...] = ()
    next_step: Text = ""
    requires: tuple[Name | Requirement, ...] = ()


class MaturityModel(_Part, frozen=True, kw_only=True):
    """Levels 1 to n, in order."""

    levels: Annotated[tuple[Level, ...], Meta(min_length=1)]


class Policy(_Part, frozen=True, kw_only=True, dict=True):
    """One version of a named checklist."""

    policy: Name
    version: Semver
    title: Text = ""
    introduction: Text = ""
    frameworks: dict[Name, Framework] = {}
    attributes: dict[Identifier, Attribute] | None = None
    params: dict[Identifier, Parameter] = {}
    roles: tuple[Name, ...] = ()
    waivers: WaiverLimits | None = None
    shapes: dict[Name, Shape] = {}
    evidence: dict[Name, EvidenceType] = {}
    mappings: dict[Name, Mapping] = {}
    phases: Annotated[tuple[Phase, ...], Meta(min_length=1)]
    maturity: MaturityModel | None = None

    @cached_property
    def criteria(self) -> tuple[Criterion, ...]:
        """All criteria, in order."""
        return tuple(criterion for phase in self.phases for criterion in phase.criteria)
