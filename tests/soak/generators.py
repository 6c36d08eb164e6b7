"""Hostile requests of our own for every write: each is made from its number alone, so that any can be made again."""

import copy
from collections.abc import Callable
from random import Random
from typing import Any
from urllib.parse import quote

import yaml

from tests.soak import attacks, target, values
from tests.soak.server import TOKEN
from tests.soak.wire import Sent

Headers = tuple[tuple[str, str], ...]
_BEARER = ("Authorization", f"Bearer {TOKEN}")
_JSON, _YAML, _XML = "application/json", "application/yaml", "application/xml"


def own(seed: int, number: int, found: target.Target) -> Sent:
    """The hostile request of that number."""
    random = Random(f"{seed}:{number}")
    kinds = [kind for kind, weight in _WEIGHTS for _ in range(weight)]
    sent = kinds[number % len(kinds)](random, found)
    if number % _HUGE_EVERY == _HUGE_EVERY - 1:
        return _huge(random)
    if random.random() < 0.01:
        return _in_chunks(sent) if random.random() < 0.6 else _too_large(random, sent)
    if random.random() < 0.12:
        sent = random.choice((_odd_headers, _odd_query, _odd_media, _odd_path))(random, sent)
    return sent


def _sent(kind: str, method: str, path: str, body: bytes, media: str | None) -> Sent:
    headers: Headers = (_BEARER,) if media is None else (_BEARER, ("Content-Type", media))
    return Sent(kind, method, path, headers, body)


def _json_of(random: Random, tree: Any) -> bytes:
    raw = values.written(tree, ascii_only=random.random() < 0.7)
    return values.scrambled(random, raw) if random.random() < 0.08 else raw


# Subjects, releases, revocation, launch


def _subject(random: Random, _: target.Target) -> Sent:
    tree = target.subject_body()
    if random.random() < 0.3:
        tree["attributes"] = {random.choice(values.STRINGS): values.value(random) for _ in range(random.randrange(4))}
    else:
        tree = values.mutated(random, tree)
    name = target.SUBJECT if random.random() < 0.5 else _name(random)
    return _sent("subject", "PUT", f"/v1/subjects/{name}", _json_of(random, tree), _JSON)


def _release(random: Random, _: target.Target) -> Sent:
    tree = values.mutated(
        random, target.release_body(random.choice(("1.0.0", "1.0.1", f"2.{random.randrange(10**6)}")))
    )
    return _sent("release", "POST", f"/v1/subjects/{target.SUBJECT}/releases", _json_of(random, tree), _JSON)


def _revocation(random: Random, found: target.Target) -> Sent:
    identifier = random.choice(found.records) if random.random() < 0.7 else _name(random)
    tree = values.mutated(random, {"reason": "measured on the wrong data"})
    return _sent("revocation", "POST", f"/v1/evidence/{identifier}/revocation", _json_of(random, tree), _JSON)


def _launch(random: Random, _: target.Target) -> Sent:
    bodies = (b"", b"{}", b"null", b"[]", b"x", b'{"despite": true, "reason": "we must", "kind": "emergency"}')
    body = random.choice(bodies)
    if random.random() < 0.5:
        body = _json_of(random, values.mutated(random, {"despite": True, "reason": "we must", "kind": "rollback"}))
    return _sent("launch", "POST", f"{target.BASE}/launch", body, random.choice((_JSON, None, "text/plain")))


# Evidence


def _envelope(random: Random, _: target.Target) -> Sent:
    scope = random.choice(("release", "release", "subject"))
    tree: Any = dict(random.choice(target.envelopes()[scope]))
    if random.random() < 0.3:
        tree |= {"collected_at": "2026-01-01T00:00:00Z", "producer": {"tool": "t", "version": "1"}}
    tree = (
        values.mutated(random, tree)
        if random.random() < 0.4
        else {**tree, "data": values.mutated(random, tree["data"])}
    )
    path = f"{target.BASE}/evidence" if scope == "release" else f"/v1/subjects/{target.SUBJECT}/evidence"
    return _sent(f"envelope of the {scope}", "POST", path, _json_of(random, tree), _JSON)


def _raw(random: Random, _: target.Target) -> Sent:
    how = random.random()
    if how < 0.45:
        body = random.choice(attacks.XML)
    elif how < 0.9:
        body = values.scrambled(random, target.junit())
    else:
        body = _json_of(random, values.heavy(random))
    query = f"?type={target.JUNIT}" if random.random() < 0.9 else ""
    if query and random.random() < 0.25:
        query += random.choice(("&format=junit", "&format=nosuch", "&raw=true", "&exit_code=1", "&exit_code=0"))
    media = random.choice((_XML, "text/xml", "application/octet-stream", "application/x-anything", None))
    return _sent("raw evidence", "POST", f"{target.BASE}/evidence{query}", body, media)


# Policies


def _policy(random: Random, found: target.Target) -> Sent:
    how = random.random()
    if how < 0.3:
        body, media = random.choice(attacks.YAML), _YAML
    elif how < 0.6:
        body, media = _policy_with(random, _expression), random.choice((_JSON, _YAML))
    elif how < 0.85:
        body, media = _policy_with(random, lambda r, tree: values.mutated(r, tree)), random.choice((_JSON, _YAML))
    else:
        text = yaml.safe_dump(target.SMALL, sort_keys=False, allow_unicode=True)
        body, media = values.scrambled(random, text.encode()), _YAML
    path = random.choice(("/v1/policies", "/v1/policies/validate", "/v1/policies/validate"))
    return _sent(path.removeprefix("/v1/"), "POST", path, body, media)


def _policy_with(random: Random, change: Callable[[Random, Any], Any]) -> bytes:
    tree = {**copy.deepcopy(target.SMALL), "policy": f"hostile-{random.randrange(10**9)}"}
    return _json_of(random, change(random, tree))


def _expression(random: Random, tree: Any) -> Any:
    criterion = random.choice([c for phase in tree["phases"] for c in phase["criteria"]])
    where = random.randrange(8)
    if where < 4:
        criterion["checks"][0]["that"] = attacks.cel(random)
    elif where < 6:
        criterion["checks"][0]["otherwise"] = random.choice(attacks.MESSAGES)
    elif where == 6:
        criterion["when"] = attacks.cel(random)
    else:
        criterion["checks"] *= random.choice((2, 50, 3_000))
    return tree


# The stateless question


def _evaluate(random: Random, found: target.Target) -> Sent:
    tree: Any
    how = random.random()
    if how < 0.05:
        tree = {**target.green(), "gate": random.choice(target.GATES[:-2])}
        return _sent("a true question", "POST", "/v1/evaluate", values.written(tree), _JSON)._replace(green=True)
    if how < 0.45:
        tree = values.mutated(random, {**target.red(), "gate": random.choice(target.GATES)})
    elif how < 0.65:
        record = random.choice(target.red()["evidence"])
        tree = {**target.red(), "evidence": [values.mutated(random, record), record]}
    elif how < 0.75:
        waiver = {"criterion": "nosuch", "reason": "r", "granted_by": "lee", "granted_at": "2027-03-01T00:00:00Z"}
        waiver["expires_at"] = "2027-03-10T00:00:00Z"
        tree = {**target.red(), "waivers": [values.mutated(random, waiver)]}
    else:
        policy = copy.deepcopy(target.SMALL)
        changed = _expression(random, policy) if random.random() < 0.5 else values.mutated(random, policy)
        tree = {**target.red(), "evidence": [], "policy": changed, "gate": random.choice(("testing", "launch"))}
    return _sent("evaluate", "POST", "/v1/evaluate", _json_of(random, tree), _JSON)


# Around the body


def _name(random: Random) -> str:
    """A piece of a path that nobody calls anything."""
    odd = (
        "%00",
        "%2e%2e",
        "..",
        ".",
        "%2f",
        "a%2fb",
        "%ff",
        "%ed%a0%80",
        "%",
        "%zz",
        "a" * 129,
        "a" * 8_000,
        "%0d%0aX:1",
    )
    if random.random() < 0.5:
        return random.choice(odd)
    text = random.choice(values.NAMES)
    return quote(text.encode("utf-8", "surrogatepass"), safe="")[:8_000] or "%20"


def _odd_path(random: Random, sent: Sent) -> Sent:
    path, mark, query = sent.target.partition("?")
    parts = path.split("/")
    at = random.randrange(1, len(parts))
    changed = random.choice((_name(random), "", parts[at].upper(), parts[at] + "/", parts[at] + "%20"))
    parts[at] = changed
    target_ = "/".join(parts)
    return sent._replace(kind="odd path", target=("/" + target_.lstrip("/")) + mark + query)


_QUERIES = (
    *(
        "type=",
        "type=a&type=b",
        "type=%00",
        "type=%ff",
        "type=%zz",
        "type=%ed%a0%80",
        "type=" + "a" * 8_000,
        "=",
        "&&&",
        "?",
        ";",
    ),
    *(
        "nosuch=1",
        "Type=edge-case-tests",
        "gate=launch",
        "type[]=a",
        "raw=1",
        "raw=true&raw=true",
        "raw=",
        "raw=TRUE",
        "format=",
        "%00=1",
    ),
    *(
        "exit_code=x",
        "exit_code=",
        "exit_code=99999999999999999999",
        "exit_code=-0",
        "exit_code=1.0",
        "exit_code=%D9%A3",
    ),
    *(
        "collected_at=",
        "collected_at=now",
        "collected_at=2027-01-01T00:00:00",
        "collected_at=0001-01-01T00:00:00%2B23:59",
    ),
    *("collected_at=9999-12-31T23:59:59Z", "collected_at=2026-01-01T00:00:00+00:00", "collected_at=%00"),
    *(
        "context.=1",
        "context.a=%00",
        "context.a=%ff",
        "context.a=" + "b" * 5_000,
        "context.%00=1",
        "context.a=1&context.a=2",
    ),
    "context." + "a" * 100 + "=1",
    "&".join(f"context.k{n}=v" for n in range(1_000)),
    "&".join("a=1" for _ in range(5_000)),
    "%" * 3_000,
    "context.%E2%80%AE=%E2%80%AE",
    "context.<script>=1".replace("<", "%3C").replace(">", "%3E"),
)


def _odd_query(random: Random, sent: Sent) -> Sent:
    mark = "&" if "?" in sent.target else "?"
    return sent._replace(kind="odd query", target=sent.target + mark + random.choice(_QUERIES))


_MEDIA = (
    *(
        None,
        "",
        " ",
        "/",
        ";",
        "a",
        "application",
        "application/",
        "/json",
        "application/json;",
        "application/json; charset=",
    ),
    *(
        "application/json; charset=utf-16",
        "application/json; charset=nosuch",
        "application/json; charset=utf-8; charset=x",
    ),
    *(
        "APPLICATION/JSON",
        "application/json ; charset=UTF-8",
        'application/json; charset="utf-8"',
        "application/json, text/xml",
    ),
    *(
        "application/yaml; charset=utf-7",
        "application/x-yaml",
        "text/yaml",
        "text/plain",
        "text/html",
        "application/problem+json",
    ),
    *(
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
    ),
    *(
        "application/x-ndjson",
        "application/msgpack",
        "application/vnd.msgpack",
        "application/json\xff",
        "a" * 3_000 + "/b",
        "*/*",
    ),
    *(
        "application/json; " + "a=b; " * 500,
        'application/json; a="',
        "text/xml; charset=rot13",
        "image/svg+xml",
        "a/b\tc",
    ),
)


def _odd_media(random: Random, sent: Sent) -> Sent:
    rest = tuple(header for header in sent.headers if header[0] != "Content-Type")
    media = random.choice(_MEDIA)
    return sent._replace(kind="odd content type", headers=rest if media is None else (*rest, ("Content-Type", media)))


_HEADERS: tuple[Headers, ...] = (
    (("X-Request-Id", "a" * 8_000),),
    (("X-Request-Id", "\xff\xfe\x80"),),
    (("X-Request-Id", "<script>"), ("X-Request-Id", "twice")),
    (("Accept", ""),),
    (("Accept", ";;;,,,"),),
    (("Accept", "text/html;q=nan, */*;q=1e999"),),
    (("Accept", "application/xml"),),
    (("Accept", ",".join(f"a/b{n};q=0.{n}" for n in range(900))),),
    (("Accept-Encoding", "gzip;q=x"),),
    (("Content-Encoding", "gzip"),),
    (("Content-Encoding", "\xff"),),
    (("If-None-Match", 'W/"' + "a" * 5_000),),
    (("If-Modified-Since", "yesterday"),),
    (("Range", "bytes=0-"),),
    (("Cookie", "session=" + "a" * 5_000),),
    (("Cookie", "=;=;;\xff"),),
    (("Origin", "null"),),
    (("X-Forwarded-For", "127.0.0.1, \xff"), ("X-Forwarded-Proto", "javascript")),
    (("X-HTTP-Method-Override", "DELETE"),),
    (("Idempotency-Key", ""),),
    (("Idempotency-Key", "\xff" * 300),),
    (("Traceparent", "00-" + "0" * 200),),
    (("Authorization", "Basic YTpi"),),
    tuple((f"X-Many-{n}", "v") for n in range(90)),
    (("Expect", "nothing"),),
    (("Upgrade", "h2c"), ("Connection", "Upgrade")),
    (("Accept-Language", "\xe4" * 500),),
)
_CREDENTIALS = (
    "",
    "Bearer",
    "Bearer ",
    f"bearer {TOKEN}",
    f"Bearer  {TOKEN}",
    f"Bearer {TOKEN} ",
    "Bearer \xff",
    "Token x",
    f"Bearer {TOKEN}x",
)


def _odd_headers(random: Random, sent: Sent) -> Sent:
    if random.random() < 0.25:
        rest = tuple(header for header in sent.headers if header[0] != "Authorization")
        return sent._replace(kind="odd credentials", headers=(("Authorization", random.choice(_CREDENTIALS)), *rest))
    return sent._replace(kind="odd headers", headers=(*sent.headers, *random.choice(_HEADERS)))


def _in_chunks(sent: Sent) -> Sent:
    size = max(1, len(sent.body) // 3)
    parts = [sent.body[at : at + size] for at in range(0, len(sent.body), size)]
    body = b"".join(b"%x;ext=1\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    return sent._replace(kind="in chunks", headers=(*sent.headers, ("Transfer-Encoding", "chunked")), body=body)


def _too_large(random: Random, sent: Sent) -> Sent:
    over = sent._replace(kind="too large", body=b" " * (10 * 1024 * 1024 + random.choice((0, 1, 5_000_000))))
    return _in_chunks(over)._replace(kind="too large, in chunks") if random.random() < 0.5 else over


_LIMIT = 10 * 1024 * 1024
_REPORT = '"type":"edge-case-tests","data":{"total":1,"passed":1,"failed":0,"errors":0,"skipped":0,"properties":{}'
_QUESTION = '"policy":{"name":"ml-deployment","version":"1.0.0"},"subject":{"name":"a"},"release":{"version":"1"}'
_WAIVER = (
    '{"criterion":"fairness","reason":"%d","granted_by":"lee","granted_at":"2027-03-01T00:00:00Z",'
    '"expires_at":"2027-03-10T00:00:00Z"}'
)
_HUGE: tuple[tuple[str, str, str, str, str], ...] = (
    ("POST", f"{target.BASE}/evidence", '{"type":"edge-case-tests","data":{', '"k%d":1', "}}"),
    ("POST", f"{target.BASE}/evidence", '{"type":"edge-case-tests","data":{},', '"k%d":1', "}"),
    ("POST", f"{target.BASE}/evidence", "{" + _REPORT + ',"cases":[', '{"id":"c%d","status":"passed"}', "]}}"),
    ("POST", f"{target.BASE}/evidence", "{" + _REPORT + ',"cases":[', "%d", "]}}"),
    ("POST", f"{target.BASE}/evidence", "{" + _REPORT + ',"cases":[]},"context":{', '"k%d":"v"', "}}"),
    ("POST", "/v1/evaluate", "[", "%d", "]"),
    ("POST", "/v1/evaluate", "{" + _QUESTION + ',"evidence":[', '{"n":%d}', "]}"),
    (
        "POST",
        "/v1/evaluate",
        "{" + _QUESTION + ',"evidence":[',
        '{"type":"x%d","collected_at":"2027-01-01T00:00:00Z"}',
        "]}",
    ),
    ("POST", "/v1/evaluate", "{" + _QUESTION + ',"at":"2027-03-05T12:00:00Z","waivers":[', _WAIVER, "]}"),
    (
        "POST",
        "/v1/evaluate",
        '{"subject":{"name":"a"},"release":{"version":"1"},"policy":{"phases":[],',
        '"k%d":1',
        "}}",
    ),
    (
        "PUT",
        "/v1/subjects/huge",
        '{"kind":"m","team":"t","policy":"ml-deployment@1.0.0","attributes":{',
        '"k%d":1',
        "}}",
    ),
    ("PUT", "/v1/subjects/huge", "{", '"k%d":1', "}"),
    ("POST", f"/v1/subjects/{target.SUBJECT}/releases", '{"version":"9","artifacts":[', '{"n":%d}', "]}"),
    ("POST", "/v1/policies/validate", "[", "%d", "]"),
)


def _huge(random: Random) -> Sent:
    """As many items as the largest body holds."""
    method, path, head, item, tail = random.choice(_HUGE)
    count = (_LIMIT - len(head) - len(tail)) // (len(item % 1_000_000) + 1)
    body = head + ",".join(item % n for n in range(count)) + tail
    return _sent("ten megabytes", method, path, body.encode(), _JSON)


_HUGE_EVERY = 400
"""So that a test of 500 bodies has none of them."""
_WEIGHTS: tuple[tuple[Callable[[Random, target.Target], Sent], int], ...] = (
    (_subject, 2),
    (_release, 2),
    (_envelope, 4),
    (_raw, 3),
    (_policy, 4),
    (_evaluate, 4),
    (_revocation, 1),
    (_launch, 1),
)
