"""Bombs: YAML, CEL, message templates and JUnit XML that are meant to exhaust or confuse a reader."""

from random import Random

CEL = (
    *("true", "false", "1", '"a"', "null", "[]", "{}", "evidence", "", " ", "(", ")", "true ||", "&&", "evidence.", "?:"),
    *("evidence.pased > 0", "evidence.passed > 0.5", "evidence.passed == 1u", "nosuch.passed > 0", "evidence[0]", "-evidence"),
    *("evidence.passed / 0 > 1", "evidence.passed % 0 == 1", "1 / 0 == 1 || true", "9223372036854775807 + 1 > 0"),
    *("-9223372036854775808 < 0", "9223372036854775808 > 0", "1e308 * 10.0 > 0.0", "0.0 / 0.0 == 0.0", "1.0 / 0.0 > 0.0"),
    "[1,2,3].all(a, [1,2,3].all(b, [1,2,3].all(c, [1,2,3].all(d, a + b + c + d > 0))))",
    "evidence.cases.all(a, evidence.cases.all(b, evidence.cases.all(c, a.id + b.id + c.id != '')))",
    "evidence.cases.map(a, evidence.cases.map(b, evidence.cases.map(c, a.id))).size() > 0",
    "[" + ",".join(["1"] * 20_000) + "].all(x, x > 0)",
    "[" * 200 + "]" * 200 + " == []",
    "(" * 31 + "true" + ")" * 31,
    "(" * 33 + "true" + ")" * 33,
    "(" * 5_000 + "true" + ")" * 5_000,
    "!" * 5_000 + "true",
    "-" * 5_000 + "1 > 0",
    "evidence" + ".a" * 5_000 + " > 0",
    "true ? " * 400 + "true" + " : false" * 400,
    " && ".join(["evidence.passed > 0"] * 3_000),
    " + ".join(["evidence.passed"] * 3_000) + " > 0",
    "+".join(["'a'"] * 3_000) + " == ''",
    "'" + "a" * 200_000 + "' == ''",
    "'" + "a" * 3_900 + "' == ''",
    "'a'.matches('" + "(a+)+$" * 600 + "')",
    "'a'.matches('" + "a{1000}" * 500 + "')",
    "'a'.matches('(((((a{100}){100}){100}){100}){100})')",
    "'a'.matches('" + "x" * 4_000 + "')",
    "'a'.matches('(')",
    "'a'.matches('(?=a)')",
    "'a'.matches('\\\\1')",
    "'a'.matches('[[:alpha:')",
    "'a'.matches(evidence.cases[0].id)",
    "evidence.cases.exists(c, c.id.matches(c.id))",
    "['a'].map(x, x + x).map(x, x + x).map(x, x + x).map(x, x + x).map(x, x + x).size() > 0",
    "['" + "a" * 500 + "']" + ".map(x, x + x)" * 30 + ".size() > 0",
    "évidence.passed > 0",
    "evidence.раssed > 0",
    "evidence.passed > 0 // comment",
    "evidence.passed\u202e > 0",
    "'\\ud800' == ''",
    "'\\x00' == ''",
    "'\\U00110000' == ''",
    "b'\\xff' == b''",
    'r"""a""" == ""',
    "'unterminated",
    "timestamp('2027-03-05T12:00:00Z') > timestamp(0)",
    "duration('99999999999h') > duration('1s')",
    "duration('1s') + duration('-1s') == duration('0s')",
    "timestamp('9999-12-31T23:59:59Z') + duration('1000000h') > timestamp(0)",
    "string(evidence) == ''",
    "dyn(evidence) == 1",
    "type(evidence) == int",
    "int('99999999999999999999') > 0",
    "int('a') > 0",
    "double('nan') == 1.0",
    "has(evidence.passed)",
    "has(evidence)",
    "evidence.exists(x, true)",
    "evidence.cases.exists_one(c, true)",
    "evidence.properties.all(k, k == k)",
    "{'a': 1, 'a': 2}.size() == 1",
    "{1: 'a', 'b': 2.0, null: []}.size() == 1",
    "google.protobuf.Struct{} == null",
    "google.protobuf.Any{type_url: 'x'} == null",
    "cel.bind(a, evidence, a.passed > 0)",
    "optional.of(1).hasValue()",
    "evidence.?passed == 1",
    "__import__('os').system('id')",
    "subject.attributes.x == subject.attributes.y",
    "params.nosuch > 0",
    "context.nosuch == ''",
    "now() > timestamp(0)",
    "size(string(1)) in [1]",
    "'a' in {'a': 1}",
    "\x00",
    "true\x00",
    "\n" * 10_000 + "true",
    "\t true \r\n",
)

MESSAGES = (
    *("{", "}", "{}", "{{", "}}", "{{}", "{evidence.passed", "evidence.passed}", "{evidence.passed}}", "{{evidence.passed}"),
    *("{nosuch}", "{evidence.nosuch}", "{evidence}", "{evidence.cases}", "{1/0}", "{evidence.passed:>1000000}", "{0}", "{!r}"),
    *("{evidence.__class__.__mro__}", "{'a' + '" + "b" * 5_000 + "'}", "{" * 5_000, "{" * 5_000 + "}" * 5_000, "{\n}", "{\x00}"),
    "{evidence.passed}" * 3_000,
    "{evidence.cases.map(a, evidence.cases.map(b, a.id + b.id))}",
    "<script>{evidence.passed}</script>",
    "\u202e{evidence.passed}",
    "a" * 200_000,
    "",
)

_LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join(['*' + before] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)

YAML = (
    *(b"", b" ", b"\n", b"---\n", b"...", b"--- \n--- \n", b"# only a comment", b"null", b"[]", b"{}", b"a", b"- a", b"\xef\xbb\xbf", b"\x00"),
    _LAUGHS.encode(),
    b"policy: &p x\nversion: *p\n",
    b"a: *nowhere\n",
    b"&a a: *a\n",
    b"a: &a [*a]\n",
    b"<<: {a: 1}\n",
    b"a: &x {b: 1}\nc:\n  <<: *x\n",
    b"!!python/object/apply:os.system ['id']\n",
    b"policy: !!python/name:os.system\n",
    b"policy: !!binary aGk=\nversion: !!str 1.0.0\n",
    b"policy: ! x\n",
    b"!<tag:yaml.org,2002:map> {a: 1}\n",
    b"%YAML 1.1\n---\npolicy: x\n",
    b"%YAML 9.9\n---\npolicy: x\n",
    b"%TAG ! tag:x,2000:\n---\npolicy: !a x\n",
    b'policy: "unterminated\n',
    b"policy: 'unterminated\n",
    b"policy: [unterminated\n",
    b"policy: {unterminated\n",
    b"policy: |\n",
    b"policy: |9999999999999\n x\n",
    b"policy: >+2-\n  x\n",
    b"? [complex, key]\n: value\n",
    b"? {a: 1}\n: value\n",
    b"? |\n  block key\n: value\n",
    b"? " * 5_000,
    b"- " * 5_000 + b"x",
    b"- " * 100_000,
    b"[" * 100_000,
    b"{" * 100_000,
    b"{a: " * 100_000,
    b"[" * 100_000 + b"]" * 100_000,
    b"[[" * 50_000 + b"]" * 30,
    b"\n".join(b" " * n + b"a:" for n in range(1_400)),
    b"a: " * 10_000,
    b"\tpolicy: x\n",
    b"policy:\tx\n",
    b"policy: x\n  version: 1\n",
    b"policy: x\npolicy: y\n",
    b"policy: \xff\xfe\n",
    b"policy: \xed\xa0\x80\n",
    b"policy: \x01\n",
    b"policy: \x7f\n",
    b'policy: "\\0"\nversion: "\\x00"\n',
    b'policy: "\\ud800"\n',
    b'policy: "\\U00110000"\n',
    b'policy: "\\q"\n',
    b'"\\0": x\n',
    "policy: x\n".encode("utf-16"),
    "policy: x\n".encode("utf-16-be"),
    "policy: x\n".encode("utf-32"),
    b"policy: \xe2\x80\xa8 x\n",
    b"policy: " + b"x" * 1_000_000,
    b"policy: " + b"x" * 1_100_000,
    b"x" * 1_000_000 + b": 1\n",
    b'policy: "' + b"\\n" * 500_000 + b'"\n',
    b"a: 1\n" * 100_000,
    b"".join(b"k%d: 1\n" % n for n in range(90_000)),
    b"[" + b"1," * 400_000 + b"]",
    b"[" + b"{}," * 300_000 + b"]",
    b"#" * 1_000_000,
    b"\n" * 1_000_000,
    b" " * 1_000_000,
    b"\r" * 500_000,
    b"%" * 500_000,
    b"---\n" * 200_000,
    b"'" * 500_000,
    b"&" * 500_000,
    b"*" * 500_000,
    b"!" * 500_000,
    b"? a\n" * 100_000,
    b"policy: 1" + b"0" * 5_000 + b"\nversion: 1e" + b"9" * 5_000 + b"\n",
    b"{" * 33 + b"}" * 33,
    b"policy: .nan\nversion: .inf\n",
    b"policy: 0o17\nversion: 0x1F\n",
    b"policy: 2027-03-05\nversion: 12:30:45\n",
)

_OPEN = b'<?xml version="1.0"?>'
_ENTITIES = (
    b"<!DOCTYPE x [<!ENTITY a 'ha'>"
    + b"".join(b"<!ENTITY %c '%s'>" % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><testsuite name='&j;'/>"
)


def _suite(inner: bytes = b"", attributes: bytes = b'name="s" tests="1" failures="0" errors="0" skipped="0"') -> bytes:
    return _OPEN + b"<testsuites><testsuite " + attributes + b">" + inner + b"</testsuite></testsuites>"


_CASE = b'<testcase classname="c" name="n" time="0.1"/>'
XML = (
    *(b"", b" ", b"<", b"<a", b"<testsuite", b"<testsuite/>", b"<testsuites/>", b"<html/>", b"not xml", b"\x00", b"{}", b"[]", _OPEN),
    _OPEN + _ENTITIES,
    _OPEN + b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><testsuite name="s"><testcase name="&e;"/></testsuite>',
    _OPEN + b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><testsuite name="s"/>',
    _OPEN + b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x"> %p;]><testsuite/>',
    _OPEN + b"<!DOCTYPE testsuite><testsuite name='s'/>",
    _suite(b"&nosuch;"),
    _suite(b"&#0;"),
    _suite(b"&#xD800;"),
    _suite(b'<testcase name="&#x202e;"/>'),
    _suite(b'<testcase name="a" name="b"/>'),
    _suite(b"<testcase " + b" ".join(b'a%d="1"' % n for n in range(50_000)) + b"/>"),
    _suite(b'<testcase name="' + b"n" * 1_000_000 + b'"/>'),
    _suite(b"<testcase name='n'><failure message='m'>" + b"x" * 1_000_000 + b"</failure></testcase>"),
    _suite(_CASE * 100_000),
    _suite(b"".join(b'<testcase classname="c" name="n%d"/>' % n for n in range(100_000))),
    _suite(b"".join(b'<property name="p%d" value="v"/>' % n for n in range(50_000))),
    _suite(b"<properties>" + b"".join(b'<property name="p%d" value="v"/>' % n for n in range(50_000)) + b"</properties>"),
    _OPEN + b"<testsuite>" * 100_000,
    _OPEN + b"<testsuite>" * 100_000 + b"</testsuite>" * 100_000,
    _OPEN + b"<testsuite>" * 60 + b"</testsuite>" * 60,
    _OPEN + b"".join(b"<t%d>" % n for n in range(20_000)),
    _suite(b"<![CDATA[" + b"x" * 500_000 + b"]]>"),
    _suite(b"<!--" + b"x" * 500_000 + b"-->"),
    _suite(b"<!--" * 100_000),
    _suite(b"<?pi " + b"x" * 100_000 + b"?>"),
    _OPEN + b"<testsuite xmlns='urn:x' xmlns:a='urn:y' a:tests='1'/>",
    _OPEN + b"<a:testsuite/>",
    b'<?xml version="1.0" encoding="UTF-7"?><testsuite name="+ADw-"/>',
    b'<?xml version="1.0" encoding="nosuch"?><testsuite name="s"/>',
    b'<?xml version="1.0" encoding="utf-16"?><testsuite name="s"/>',
    b'<?xml version="1.0" encoding="rot13"?><testsuite name="s"/>',
    b'<?xml version="1.0" encoding="base64"?><testsuite name="s"/>',
    b'<?xml version="1.0" encoding="idna"?><testsuite name="s"/>',
    b'<?xml version="1.0" encoding="cp1252"?><testsuite name="\x81\x80"/>',
    b'<?xml version="9.9"?><testsuite name="s"/>',
    ('<?xml version="1.0" encoding="utf-16"?><testsuite name="s" tests="0"/>').encode("utf-16"),
    ('<?xml version="1.0"?><testsuite name="s" tests="0"/>').encode("utf-32"),
    *(
        _suite(_CASE, b'name="s" tests="' + number + b'" failures="0" errors="0" skipped="0"')
        for number in (b"-1", b"1e999", b"NaN", b"9" * 5_000, b"0x1", b" 1 ", b"1.0", b"", b"9223372036854775808", "٣".encode())
    ),
    *(
        _suite(_CASE, b'name="s" tests="1" timestamp="' + stamp + b'"')
        for stamp in (b"9999-12-31T23:59:59-23:59", b"0001-01-01T00:00:00+23:59", b"x", b"2027-03-05T12:00:00", b"9" * 4_000)
    ),
    *(
        _suite(b'<testcase name="n" time="' + time + b'"/>')
        for time in (b"-1", b"NaN", b"inf", b"1e999", b"1,000.5", b"9" * 5_000)
    ),
)


def cel(random: Random) -> str:
    """An expression."""
    text = random.choice(CEL)
    how = random.random()
    if how < 0.1:
        return f"({text}) && ({random.choice(CEL)})"
    if how < 0.15 and text:
        at = random.randrange(len(text))
        return text[:at] + random.choice(("(", ")", "'", "\\", "[", ".", "\x00", "é", "{", "$", "`")) + text[at + 1 :]
    return text
