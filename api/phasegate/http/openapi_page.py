"""The OpenAPI document as one plain page."""

import html
import json
import re
from http import HTTPStatus
from typing import Any


def page_of(document: dict[str, Any]) -> str:
    """The OpenAPI document as one plain page, without script."""
    rows, calls = [], []
    for path, methods in sorted(document["paths"].items()):
        for method, operation in methods.items():
            name = html.escape(operation["operationId"])
            called = f"<b>{method.upper()}</b> <code>{html.escape(path)}</code>"
            calls.append(f"<li><a href='#{name}'>{called}</a></li>")
            rows.append(_operation(name, called, operation))
    title = html.escape(document["info"]["title"])
    return (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        f"<meta name=viewport content='width=device-width,initial-scale=1'><title>{title}: the API</title>"
        "<link rel=stylesheet href=/schema/page.css><body><a class=skip href=#main>Skip to the calls</a>"
        f"<header><h1>{title}</h1><p>{html.escape(document['info'].get('description', ''))}</p>"
        "<p>The whole contract as data: <a href=/schema/openapi.json>openapi.json</a></p>"
        "<p>A refusal is <code>application/problem+json</code>, with a stable <code>code</code> and what to do: 400 "
        "malformed, 401 no valid token, 403 not allowed, 404 not there, 409 in conflict with what is recorded, 413 too "
        "large, 415 another content type, 422 does not fit, 429 too often, 500 a fault of the server. What a call "
        "answers beside these is said with it.</p></header>"
        f"<nav aria-label=Calls><details><summary>{len(calls)} calls</summary><ul>{''.join(calls)}</ul></details></nav>"
        f"<main id=main tabindex=-1>{''.join(rows)}</main>"
    )


def _operation(name: str, called: str, operation: dict[str, Any]) -> str:
    parameters = "".join(
        f"<li><code>{html.escape(p['name'])}</code> in {p['in']}{', required' if p.get('required') else ''}"
        + (f": {_prose(p['description'])}" if p.get("description") else "")
        + "</li>"
        for p in operation.get("parameters", [])
    )
    bodies = "".join(
        _body(media, content) for media, content in operation.get("requestBody", {}).get("content", {}).items()
    )
    answers = ", ".join(
        f"{status} {html.escape(answer.get('description', '').split('.')[0])}"
        for status, answer in sorted(operation.get("responses", {}).items())
        if answer.get("description") != _phrase(status) or status < "400"
    )
    return (
        f"<section id='{name}'><h2>{called}</h2><p><strong>{html.escape(operation.get('summary', ''))}.</strong> "
        f"{_prose(operation.get('description') or '')}</p>"
        + (f"<ul>{parameters}</ul>" if parameters else "")
        + f"{bodies}<p class=answers>Answers {answers}</p></section>"
    )


def _prose(text: str) -> str:
    """A description, with its code spans."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def _phrase(status: str) -> str:
    return HTTPStatus(int(status)).phrase


def _body(media_type: str, content: dict[str, Any]) -> str:
    several = content.get("examples", {})
    shown = next(iter(several.values()))["value"] if several else content.get("example")
    text = shown if isinstance(shown, str) else json.dumps(shown, indent=1, ensure_ascii=False)
    example_of = f"<p>For example</p><pre>{html.escape(text)}</pre>" if shown is not None else ""
    schema = html.escape(json.dumps(content.get("schema", {}), indent=1, ensure_ascii=False))
    return (
        f"<details><summary>Body <code>{html.escape(media_type)}</code></summary>"
        f"{example_of}<p>Its schema</p><pre>{schema}</pre></details>"
    )


STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --dim: #565e69; --paper: #fff; --panel: #f5f6f8; --line: #d5d9df;
  --accent: #174ea6 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e7e9ec; --dim: #a6adb8; --paper: #14171b; --panel: #1e2329; --line: #3a414a; --accent: #8ab4f8 }
}
* { box-sizing: border-box }
body { font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; max-width: 54rem;
  margin: 0 auto; padding: 2.5rem 1.25rem 4rem; color: var(--ink); background: var(--paper); overflow-wrap: break-word }
h1 { font-size: 2.25rem; line-height: 1.25; letter-spacing: -.02em; margin: 0 }
h2 { font-size: 1rem; margin: 0 0 .3rem } b { color: var(--accent); margin-right: .4rem }
a { color: var(--accent) } a b { color: inherit }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
main:focus { outline: none }
.skip { position: absolute; left: -100vw }
.skip:focus { left: 1rem; top: .5rem; background: var(--paper); padding: .4rem }
header { border-bottom: 3px solid var(--ink); padding-bottom: 1rem; margin-bottom: 1rem }
code { font: .95em ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere }
section { border-top: 1px solid var(--line); padding: 1.25rem 0; scroll-margin-top: 1rem } p { margin: .4rem 0 }
nav { margin-bottom: 1.5rem } nav ul { list-style: none; padding: 0; line-height: 1.7 } nav a { text-decoration: none }
ul { margin: .4rem 0; padding-left: 1.25rem } summary { cursor: pointer }
pre { background: var(--panel); padding: .6rem .8rem; overflow: auto; max-height: 24rem; font-size: .8rem;
  border-radius: 4px; margin: .3rem 0 }
.answers { color: var(--dim); font-size: .875rem }
"""
