"""The reference on parameters: defaults, the subject's own values over them, and who reads which."""

import re
from typing import Any

from phasegate.engine.policy import Parameter
from tests.engine.reference_selection import Asked, selected, without_comments


def parameters(asked: Asked) -> tuple[dict[str, Any], set[str]]:
    """The value of each parameter that has one, and the names of those whose own value doesn't fit.

    The selected record speaks even when it is past its max_age: waiting never relaxes.
    """
    declared = asked.policy.params
    values = {name: _of_type(parameter, parameter.default) for name, parameter in declared.items()}
    misfits: set[str] = set()
    kind = asked.policy.evidence.get("success-criteria")
    record = None if kind is None or kind.scope != "subject" else selected("success-criteria", asked)
    own = {} if record is None else record.data.get("params", {})
    for name, value in own.items():
        if name not in declared:
            continue
        if _fits(declared[name], value):
            values[name] = _of_type(declared[name], value)
        else:
            misfits.add(name)
            del values[name]
    return values, misfits


def _fits(parameter: Parameter, value: Any) -> bool:
    """Of its type and within its bounds; JSON writes 2 and 2.0 alike, so both are an integer."""
    if parameter.type == "string":
        return False
    if parameter.type == "bool":
        return isinstance(value, bool)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if parameter.type == "int" and value != int(value):
        return False
    too_low = parameter.min is not None and value < parameter.min
    too_high = parameter.max is not None and value > parameter.max
    return not too_low and not too_high


def _of_type(parameter: Parameter, value: Any) -> Any:
    return float(value) if parameter.type == "double" else int(value) if parameter.type == "int" else value


def params_read(source: str) -> set[str]:
    """The parameters that an expression names, outside comments and quotes."""
    code = re.sub(r""""[^"]*"|'[^']*'""", "", without_comments(source))
    return set(re.findall(r"\bparams\.([a-z_]+)", code))
