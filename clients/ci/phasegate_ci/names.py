"""Names of the contract, checked before they become part of an address. The functions are click callbacks."""

import re

import click

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,127}")
_IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def name(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """A subject or a release."""
    return _matching(_NAME, ctx, param, value)


def release_or_dash(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """A release, or `-` for none."""
    return value if value == "-" else name(ctx, param, value)


def identifier(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """A gate or an evidence type."""
    return _matching(_IDENTIFIER, ctx, param, value)


def pairs(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """The mapping of repeated `KEY=VALUE` options; a key given twice is refused rather than overwritten."""
    found: dict[str, str] = {}
    for value in values:
        key, sign, rest = value.partition("=")
        if not sign or not key:
            raise click.BadParameter(f"{value!r} is not KEY=VALUE", ctx, param)
        if key in found:
            raise click.BadParameter(f"{key!r} is given twice", ctx, param)
        found[key] = rest
    return found


def quoted(name: str) -> str:
    """The name as one segment of a path; of its signs only `+` means something elsewhere in an address."""
    return name.replace("+", "%2B")


def _matching(form: re.Pattern[str], ctx: click.Context, param: click.Parameter, value: str) -> str:
    if form.fullmatch(value) is None:
        raise click.BadParameter(f"{value!r} is no name: it must match {form.pattern}", ctx, param)
    return value
