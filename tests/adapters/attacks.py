"""Bodies that are meant to exhaust, confuse or cheat a reader of files, by the grammar that they are in."""

from collections.abc import Callable

MEGA = 10_000_000
HEADER = b"schema_context,column,check,check_number,failure_case,index\n"
WRK = b"Running 4s test @ http://x\n"
LOCUST = b"Type,Name,Request Count,Failure Count,Median Response Time,95%\n"
POD = b"apiVersion: v1\nkind: Pod\n"
CARD = b"---\nlicense: mit\n---\n# x\n"
RUNBOOK = b"---\nkind: rollback-runbook\nrelease: a@1\nowner: x\n---\n# x\n"
_LAUGHS = b"".join(b'<!ENTITY l%d "%b">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
_YAML_LAUGHS = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%b]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 9)) for n in range(8)
)

XML = {
    "an external entity": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite name="&x;"/>',
    "an external DTD": b'<!DOCTYPE testsuite SYSTEM "http://127.0.0.1:1/a.dtd"><testsuite/>',
    "a parameter entity": b'<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]><testsuite/>',
    "billion laughs": b'<!DOCTYPE a [<!ENTITY l0 "lol">%b]><testsuite name="&l9;"/>' % _LAUGHS,
    "quadratic blow-up": b'<!DOCTYPE a [<!ENTITY x "%b">]><testsuite name="%b"/>' % (b"a" * 50_000, b"&x;" * 50_000),
    "an inclusion": b'<testsuite xmlns:x="http://www.w3.org/2001/XInclude"><x:include href="/etc/passwd"/></testsuite',
    "deep nesting": b"<testsuite>" * 100_000,
    "deep and closed": b"<testsuite>" * 100_000 + b"</testsuite>" * 100_000,
    "another encoding": b'<?xml version="1.0" encoding="unicode_escape"?><testsuite/>',
    "two roots": b"<testsuite/><testsuite/>",
    "a NUL": b'<testsuite name="\0"/>',
    "a reference to a surrogate": b'<testsuite name="&#xD800;"/>',
    "an attribute twice": b'<testsuite name="a" name="b"/>',
}
JSON = {
    "deep lists": b"[" * 100_000,
    "deep and closed": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "deep, and no file of any tool otherwise": b'{"results":' * 65 + b"1" + b"}" * 65,
    "an integer of 4,400 digits": b'{"exitcode": %b, "summary": {}, "tests": []}' % (b"9" * 4_400),
    "a double beyond all": b'{"exitcode": 1e400, "summary": {}, "tests": []}',
    "half a surrogate": b'{"exitcode": 0, "summary": {"\\ud800": 1}, "tests": []}',
    "a surrogate in UTF-8": b'{"exitcode": 0, "summary": {"\xed\xa0\x80": 1}}',
    "U+0000": b'{"exitcode": 0, "summary": {"a": "\\u0000"}, "tests": []}',
    "a key twice": b'{"exitcode": 0, "exitcode": 1, "summary": {}, "tests": []}',
    "UTF-16": '{"exitcode": 0}'.encode("utf-16"),
}
YAML = {
    "billion laughs": _YAML_LAUGHS,
    "an alias": b"apiVersion: v1\nkind: &k Pod\nspec: *k\n",
    "an anchor": b"apiVersion: v1\nkind: &k Pod\n",
    "a merge": b"apiVersion: v1\nkind: Pod\nspec:\n  <<: {containers: []}\n",
    "a tag that runs code": b"apiVersion: v1\nkind: !!python/object/apply:os.system [id]\n",
    "a plain tag": b"apiVersion: v1\nkind: !!str Pod\n",
    "deep nesting": POD + b"spec: " + b"[" * 100_000,
    "deep objects": POD + b"spec: " + b"{a: " * 100_000,
    "deep blocks": POD + b"spec:\n " + b"- " * 100_000,
    "an integer of 4,400 digits": POD + b"spec: {a: %b}\n" % (b"9" * 4_400),
    "half a surrogate": POD + b'spec: "\\ud800"\n',
    "U+0000": POD + b'spec: "\\0"\n',
    "a key twice": POD + b"kind: Pod\n",
    "a NUL": POD + b"spec: \0\n",
}
CSV = {
    "a quote left open": HEADER + b'"a,b,c,0,x,1\n',
    "a row too long": HEADER + b"a,b,c,0,x,1,2\n",
    "a row too short": HEADER + b"a,b,c\n",
    "a NUL": HEADER + b"a,b,c,0,\0,1\n",
    "half a surrogate": HEADER + b"a,b,c,0,\xed\xa0\x80,1\n",
    "a field without end": HEADER + b"a,b,c,0," + b"x" * 200_000 + b",1\n",
    "a heading twice": LOCUST.replace(b"95%", b"Name") + b",Aggregated,1,0,5,5\n",
}
TEXT = {
    "a plan of all numbers": b"1..999999999\nok 1\n",
    "a plan of 4,400 digits": b"1..%b\nok 1\n" % (b"9" * 4_400),
    "a NUL": b"1..1\nok 1 - \0\n",
    "a surrogate": b"1..1\nok 1 - \xed\xa0\x80\n",
    "no end": b"1..1\nok 1",
    "requests of 4,400 digits": b"Running 4s test @ http://x\n  %b requests in 4.00s, 2.95MB read\n" % (b"9" * 4_400),
    "deep JSON behind headers": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + b"[" * 100_000,
}
MARKDOWN = {
    "an alias": b"---\nlicense: &a mit\nname: *a\n---\n# x\n",
    "a tag": b"---\nlicense: !!python/name:os.system\n---\n# x\n",
    "deep nesting": b"---\nlicense: " + b"[" * 100_000 + b"\n---\n# x\n",
    "a key twice": b"---\nlicense: mit\nlicense: mit\n---\n# x\n",
    "an integer of 4,400 digits": b"---\nlicense: %b\n---\n# x\n" % (b"9" * 4_400),
}
REFUSED = {
    "test-report": {**XML, **JSON, **TEXT},
    "workload-spec": YAML,
    "alert-rules": YAML,
    "data-quality-report": {**CSV, **JSON},
    "load-test": {**CSV, **JSON, **TEXT},
    "health-report": {**JSON, **TEXT},
    "model-card": MARKDOWN,
    "runbook": MARKDOWN,
}
"""By shape: what none of its formats may read."""


def _listed(of: bytes, *, begin: bytes = b"", size: int = MEGA) -> bytes:
    return _many(of, begin=begin + b"[", between=b",", end=b"]", size=size)


def _many(of: bytes, *, begin: bytes = b"", end: bytes = b"", between: bytes = b"", size: int = MEGA) -> bytes:
    return begin + (of + between) * ((size - len(begin) - len(end)) // len(of + between)) + of + end


def _numbered(of: bytes, number: int, *, begin: bytes = b"", end: bytes = b"", between: bytes = b"") -> bytes:
    return begin + between.join(of % n for n in range(number)) + end


HEAVY: dict[str, tuple[str, Callable[[], bytes]]] = {
    "JSON: objects": ("test-report", lambda: _listed(b"{}")),
    "JSON: lists": ("test-report", lambda: _listed(b"[]")),
    "JSON: lists in lists": ("test-report", lambda: _listed(b"[[]]")),
    "JSON: keys": ("test-report", lambda: _numbered(b'"%x":0', 1_000_000, begin=b"{", between=b",", end=b"}")),
    "JSON: objects with keys": ("test-report", lambda: _listed(b'{"a":0}')),
    "JSON: as many numbers as are read": ("test-report", lambda: _listed(b"1.5", size=7_800_000)),
    "JSON: texts": ("test-report", lambda: _numbered(b'"%06x"', 1_050_000, begin=b"[", between=b",", end=b"]")),
    "JSON: numbers": ("test-report", lambda: _listed(b"1.5")),
    "JSON: escapes": ("test-report", lambda: _many(b"\\u00e9", begin=b'["', end=b'"]')),
    "JSON: one wide character": ("test-report", lambda: _many(b"a", begin='["\U0001f600'.encode(), end=b'"]')),
    "JSON: white space": ("test-report", lambda: _many(b" ", begin=b"[", end=b"]")),
    "JSON: brackets": ("test-report", lambda: b"[" * MEGA),
    "JSON: behind headers": ("health-report", lambda: _listed(b"{}", begin=b"HTTP/1.1 200 OK\r\n\r\n")),
    "XML: cases": ("test-report", lambda: _many(b"<testcase/>", begin=b"<testsuite>", end=b"</testsuite>")),
    "XML: failures": ("test-report", lambda: _many(b"<testcase><failure/></testcase>", begin=b"<testsuite>")),
    "XML: one tag": ("test-report", lambda: b"<testsuite " + b" ".join(b'a%d="x"' % n for n in range(900_000)) + b"/>"),
    "XML: references": ("test-report", lambda: _many(b"&amp;", begin=b"<testsuite><testcase><failure>")),
    "XML: comments": ("test-report", lambda: _many(b"<!---->", begin=b"<testsuite>", end=b"</testsuite>")),
    "XML: opened": ("test-report", lambda: _many(b"<testsuite>")),
    "YAML: entries": ("workload-spec", lambda: _many(b"- {}\n", begin=POD + b"spec:\n")),
    "YAML: documents": ("workload-spec", lambda: _many(b"---\n" + POD)),
    "YAML: flow": ("workload-spec", lambda: _many(b"a,", begin=POD + b"spec: [")),
    "YAML: escapes": ("workload-spec", lambda: _many(b"\\n", begin=POD + b'spec: "', end=b'"\n')),
    "YAML: comments": ("workload-spec", lambda: _many(b"#\n", begin=POD)),
    "CSV: rows": ("data-quality-report", lambda: _many(b"a,b,c,0,x,1\n", begin=HEADER)),
    "CSV: commas": ("data-quality-report", lambda: _many(b",", begin=HEADER, end=b"\n")),
    "CSV: lines in quotes": ("data-quality-report", lambda: _many(b'"\n",', begin=HEADER, end=b"\n")),
    "CSV: endpoints": ("load-test", lambda: _many(b"GET,/a,1,0,5,5\n", begin=LOCUST)),
    "text: results": ("test-report", lambda: _many(b"ok\n", begin=b"1..9\n")),
    "text: planned results": ("test-report", lambda: _many(b"ok - %b\n" % (b"a" * 45), begin=b"1..190000\n")),
    "text: comments": ("test-report", lambda: _many(b"#aaaaaaaaaaaaaaaaaaaa\n", begin=b"1..1\nnot ok 1\n")),
    "text: one line": ("test-report", lambda: _many(b"# ", begin=b"1..1\nok 1 ", end=b"\n")),
    "text: lines of wrk": ("load-test", lambda: _many(b"  1 threads and 4 connections\n", begin=WRK)),
    "text: headers": ("health-report", lambda: _many(b"A: b\r\n", begin=b"HTTP/1.1 200 OK\r\n", end=b"\r\n{}")),
    "Markdown: 10 MB": ("model-card", lambda: _many(b"- a\n", begin=CARD)),
    "Markdown: items": ("model-card", lambda: _many(b"- a\n", begin=CARD, size=40_000)),
    "Markdown: nested items": ("model-card", lambda: CARD + b"".join(b" " * (n % 300) + b"- x\n" for n in range(6000))),
    "Markdown: quotes": ("model-card", lambda: _many(b"> ", begin=CARD, end=b"\n", size=1_040_000)),
    "Markdown: long lines": ("model-card", lambda: _many(b"- " * 50 + b"\n", begin=CARD, size=1_000_000)),
    "Markdown: tables": ("model-card", lambda: _many(b"|a|b|\n", begin=CARD + b"|a|b|\n|-|-|\n", size=59_000)),
    "Markdown: a runbook": ("runbook", lambda: _many(b"1. a\n", begin=RUNBOOK, size=24_000)),
    "Markdown: a front matter": ("runbook", lambda: _many(b"a: b\n", begin=b"---\n", end=b"---\n# x\n")),
}  # fmt: skip
"""By name: the shape, and what makes the worst that a grammar can do in 10 MB, or in what is read of it."""
