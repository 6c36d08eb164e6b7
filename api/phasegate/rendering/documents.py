"""Templates into documents. What a template puts in is text, made harmless for the form it goes into,
unless it was made by `prose` or `commonmark` for that very form."""

import base64
from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from phasegate.rendering import commonmark, prose
from phasegate.rendering.visible import one_line, visible
from phasegate.rendering.words import moments

Format = Literal["markdown", "html"]
MEDIA_TYPES: Mapping[str, Format] = {"text/markdown": "markdown", "text/html": "html"}

STYLE = files(__name__.rpartition(".")[0]).joinpath("templates", "style.css").read_text(encoding="utf-8")
_STYLE_DIGEST = base64.b64encode(sha256(STYLE.encode()).digest()).decode()
_IN_PAGE = f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; img-src data:; base-uri 'none'; form-action 'none'"
CONTENT_SECURITY_POLICY = f"{_IN_PAGE}; frame-ancestors 'none'"
"""What a browser may do with an HTML document: show it, with its own style."""
PAGE_POLICY = _IN_PAGE.replace("form-action 'none'", "form-action 'self'")
"""The same for a page with forms, which go back to where it came from."""


class _Form(NamedTuple):
    """How one form writes what templates hand it."""

    text: Callable[[str], str]
    filters: Mapping[str, Callable[..., str]]


def _tag(name: str) -> Callable[[str], Markup]:
    return lambda text: Markup(f"<{name}>{{}}</{name}>").format(one_line(text))


def _cell(value: Any) -> Markup:
    return commonmark.cell(value if isinstance(value, Markup) else commonmark.escaped(str(value)))


def _time(instant: str) -> Markup:
    """RFC 3339 for machines, to the second for people; nothing where there is none."""
    return Markup('<time datetime="{}">{}</time>').format(instant, moments(instant)) if instant else Markup("")


def _optional(key: str) -> str:
    """A context key as a policy writes it, in words."""
    return f"{key.removesuffix('?')} (optional)" if key.endswith("?") else key


_FORMS: Mapping[Format, _Form] = {
    "html": _Form(
        visible,
        {
            "prose": prose.html,
            "line": prose.html_line,
            "code": _tag("code"),
            "block": lambda text: Markup("<pre><code>{}</code></pre>").format(visible(text)),
            "link": prose.html_link,
            "time": _time,
        },
    ),
    "markdown": _Form(
        commonmark.escaped,
        {
            "prose": prose.markdown,
            "line": prose.markdown_line,
            "code": commonmark.code,
            "cellcode": commonmark.code_in_cell,
            "cell": _cell,
            "block": commonmark.block,
            "item": commonmark.indented,
            "raw": Markup,
            "piece": commonmark.piece,
            "link": prose.markdown_link,
            "time": moments,
        },
    ),
}


def document(name: str, form: Format, **values: Any) -> str:
    """The document that the template `name` makes of `values`, in UTF-8 text."""
    return _environment(form).get_template(f"{name}.{'html' if form == 'html' else 'md'}").render(**values)


@cache
def _environment(form: Format) -> Environment:
    write = _FORMS[form].text

    def finalize(value: Any) -> Any:
        if hasattr(value, "__html__"):
            return value
        if value is None:
            raise ValueError("a template shows a value that may be absent")
        return Markup(write(str(value))) if form == "markdown" else write(str(value))

    made = Environment(
        loader=PackageLoader(__name__.rpartition(".")[0], "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(_FORMS[form].filters)
    made.filters.update(moments=moments, optional=_optional)
    made.globals.update(
        style=Markup(STYLE),
        content_security_policy=_IN_PAGE,
        referrer="no-referrer",
        slug=commonmark.slug,
        visitor=None,  # macros are imported without the values of a page
    )
    return made
