"""The form of the files in `cases/`: a base (`base`, `expect`), or cases that change one (`from`, `cases`)."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import UNSET, Meta, UnsetType

from phasegate.engine.decision import Outcome, Status

Record = dict[str, Any]
_Text = Annotated[str, Meta(min_length=1)]
_Texts = Annotated[tuple[_Text, ...], Meta(min_length=1)]
_Index = Annotated[int, Meta(ge=0)]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all parts of a file: an unknown key is a fault."""


class Base(_Part, frozen=True, kw_only=True):
    """The body of `POST /v1/evaluate` without `policy` and `gate`; one record a type, and a frozen instant."""

    at: str
    subject: Record
    release: Record
    evidence: tuple[Record, ...] = ()
    signoffs: tuple[Record, ...] = ()
    waivers: tuple[Record, ...] = ()


class Change(_Part, frozen=True, kw_only=True):
    """What is done to the base, in this order; what is left out stays.

    Merging goes into mappings at every depth; a list is replaced as a whole; null takes the key out.
    """

    at: str | UnsetType = UNSET
    attributes: Record = {}
    """Merged into the subject's attributes."""
    release: Record = {}
    """Merged into the release."""
    remove: Literal["all"] | tuple[str, ...] = ()
    """Evidence types whose records are taken out."""
    every_record: Record = {}
    """Merged into each record that is left."""
    replace: dict[str, Record] = {}
    """By evidence type: merged into its record."""
    add: tuple[Record, ...] = ()
    """Further records; with `like: TYPE` merged into a copy of the base's record of that type."""
    signoffs: tuple[Record, ...] | UnsetType = UNSET
    waivers: tuple[Record, ...] | UnsetType = UNSET
    add_signoffs: tuple[Record, ...] = ()
    add_waivers: tuple[Record, ...] = ()


class Expectation(_Part, frozen=True, kw_only=True):
    """What must come out. All but `statuses` is compared only where it is there; null is a value."""

    refused: _Text | UnsetType = UNSET
    """The facts don't fit; the path of a fault contains this, and nothing else is expected."""
    others: Status | UnsetType = UNSET
    """The status of every criterion that `statuses` doesn't name; left out: as in the base."""
    statuses: dict[str, Status] = {}
    underlying: dict[str, Status] = {}
    reasons: dict[str, _Texts] = {}
    """By criterion: texts that its reason contains."""
    false: dict[str, tuple[_Index, ...]] = {}
    """By criterion or maturity requirement: the indices of exactly those checks that are false."""
    uncomputable: dict[str, tuple[_Index, ...]] = {}
    """The same of those that could not be computed."""
    unsigned: dict[str, _Texts] = {}
    """By criterion: texts, each contained in the reason of one sign-off that doesn't count."""
    gates: Outcome | dict[str, Outcome] = {}
    """By phase or `launch`; or the same for all of them."""
    because_of: dict[str, tuple[str, ...]] = {}
    blocking: dict[str, bool] = {}
    level: int | UnsetType | None = UNSET
    unmet: tuple[str, ...] | UnsetType | None = UNSET
    """Ids of what is unmet for the next level; null: there is no next one."""
    current_phase: str | UnsetType | None = UNSET
    summary: str | UnsetType = UNSET
    valid_until: str | UnsetType | None = UNSET
    outcome: Outcome | UnsetType = UNSET
    """Of the gate `launch`."""


class BaseFile(_Part, frozen=True, kw_only=True):
    """A base, and what it gives itself."""

    base: Base
    expect: Expectation


class Changed(_Part, frozen=True, kw_only=True):
    """One case as written."""

    name: _Text
    change: Change = Change()
    expect: Expectation = Expectation()


class Changes(_Part, frozen=True, kw_only=True):
    """The cases of one file."""

    cases: Annotated[tuple[Changed, ...], Meta(min_length=1)]


class Case(NamedTuple):
    """A case ready to be run."""

    name: str
    """Unique in the folder; that of a base is its file's."""
    file: str
    line: int
    body: dict[str, Any]
    """The body of `POST /v1/evaluate` without `policy` and `gate`."""
    expect: Expectation
    statuses: Mapping[str, Status]
    """The expected status of every criterion."""
