"""Values that break readers, and a JSON tree that can hold what no JSON library writes."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

Path = tuple[str | int, ...]


class Literal(str):
    """Text that stands in the JSON as it is."""


class Pairs(list[tuple[Any, Any]]):
    """An object whose keys may stand twice."""


NUMBERS = (
    *(0, -1, 1, 2**31, 2**53, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**64, 10**30),
    *(0.5, 5e-324, 1.7976931348623157e308, 0.1 + 0.2, -1e-7),
    *(Literal(text) for text in ("-0.0", "-0", "1e308", "1e999", "-1e999", "NaN", "Infinity", "-Infinity", "7.0")),
    *(
        Literal(text)
        for text in ("1E400", "0.0000000000000000000000000000001", "1" * 5_000, "1e-999", "0." + "9" * 5_000)
    ),
    *(Literal(text) for text in ("01", "+1", ".5", "5.", "0x10", "1_000", "1e", "--1", "9223372036854775808.0")),
)

LONG = "x" * 1_048_576
STRINGS = (
    *("", " ", "\x00", "a\x00b", "\ud800", "a\udfffb", "\ud83d", "\u202egnp.exe", "\u2066\u2069", "\ufeff", "\ufffe"),
    *(
        "\x01\x02\x1b[31m",
        "\x7f",
        "\x85",
        "\u2028",
        "\r\nSet-Cookie: a=b",
        "a\nb",
        "\t",
        "🙂" * 200,
        "İ",
        "ß",
        "e\u0301",
    ),
    *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "'\"--><svg/onload=1>", "&lt;", "]]>"),
    *("../../../etc/passwd", "..\\..\\x", "/etc/passwd", "file:///etc/passwd", "C:\\x", "con", ".", ".."),
    *(
        "'; DROP TABLE evidence; --",
        '" OR 1=1',
        "%s%n%x",
        "{0.__class__}",
        "{evidence.passed}",
        "${jndi:ldap://x}",
        "{{7*7}}",
    ),
    *(
        "ml-deployment@1.0.0",
        "ml-deployment@^1",
        "ml-deployment@^99",
        "@",
        "x@^",
        "x@^1.2.3.4",
        "x@^" + "9" * 400,
        "x@1.0.0-" + "a" * 400,
    ),
    *("null", "true", "1", "NaN", "3", "1.0", "P1D", "P99999999999D", "-P1D", "P", "PT0S", "P1Y", "P1M"),
    *("2027-03-05T12:00:00Z", "2027-03-05T12:00:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"),
    *("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2027-02-30T00:00:00Z", "2027-03-05T23:59:60Z"),
    *("2027-03-05T12:00:00.1234567Z", "2027-03-05t12:00:00z", "2027-03-05T12:00:00+99:99", "10000-01-01T00:00:00Z"),
    *(
        "\u0662\u0660\u0662\u0667-\u0660\u0663-\u0660\u0665T12:00:00Z",
        "1" * 400,
        "a" * 64,
        "A" * 64,
        "g" * 64,
        "0" * 63,
        "sha256:" + "a" * 64,
    ),
    *("a" * 127, "a" * 128, "a" * 129, "-a", ".a", "a b", "a/b", "a%2fb", "ä", "a\n", "A_b+c.d-e"),
)

NAMES = tuple(text for text in STRINGS if len(text) < 200)


def nested(depth: int, opening: str = "[", closing: str = "]") -> Literal:
    return Literal(opening * depth + closing * depth)


def value(random: Random) -> Any:
    """Something that nobody meant."""
    kind = random.randrange(100)
    if kind < 40:
        return random.choice(STRINGS)
    if kind < 68:
        return random.choice(NUMBERS)
    if kind < 90:
        return random.choice(
            (
                None,
                True,
                False,
                [],
                {},
                [[]],
                [{}],
                {"": ""},
                [None],
                {"a": {"b": {"c": []}}},
                [1, "a", None],
                {"__proto__": 1},
            )
        )
    return heavy(random)


def heavy(random: Random) -> Any:
    """Something large or deep."""
    makers: tuple[Callable[[], Any], ...] = (
        lambda: LONG,
        lambda: "\x00" * 100_000,
        lambda: Literal('"' + "\\u0041" * 150_000 + '"'),
        lambda: "\u202e" * 300_000,
        lambda: nested(random.choice((32, 33, 64, 65, 900, 5_000, 100_000))),
        lambda: nested(random.choice((64, 65, 1_000, 100_000)), '{"a":', "1}" if random.random() < 0.2 else "}"),
        lambda: Literal("[" * 100_000),
        lambda: Literal("[" + ",".join(["1"] * 100_000) + "]"),
        lambda: Literal("[" + ",".join(["{}"] * 100_000) + "]"),
        lambda: Literal("[" + ",".join(['"a"'] * 100_000) + "]"),
        lambda: Literal("{" + ",".join(f'"k{n}":{n}' for n in range(100_000)) + "}"),
        lambda: Literal("{" + ",".join('"k":1' for _ in range(100_000)) + "}"),
        lambda: Literal("9" * 1_000_000),
        lambda: Literal("0." + "1" * 1_000_000),
    )
    return random.choice(makers)()


def mutated(random: Random, tree: Any, times: int | None = None) -> Any:
    """The tree with one to three changes at any depth; the tree itself stays as it is."""
    for _ in range(times or random.choice((1, 1, 1, 2, 3))):
        tree = _changed(random, tree, random.choice(list(paths(tree))))
    return tree


def paths(tree: Any) -> list[Path]:
    """Every place in the tree, the tree itself included."""
    found: list[Path] = []
    waiting: list[tuple[Path, Any]] = [((), tree)]
    while waiting:
        path, node = waiting.pop()
        found.append(path)
        if isinstance(node, Pairs):
            continue
        if isinstance(node, dict):
            waiting += [((*path, key), item) for key, item in node.items()]
        elif isinstance(node, list):
            waiting += [((*path, n), item) for n, item in enumerate(node)]
    return found


def _changed(random: Random, tree: Any, path: Path) -> Any:
    if path:
        step, rest = path[0], path[1:]
        if isinstance(tree, dict):
            if not rest and random.random() < 0.45:
                return _key_changed(random, tree, str(step))
            return {key: _changed(random, item, rest) if key == step else item for key, item in tree.items()}
        if not rest and random.random() < 0.3:
            at = int(step)
            return random.choice((tree[:at] + tree[at + 1 :], [*tree, tree[at]], [*tree, *[tree[at]] * 300]))
        return [_changed(random, item, rest) if n == step else item for n, item in enumerate(tree)]
    return _node_changed(random, tree)


def _key_changed(random: Random, tree: dict[str, Any], key: str) -> Any:
    rest = {name: item for name, item in tree.items() if name != key}
    how = random.randrange(5)
    if how == 0:
        return rest
    if how == 1:
        typo = key[:-1] if len(key) > 1 and random.random() < 0.5 else key + "s"
        return {**rest, typo: tree[key]}
    if how == 2:
        return {**rest, random.choice(NAMES): tree[key]}
    if how == 3:
        return Pairs([*tree.items(), (key, value(random) if random.random() < 0.5 else tree[key])])
    return {**tree, random.choice((*NAMES, "extra", "__class__", "despite", "id")): value(random)}


def _node_changed(random: Random, node: Any) -> Any:
    how = random.randrange(10)
    if how < 6 or isinstance(node, (dict, list)):
        return value(random)
    if how == 6:
        return [node]
    if how == 7:
        return {"value": node}
    if isinstance(node, str) and not isinstance(node, Literal):
        odd = random.choice(STRINGS)
        return random.choice((node + odd, odd + node, node.upper(), node[::-1], node * 50, node[: len(node) // 2]))
    if isinstance(node, bool) or node is None:
        return str(node)
    return random.choice((str(node), [node, node], random.choice(NUMBERS)))


def written(tree: Any, *, ascii_only: bool = True) -> bytes:
    """The tree as JSON, lone surrogates as escapes or (invalid) as UTF-8."""
    parts: list[str] = []

    def write(node: Any) -> None:
        if isinstance(node, Literal):
            parts.append(str.__str__(node))
        elif isinstance(node, (dict, Pairs)):
            pairs = node.items() if isinstance(node, dict) else node
            for n, (key, item) in enumerate(pairs):
                parts.append("{" if n == 0 else ",")
                parts.append(json.dumps(key, ensure_ascii=ascii_only) + ":")
                write(item)
            parts.append("}" if pairs else "{}")
        elif isinstance(node, list):
            parts.append("[")
            for n, item in enumerate(node):
                parts.append("," if n else "")
                write(item)
            parts.append("]")
        else:
            parts.append(json.dumps(node, ensure_ascii=ascii_only))

    write(tree)
    return "".join(parts).encode("utf-8", "surrogatepass")


def scrambled(random: Random, raw: bytes) -> bytes:
    """The bytes with a few of them changed, cut or doubled."""
    data = bytearray(raw)
    for _ in range(random.choice((1, 1, 2, 5))):
        at = random.randrange(len(data) + 1)
        how = random.randrange(6)
        if how == 0:
            del data[at : at + random.choice((1, 1, 8, 200))]
        elif how == 1:
            data[at:at] = random.choice(_PIECES)
        elif how == 2 and at < len(data):
            data[at] = random.randrange(256)
        elif how == 3:
            del data[at:]
        elif how == 4:
            lines = bytes(data).split(b"\n")
            n = random.randrange(len(lines))
            lines.insert(n, lines[n])
            data = bytearray(b"\n".join(lines))
        else:
            other = random.randrange(len(data) + 1)
            data[at:at] = data[other : other + 40]
    return bytes(data)


_PIECES = (
    *(
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\xed\xa0\x80",
        b"\xc0\x80",
        b"\xf4\x90\x80\x80",
        b"\x1b[2J",
        b"\r",
        b"\n",
        b"\t",
    ),
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b'"',
        b"'",
        b",",
        b":",
        b"&a ",
        b"*a ",
        b"!!",
        b"<",
        b">",
        b"&",
        b"]]>",
        b"#",
        b"---\n",
        b"...\n",
    ),
    *(b"%", b"\\", b"\\u0000", b"|", b"? ", b"- ", b"  "),
)
