"""The engine's edge to CEL (https://cel.dev): `Language.compile(source, …) -> Program`.

Expressions are checked against declared types and then evaluated on plain dicts, so that an absent
field is an error and never a zero value. Everything that cel-cpp can raise ends here: a program
answers with a value or with `NotComputable`.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import re2
from cel_expr_python import cel

from phasegate.engine import syntax
from phasegate.engine.descriptors import PACKAGE, Message, pool
from phasegate.engine.policy import Policy, Shape
from phasegate.errors import nearest

Activation = Any
"""Facts converted for CEL; cel-cpp's own type, which has no static one."""
_FACTS_OF = re.compile(
    r"""(?P<facts>(?<![\w.])facts\s*\[\s*(?P<quote>["'])(?P<type>[^"'\\]*)(?P=quote)\s*\])"""
    r'''|(?:\b[rRbB]{1,2})?(?:"""(?s:.*?)"""|\'\'\'(?s:.*?)\'\'\'|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')'''
    r"|//[^\n]*"
)
_ERROR = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_ABSENT = re.compile(r'.*Key not found in map : "?(.*?)"?$', re.DOTALL)
_UNDEFINED_FIELD = re.compile(r"undefined field '([^']+)' not found in struct '([^']+)'")
_UNDECLARED = re.compile(r"undeclared reference to '([^']+)'")
ROOTS = ("evidence", "context", "record", "subject", "release", "params", "facts")
_CONTEXT = cel.Type.Map(cel.Type.STRING, cel.Type.STRING)


class Refusal(NamedTuple):
    """What is wrong with an expression; line and column are 1-based, inside its source."""

    line: int
    column: int
    message: str
    suggestion: str | None = None


class Refused(Exception):
    """An expression that can't be published."""

    def __init__(self, refusals: list[Refusal]) -> None:
        super().__init__(refusals[0].message)
        self.refusals = refusals


class NotComputable(Exception):
    """An expression without a value on these facts; the text says why, for a reader."""


class Program(NamedTuple):
    """A checked expression, ready to run."""

    source: str
    runnable: Any
    returns: str
    """CEL's name of the type of its value: `BOOL`, `DYN`, …"""
    types: tuple[str, ...]
    """Evidence types read through `facts`, in the order in which they are named."""
    guards: frozenset[str]
    """Those of them that the expression guards with `"…" in facts`."""
    reads: frozenset[str]
    """Paths read, as `edge-case-tests.evidence.cases[].status`, `params.min_rows`."""

    def run(self, activation: Activation) -> Any:
        """The value on these facts. Raises `NotComputable`."""
        try:
            value = self.runnable.eval(activation)
            if value.type().name() == "ERROR":
                raise NotComputable(_reason(str(value.plain_value())))
            return value.plain_value()
        except (RuntimeError, ValueError, TypeError, OverflowError, UnicodeError) as error:
            raise NotComputable(_reason(str(error))) from None


def variable_of(evidence_type: str) -> str:
    """The name under which the facts of a type reach CEL; as long as `facts["…"]`, so columns hold."""
    return f"facts__{evidence_type.replace('-', '_')}__"


class Language:
    """CEL with the types of one policy version."""

    def __init__(self, policy: Policy, shapes: Mapping[str, Shape]) -> None:
        """`shapes` holds every shape that an evidence type of the policy names."""
        self._types = policy.evidence
        self._attributes = None if policy.attributes is None else frozenset(policy.attributes)
        self._texts = {name: p.default for name, p in policy.params.items() if isinstance(p.default, str)}
        self._fields: dict[str, set[str]] = {}
        messages = [self._known(message) for message in _common(policy)]
        used = {kind.shape for kind in policy.evidence.values()}
        for name in sorted(used):
            messages += [self._known(message) for message in _of_shape(name, shapes[name])]
        self._pool = pool(messages)
        self._shown = {
            variable_of(name): cel.Type(f"{PACKAGE}.{_proto_name(kind.shape)}Shown")
            for name, kind in policy.evidence.items()
        }
        self._common = {
            "subject": cel.Type(f"{PACKAGE}.Subject"),
            "release": cel.Type(f"{PACKAGE}.Release"),
            "params": cel.Type(f"{PACKAGE}.Params"),
        }
        self._plain = cel.NewEnv(variables=dict.fromkeys((*self._common, *self._shown, "facts"), cel.Type.DYN))
        self._envs: dict[tuple[str | None, bool], Any] = {}
        self._programs: dict[tuple[str, str | None, bool], Program] = {}

    def activation(self, variables: Mapping[str, Any]) -> Activation:
        """Facts, converted once and shared by all programs of one decision."""
        return self._plain.Activation(variables)

    def compile(self, source: str, primary: str | None, *, with_facts: bool = True) -> Program:
        """Check `source`, in which `evidence`, `context` and `record` are those of type `primary`.

        Raises `Refused` with every fault found.
        """
        key = (source, primary, with_facts)
        if key not in self._programs:
            self._programs[key] = self._compile(source, primary, with_facts)
        return self._programs[key]

    def _compile(self, source: str, primary: str | None, with_facts: bool) -> Program:
        text, named = self._name_facts(source)
        try:
            checked = self._env(primary, with_facts).compile(text)
        except (RuntimeError, UnicodeError) as error:
            raise Refused(self._explain(str(error), primary, with_facts)) from None
        tree = syntax.parse(checked.serialize())
        walk = _Walk(self, tree, text, primary)
        walk.finish()
        if walk.refusals:
            raise Refused(walk.refusals)
        return Program(
            source=source,
            runnable=self._plain.deserialize(syntax.pack(tree)),
            returns=str(checked.return_type().name()),
            types=tuple(dict.fromkeys([*named, *sorted(walk.guards)])),
            guards=frozenset(walk.guards),
            reads=frozenset(walk.reads),
        )

    def _env(self, primary: str | None, with_facts: bool) -> Any:
        kind = self._types[primary].shape if primary is not None else None
        key = (kind, with_facts)
        if key not in self._envs:
            variables = dict(self._common)
            if with_facts:
                variables |= self._shown
                variables["facts"] = cel.Type.Map(cel.Type.STRING, cel.Type.DYN)
            if with_facts and kind is not None:
                variables["evidence"] = cel.Type(f"{PACKAGE}.{_proto_name(kind)}")
                variables["context"] = _CONTEXT
                variables["record"] = cel.Type(f"{PACKAGE}.Record")
            self._envs[key] = cel.NewEnv(descriptor_pool=self._pool, variables=variables)
        return self._envs[key]

    def _name_facts(self, source: str) -> tuple[str, list[str]]:
        """`facts["x"]` as a variable of its own, of equal length, and the types so named."""
        named: list[str] = []
        refusals: list[Refusal] = []

        def replace(found: re.Match[str]) -> str:
            name = found["type"]
            if found["facts"] is None:
                return found[0]
            if name not in self._types:
                at = _position(source, found.start("type"))
                refusals.append(Refusal(*at, f"there is no evidence type {name!r}", nearest(name, set(self._types))))
                return found[0]
            named.append(name)
            return variable_of(name).ljust(len(found[0]))

        if "facts__" in source:
            raise Refused([Refusal(*_position(source, source.index("facts__")), 'write facts["the-type"]')])
        text = _FACTS_OF.sub(replace, source)
        if refusals:
            raise Refused(refusals)
        return text, named

    def _explain(self, error: str, primary: str | None, with_facts: bool) -> list[Refusal]:
        refusals = []
        for found in _ERROR.finditer(error):
            line, column, message = int(found[1]), int(found[2]), found[3]
            suggestion = None
            if field := _UNDEFINED_FIELD.search(message):
                suggestion = nearest(field[1], self._fields.get(field[2], set()))
                message = f"there is no field {field[1]!r} here"
            elif name := _UNDECLARED.search(message):
                roots = set(ROOTS if with_facts and primary else ROOTS[3:] if with_facts else ROOTS[3:6])
                message = f"there is no {name[1]!r}; an expression may name {', '.join(sorted(roots))}"
                suggestion = nearest(name[1].split(".")[0], roots)
            elif "no matching overload" in message:
                suggestion = (
                    "compare and compute with values of one type: double(…) and int(…) convert"
                    if "double" in message and "int" in message
                    else "make both sides of one type"
                )
            message = re.sub(r"facts__(\w+?)__", lambda m: f'facts["{m[1].replace("_", "-")}"]', message)
            refusals.append(Refusal(line, column, message, suggestion))
        return refusals or [Refusal(1, 1, error.split("\n")[0])]

    def _known(self, message: Message) -> Message:
        def note(proto: Any, full_name: str) -> None:
            self._fields[full_name] = {field.name for field in proto.field}
            for nested in proto.nested_type:
                note(nested, f"{full_name}.{nested.name}")

        note(message.proto, message.full_name)
        return message


class _Walk:
    """One walk over a checked expression: what it reads, what the checker can't know is wrong,
    and `evidence`, `context`, `record` renamed to the facts of the primary type."""

    def __init__(self, language: Language, tree: Any, text: str, primary: str | None) -> None:
        self.refusals: list[Refusal] = []
        self.guards: set[str] = set()
        self.reads: set[str] = set()
        self._language = language
        self._tree = tree
        self._text = text
        self._primary = primary
        self._by_variable = {variable_of(name): name for name in language._types}
        self._next_id = 1 + max(tree.source_info.positions, default=0)

    def finish(self) -> None:
        """Walk the whole expression."""
        self._read(self.visit(self._tree.expr, {}))

    def visit(self, expr: Any, loops: dict[str, str]) -> str | None:
        """Visit `expr`, in which `loops` says what each loop variable walks over; its path, if it has one."""
        kind = expr.WhichOneof("kind")
        if kind == "ident_expr":
            return self._ident(expr, loops)
        if kind == "select_expr":
            return self._member(expr, expr.select_expr.operand, expr.select_expr.field, loops)
        if kind == "comprehension_expr":
            return self._loop(expr.comprehension_expr, loops)
        if kind == "call_expr":
            return self._call(expr, loops)
        for child in syntax.children(expr):
            self._read(self.visit(child, loops))
        return None

    def _read(self, path: str | None) -> None:
        if path is not None:
            self.reads.add(path)

    def _ident(self, expr: Any, loops: dict[str, str]) -> str | None:
        name = expr.ident_expr.name
        if name in loops:
            return loops[name] or None
        if name in self._by_variable:
            return self._by_variable[name]
        if name in ("evidence", "context", "record") and self._primary is not None:
            self._rename(expr, name)
            return f"{self._primary}.{name}"
        if name == "facts":
            self._refuse(expr, 'facts takes a type in quotes: facts["the-type"], or "the-type" in facts')
            return None
        return str(name) if name in ROOTS else None

    def _rename(self, expr: Any, member: str) -> None:
        """`evidence` becomes the member `evidence` of the primary type's facts; ids are new, since the
        checker's references hang on the old ones."""
        at = self._tree.source_info.positions.get(expr.id, 0)
        expr.id = self._fresh(at)
        expr.select_expr.field = member
        expr.select_expr.operand.id = self._fresh(at)
        assert self._primary is not None
        expr.select_expr.operand.ident_expr.name = variable_of(self._primary)

    def _fresh(self, position: int) -> int:
        identifier = self._next_id
        self._next_id += 1
        self._tree.source_info.positions[identifier] = position
        return identifier

    def _member(self, expr: Any, operand: Any, name: str, loops: dict[str, str]) -> str | None:
        path = self.visit(operand, loops)
        if path is None:
            return None
        owner, _, last = path.rpartition(".")
        if last == "context" and owner in self._language._types:
            keys = self._language._types[owner].context_keys
            if name not in keys:
                self._refuse(expr, f"{owner} declares no context key {name!r}", nearest(name, keys))
        known = self._language._attributes
        if path == "subject.attributes" and known is not None and name not in known:
            self._refuse(expr, f"the policy declares no attribute {name!r}", nearest(name, known))
        return f"{path}.{name}"

    def _loop(self, loop: Any, loops: dict[str, str]) -> str | None:
        over = self.visit(loop.iter_range, loops)
        self._read(over)
        inner = {**loops, loop.iter_var: f"{over}[]" if over else "", loop.accu_var: ""}
        for part in (loop.accu_init, loop.loop_condition, loop.loop_step, loop.result):
            self._read(self.visit(part, inner))
        # A filter gives entries of what it walks over, so a later loop still knows their path.
        return over if loop.loop_step.call_expr.function == "_?_:_" else None

    def _call(self, expr: Any, loops: dict[str, str]) -> str | None:
        call = expr.call_expr
        arguments = ([call.target] if call.HasField("target") else []) + list(call.args)
        if call.function == "@in" and self._is_facts(arguments[1], loops):
            self._guard(arguments[0])
            return None
        key = syntax.constant_text(arguments[1]) if call.function == "_[_]" else None
        if key is not None:
            return self._member(expr, arguments[0], key, loops)
        for argument in arguments:
            self._read(self.visit(argument, loops))
        if call.function == "matches":
            self._pattern(arguments[-1])
        return None

    def _is_facts(self, expr: Any, loops: dict[str, str]) -> bool:
        return expr.WhichOneof("kind") == "ident_expr" and expr.ident_expr.name == "facts" and "facts" not in loops

    def _guard(self, expr: Any) -> None:
        name = syntax.constant_text(expr)
        if name is None:
            self._refuse(expr, 'only a type in quotes can be looked up: "the-type" in facts')
        elif name not in self._language._types:
            self._refuse(expr, f"there is no evidence type {name!r}", nearest(name, set(self._language._types)))
        else:
            self.guards.add(name)

    def _pattern(self, expr: Any) -> None:
        pattern: Any = syntax.constant_text(expr)
        if expr.WhichOneof("kind") == "select_expr" and expr.select_expr.operand.ident_expr.name == "params":
            pattern = self._language._texts.get(expr.select_expr.field)
        if pattern is None:
            return
        if problem := bad_pattern(pattern):
            self._refuse(expr, f"{pattern!r} is no RE2 pattern: {problem}")

    def _refuse(self, expr: Any, message: str, suggestion: str | None = None) -> None:
        at = self._tree.source_info.positions.get(expr.id, 0)
        self.refusals.append(Refusal(*_position(self._text, at), message, suggestion))


def bad_pattern(pattern: str) -> str | None:
    """What RE2 has against `pattern`, or None. Never Python's `re`: it is exponential and its `$` differs."""
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else error
        return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
    return None


def _common(policy: Policy) -> list[Message]:
    producer = Message("Producer")
    artifact = Message("Artifact")
    record = Message("Record")
    subject = Message("Subject")
    release = Message("Release")
    params = Message("Params")
    for name in ("tool", "version"):
        producer.add(name, "string")
    for name in ("name", "sha256"):
        artifact.add(name, "string")
    for name in ("collected_at", "received_at"):
        record.add(name, "timestamp")
    for name in ("submitted_by", "strength", "format"):
        record.add(name, "string")
    record.add("producer", "object", producer.full_name)
    record.add("identity", "map<string,string>")
    for name in ("name", "kind", "team", "title"):
        subject.add(name, "string")
    subject.add("attributes", "map<string,any>")
    release.add("version", "string")
    release.add("predecessor", "string")
    release.add("registered_at", "timestamp")
    release.add("artifacts", "list<object>", artifact.full_name)
    for name, parameter in policy.params.items():
        params.add(name, parameter.type)
    return [producer, artifact, record, subject, release, params]


def _of_shape(name: str, shape: Shape) -> list[Message]:
    data = Message(_proto_name(name)).add_fields(shape.fields)
    shown = Message(f"{_proto_name(name)}Shown")
    shown.add("evidence", "object", data.full_name)
    shown.add("context", "map<string,string>")
    shown.add("record", "object", f"{PACKAGE}.Record")
    return [data, shown]


def _proto_name(shape: str) -> str:
    """A message name that no other shape and no common message has."""
    return "Shape_" + shape.replace("-", "_") + "_"


def _position(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _reason(error: str) -> str:
    if found := _ABSENT.match(error):
        return f"{found[1]} is absent"
    if "Iteration budget" in error:
        return "it takes more steps than an expression may"
    return re.sub(r"^[A-Z_]+: ", "", error.split("\n")[0].removesuffix("]").rsplit(" [", 1)[0])
