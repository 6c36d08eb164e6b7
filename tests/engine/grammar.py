"""Random, mostly well-typed CEL over one shape, and random data of it."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

AT = datetime(2027, 3, 5, 12, tzinfo=UTC)
POLICY: dict[str, Any] = {
    "policy": "random",
    "version": "1.0.0",
    "params": {
        "least": {"type": "int", "default": 3},
        "share": {"type": "double", "default": 0.5},
        "pattern": {"type": "string", "default": "^[a-c]+$"},
    },
    "shapes": {
        "thing": {
            "fields": {
                "n": {"type": "int"},
                "m": {"type": "int", "optional": True},
                "x": {"type": "double"},
                "y": {"type": "double", "optional": True},
                "text": {"type": "string"},
                "ok": {"type": "bool"},
                "at": {"type": "timestamp"},
                "until": {"type": "timestamp", "optional": True},
                "wait": {"type": "duration"},
                "names": {"type": "list<string>"},
                "times": {"type": "list<timestamp>"},
                "counts": {"type": "map<string,int>"},
                "parts": {
                    "type": "list<object>",
                    "fields": {
                        "id": {"type": "string"},
                        "size": {"type": "int"},
                        "w": {"type": "double", "optional": True},
                    },
                },
            }
        }
    },
    "evidence": {
        "first": {"shape": "thing", "scope": "release", "context": ["where", "who?"]},
        "second": {"shape": "thing", "scope": "subject"},
    },
}
# Each rule: alternatives in which `{name}` is a phrase of that rule, chosen anew.
RULES = {
    "order": ["<", "<=", ">", ">=", "==", "!="],
    "equal": ["==", "!="],
    "sign": ["+", "-", "*"],
    "int": [
        "evidence.n", "evidence.m", "params.least", "evidence.names.size()", "size(evidence.text)", "0", "3", "-1",
        'evidence.counts["a"]', 'facts["second"].evidence.n', "int(context.who)", "9223372036854775807",
        "({int} {sign} {int})",
    ],
    "double": [
        "evidence.x", "evidence.y", "params.share", "double(evidence.n)", "0.5", "-0.0", "1e308",
        'facts["second"].evidence.x', "({double} {sign} {double})",
    ],
    "text": [
        "evidence.text", "context.where", "context.who", "record.strength", '"a"', '"é"', '""', "subject.name",
        "release.predecessor",
    ],
    "time": [
        "evidence.at", "evidence.until", "record.collected_at", "record.received_at", "release.registered_at",
        'facts["second"].evidence.at',
    ],
    "length": ['"0s"', '"36h"', "context.where", 'string(params.least) + "h"'],
    "scalar": ["true", "false", '"a"', "1", "1.0"],
    "part": ["p.size > 1", "p.w < 0.5", "has(p.w)", "p.id == evidence.text", "{bool}"],
    "bool": [
        "{int} {order} {int}", "{double} {order} {double}", "{text} {order} {text}", "{time} {order} {time}",
        "{time} - {time} {order} duration({length})", "evidence.wait {order} duration({length})",
        "subject.attributes.flag {equal} {scalar}", "subject.attributes.gone {equal} {scalar}",
        "evidence.ok", "has(evidence.m)", "has(evidence.y)", "has(context.who)", '"a" in evidence.counts',
        '"second" in facts', '"b" in evidence.names', 'evidence.text in ["a", "abc"]',
        '["a", "c", "."].exists(d, evidence.text.endsWith(d + "b"))',
        "evidence.text.matches(params.pattern)", 'evidence.text.startsWith("a")',
        "evidence.text.contains(context.where)",
        "subject.attributes.list.all(k, evidence.names.exists(n, n == string(k)))",
        "({bool} && {bool})", "({bool} || {bool})", "!({bool})", "({bool} ? {bool} : {bool})",
        "evidence.parts.all(p, {part})", "evidence.parts.exists(p, {part})", "evidence.parts.exists_one(p, {part})",
        "evidence.parts.filter(p, {part}).map(p, p.size).all(s, s {order} {int})",
        "evidence.times.all(t, evidence.times.exists(u, t {order} u))",
        "evidence.counts.all(k, evidence.counts[k] {order} {int})",
        "evidence.parts.all(evidence, evidence.size {order} params.least)",
    ],
}  # fmt: skip


def phrase(rule: str, r: random.Random, depth: int = 3) -> str:
    """A random phrase; at depth 0 without phrases of `rule` itself inside."""
    choices = [each for each in RULES[rule] if depth > 0 or f"{{{rule}}}" not in each]
    text = r.choice(choices)
    while "{" in text:
        start = text.index("{")
        end = text.index("}", start)
        text = text[:start] + phrase(text[start + 1 : end], r, depth - 1) + text[end + 1 :]
    return text


def thing(r: random.Random) -> dict[str, Any]:
    """Random data of the shape, with integers at the edge, absent optional fields and fractions of seconds."""

    def moment() -> str:
        at = AT - timedelta(seconds=r.choice([0, 1, 86400]))
        return at.isoformat()[:-6] + r.choice(["Z", ".5Z", ".000001Z"])

    def part() -> dict[str, Any]:
        return {"id": r.choice("ab"), "size": r.randint(0, 3), **({"w": 0.25} if r.random() < 0.6 else {})}

    optional = {"m": 3, "y": 0.5, "until": moment()}
    return {
        "n": r.choice([0, 3, 4, 2**63 - 1, -(2**63)]),
        "x": r.choice([0.0, 0.5, 1e307, -1e307]),
        "text": r.choice(["", "a", "abc", "é", "abc\n"]),
        "ok": r.random() < 0.5,
        "at": moment(),
        "wait": r.choice(["PT3H", "PT4H", "P1D"]),
        "names": r.choices(["a", "b", "abc"], k=r.randint(0, 3)),
        "times": [moment() for _ in range(r.randint(0, 3))],
        "counts": {key: r.choice([0, 3, 5]) for key in "ab" if r.random() < 0.7},
        "parts": [part() for _ in range(r.randint(0, 3))],
        **{key: value for key, value in optional.items() if r.random() < 0.6},
    }
