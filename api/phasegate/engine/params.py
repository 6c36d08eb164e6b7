"""Parameters: the policy's defaults under a subject's own values."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from phasegate.engine.policy import Parameter, Policy
from phasegate.engine.shape import read_scalar
from phasegate.errors import Flaw, nearest

OWN_VALUES = "success-criteria"
"""The evidence type in whose `params` a subject's own values travel."""


class Parameters(NamedTuple):
    """What expressions read as `params`, and why a parameter has no value."""

    values: Mapping[str, Any]
    unusable: Mapping[str, str]
    """By name: a value that must not be replaced by the default in silence."""


def parameters(policy: Policy, defaults: Mapping[str, Any], own: Mapping[str, Any]) -> Parameters:
    """The defaults under the subject's `own` values, as its evidence holds them.

    A name that the policy doesn't know is read by nobody.
    """
    values = dict(defaults)
    unusable: dict[str, str] = {}
    for name, value in own.items():
        declared = policy.params.get(name)
        if declared is None:
            continue
        why_not = _refused(declared, value)
        if why_not is None:
            values[name] = read_scalar(declared.type, value)
        else:
            del values[name]
            unusable[name] = f"the subject's own value of {name} {why_not}"
    return Parameters(values, unusable)


def flaws_of_own(policy: Policy, kind: str, data: Mapping[str, Any]) -> Iterator[Flaw]:
    """What is wrong with the own values in evidence of type `kind`, at the path of each."""
    own = data.get("params")
    shape = policy.evidence[kind].shape
    if shape != OWN_VALUES or not isinstance(own, dict):
        return
    for name, value in own.items():
        path = ("data", "params", name)
        declared = policy.params.get(name)
        if kind != OWN_VALUES:
            yield Flaw(path, f"own values are read from evidence of type {OWN_VALUES} alone; send it there")
        elif declared is None:
            yield Flaw(path, f"{policy.policy}@{policy.version} has no such parameter", nearest(name, policy.params))
        elif (why_not := _refused(declared, value)) is not None:
            yield Flaw(path, why_not)


def _refused(declared: Parameter, value: Any) -> str | None:
    """Why a parameter can't have this value."""
    if declared.type == "string":
        return "can't be set: a text is the policy's alone"
    try:
        read = read_scalar(declared.type, value)
    except ValueError as error:
        return f"{error}"
    if declared.min is not None and read < declared.min:
        return f"must be at least {declared.min}"
    if declared.max is not None and read > declared.max:
        return f"must be at most {declared.max}"
    return None
