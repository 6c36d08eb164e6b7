"""The engine's edge to CEL (https://cel.dev): `Language.compile(source, …) -> Program`.

Expressions are checked against declared types and then evaluated on plain dicts, so that an absent
field is an error and never a zero value. Everything that cel-cpp can raise ends here: a program
answers with a value or with `NotComputable`.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple

from cel_expr_python import cel

from phasegate.engine import syntax
from phasegate.engine.descriptors import PACKAGE, common, of_shape, pool, proto_name
from phasegate.engine.guards import computes_double, demand_finite, demand_order, may_be_map, plain_environment
from phasegate.engine.naming import Named, Naming, Refusal, member_of, variable_of, written
from phasegate.engine.policy import Policy, Shape
from phasegate.engine.reads import Declared, Reads
from phasegate.errors import nearest

_ERROR = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")
_ABSENT = re.compile(r'.*Key not found in map : "?(.*?)"?$', re.DOTALL)
_UNDEFINED_FIELD = re.compile(r"undefined field '([^']+)' not found in struct '([^']+)'")
_UNDECLARED = re.compile(r"undeclared reference to '([^']+)'")
_RAISED = (RuntimeError, ValueError, TypeError, OverflowError, UnicodeError)
_LOOKED_AT = ("context", "attributes", "matches")
"""In an expression with none of these words, and `facts` in it only as `facts["…"]`, there is nothing that the
checker doesn't know itself."""


class Refused(Exception):
    """An expression that can't be published."""

    def __init__(self, refusals: list[Refusal]) -> None:
        super().__init__(refusals[0].message)
        self.refusals = refusals


class NotComputable(Exception):
    """An expression without a value on these facts; the text says why, for a reader."""


class Expression(NamedTuple):
    """What is to be compiled."""

    source: str
    primary: str | None
    """The type that `evidence`, `context` and `record` are of."""
    with_facts: bool


class Inputs:
    """The facts of one decision: as plain data, and, made when first asked for, as CEL takes them.

    CEL converts a variable as a whole, so each expression is given the types that it reads and no other."""

    def __init__(
        self,
        language: "Language",
        facts: Mapping[str, Mapping[str, Any]],
        subject: Mapping[str, Any],
        release: Mapping[str, Any],
        params: Mapping[str, Any],
        convert: Callable[[tuple[str, ...] | None], dict[str, Any]],
    ) -> None:
        """`facts` holds evidence, context and record by type; `convert` gives CEL's variables, with those
        of the facts of some types, or, for None, without facts."""
        self.facts = facts
        self.subject = subject
        self.release = release
        self.params = params
        self._language = language
        self._convert = convert
        self._activations: dict[tuple[str, ...] | None, Any] = {}

    def activation(self, types: tuple[str, ...] | None) -> Any:
        """With the facts of these types; None: without facts. Converted once, shared by all programs that ask for
        the same."""
        if types not in self._activations:
            self._activations[types] = self._language.activation(self._convert(types))
        return self._activations[types]


class _Checked:
    """What the checker made of a text; the same for every type of one shape."""

    def __init__(self, compiled: Any) -> None:
        self.returns = str(compiled.return_type().name())
        self._compiled = compiled
        self._tree: Any = None

    @property
    def tree(self) -> Any:
        """The checked expression."""
        if self._tree is None:
            self._tree = syntax.parse(self._compiled.serialize())
        return self._tree


class Program:
    """A checked expression, ready to run."""

    def __init__(
        self,
        language: "Language",
        source: str,
        primary: str | None,
        with_facts: bool,
        checked: _Checked,
        named: Named,
    ) -> None:
        self.source = source
        self.primary = primary
        self.returns = checked.returns
        """CEL's name of the type of its value: `BOOL`, `DYN`, …"""
        self.types = tuple(dict.fromkeys(named.types))
        """Evidence types read through `facts`, in the order in which they are named."""
        self.guards: frozenset[str] = frozenset()
        """Those of them that the expression guards with `"…" in facts`."""
        self._checked = checked
        self._named = named
        self._reads: Reads | None = None
        self._language = language
        primaries = () if primary is None else (primary,)
        self._given = tuple(dict.fromkeys((*primaries, *named.types))) if with_facts else None
        """The types whose facts it can name."""
        self._runnable: Any = None

    @property
    def tree(self) -> Any:
        """The checked expression, in which `evidence`, `context` and `record` keep their names."""
        return self._checked.tree

    @property
    def reads(self) -> Reads:
        """What it reads."""
        if self._reads is None:
            self._reads = self._language.reads(self.tree, self._named, self.primary)
        return self._reads

    def run(self, inputs: Inputs) -> Any:
        """The value on these facts. Raises `NotComputable`."""
        if self._runnable is None:
            self._runnable = self._language.runnable(self.tree, self.primary)
        try:
            activation = inputs.activation(self._given)
        except _RAISED as error:
            raise NotComputable(_reason(str(error))) from None
        return value_of(self._runnable, activation)


def value_of(runnable: Any, activation: Any, types: tuple[type, ...] = ()) -> Any:
    """The value of an expression; one of `types` is no error and needs no closer look. Raises `NotComputable`."""
    try:
        value = runnable.eval(activation)
        plain = value.plain_value()
        if type(plain) not in types and value.type().name() == "ERROR":
            raise NotComputable(_reason(str(plain)))
        return plain
    except _RAISED as error:
        raise NotComputable(_reason(str(error))) from None


class Language:
    """CEL with the types of one policy version."""

    def __init__(self, policy: Policy, shapes: Mapping[str, Shape]) -> None:
        """`shapes` holds every shape that an evidence type of the policy names."""
        self._types = policy.evidence
        self._declared = Declared(policy)
        messages = common(policy)
        for name in sorted({kind.shape for kind in policy.evidence.values()}):
            messages += of_shape(name, shapes[name])
        self._messages = messages
        self._pool = pool(messages)
        self._naming = Naming({name: kind.shape for name, kind in policy.evidence.items()})
        known = {
            "subject": cel.Type(f"{PACKAGE}.Subject"),
            "release": cel.Type(f"{PACKAGE}.Release"),
            "params": cel.Type(f"{PACKAGE}.Params"),
        }
        shown = {
            variable_of(name): cel.Type(f"{PACKAGE}.{proto_name(kind.shape)}Shown")
            for name, kind in policy.evidence.items()
        }
        primary = {name: cel.Type(f"{PACKAGE}.{proto_name(of)}") for of, name in self._naming.variables().items()}
        facts = {
            "facts": cel.Type.Map(cel.Type.STRING, cel.Type.DYN),
            "context": cel.Type.Map(cel.Type.STRING, cel.Type.STRING),
            "record": cel.Type(f"{PACKAGE}.Record"),
        }
        self._envs = {
            True: cel.NewEnv(descriptor_pool=self._pool, variables={**known, **shown, **primary, **facts}),
            False: cel.NewEnv(descriptor_pool=self._pool, variables=known),
        }
        self._plain = plain_environment((*known, *shown, "facts"))
        self._named: dict[Expression, Named] = {}
        self._checked: dict[tuple[str, bool], _Checked | str] = {}
        self._programs: dict[Expression, Program] = {}

    def activation(self, variables: Mapping[str, Any]) -> Any:
        """CEL's own form of these variables."""
        return self._plain.Activation(variables)

    def runnable(self, tree: Any, primary: str | None) -> Any:
        """A checked expression in the form that is evaluated on plain dicts."""
        return self._plain.deserialize(syntax.pack(_prepared(tree, primary)))

    def prepare(self, expressions: Iterable[Expression]) -> None:
        """Check what will be compiled, all of it in a row.

        The checker and Python, taking turns at each expression, push one another out of the processor's
        caches, which costs a fifth of the whole. Faults are told by `compile`.
        """
        for each in dict.fromkeys(expressions):
            self._named[each] = self._rename(each)
        for each, named in self._named.items():
            if not named.refusals:
                self._check(named.text, each.with_facts)

    def compile(self, source: str, primary: str | None, *, with_facts: bool = True) -> Program:
        """Check `source`, in which `evidence`, `context` and `record` are those of type `primary`.

        Raises `Refused` with every fault found.
        """
        key = Expression(source, primary, with_facts)
        if key not in self._programs:
            named = self._named.pop(key, None) or self._rename(key)
            if named.refusals:
                raise Refused(list(named.refusals))
            checked = self._check(named.text, with_facts)
            if isinstance(checked, str):
                raise Refused(self._explain(checked, primary, with_facts))
            program = Program(self, source, primary, with_facts, checked, named)
            if named.loose or primary is None or any(word in named.text for word in _LOOKED_AT):
                if program.reads.refusals:
                    raise Refused(program.reads.refusals)
                program.types, program.guards = program.reads.types, frozenset(program.reads.guards)
            self._programs[key] = program
        return self._programs[key]

    def reads(self, tree: Any, named: Named, primary: str | None) -> Reads:
        """What a checked expression reads."""
        return Reads(self._declared, tree, named.text, primary, named.types)

    def _rename(self, of: Expression) -> Named:
        return self._naming.rename(of.source, None if of.primary is None else self._types[of.primary].shape)

    def _check(self, text: str, with_facts: bool) -> _Checked | str:
        """What the checker made of `text`, or its complaint."""
        key = (text, with_facts)
        if key not in self._checked:
            try:
                self._checked[key] = _Checked(self._envs[with_facts].compile(text))
            except (RuntimeError, UnicodeError) as error:
                self._checked[key] = str(error)
        return self._checked[key]

    def _explain(self, error: str, primary: str | None, with_facts: bool) -> list[Refusal]:
        roots = {"subject", "release", "params"} | ({"facts"} if with_facts else set())
        roots |= {"evidence", "context", "record"} if with_facts and primary else set()
        refusals = []
        fields: dict[str, set[str]] = {}
        for line, column, message, suggestion in complaints(error, roots):
            if field := _UNDEFINED_FIELD.search(message):
                fields = fields or {name: of for each in self._messages for name, of in each.fields().items()}
                suggestion = nearest(field[1], fields.get(field[2], ()))
                message = f"there is no field {field[1]!r} here"
            refusals.append(Refusal(line, column, written(message), suggestion))
        return refusals


def complaints(error: str, known: Collection[str]) -> list[Refusal]:
    """What the checker has against an expression that may name `known`, with a mend where there is a usual one."""
    refusals = []
    for found in _ERROR.finditer(error):
        line, column, message = max(1, int(found[1])), max(1, int(found[2])), found[3]
        suggestion = None
        if name := _UNDECLARED.search(message):
            message = f"there is no {name[1]!r}; an expression may name {', '.join(sorted(known))}"
            suggestion = nearest(name[1].split(".")[0], known)
        elif "no matching overload" in message:
            suggestion = (
                "compare and compute with values of one type: double(…) and int(…) convert"
                if "double" in message and "int" in message
                else "make both sides of one type"
            )
        refusals.append(Refusal(line, column, message, suggestion))
    return refusals or [Refusal(1, 1, error.split("\n")[0])]


def _prepared(tree: Any, primary: str | None) -> Any:
    """A copy in which `evidence` is the member `evidence` of the primary type's facts, a computed double that
    is none makes the expression not computable, and each map is gone through in the order of its keys.

    Ids are new, since the checker's references hang on the old ones.
    """
    copy = type(tree)()
    copy.CopyFrom(tree)
    fresh = 1 + max(copy.source_info.positions, default=0)

    def visit(expr: Any, loops: frozenset[str]) -> None:
        nonlocal fresh
        kind = expr.WhichOneof("kind")
        if kind == "ident_expr":
            member = member_of(expr.ident_expr.name)
            if member is not None and primary is not None and expr.ident_expr.name not in loops:
                expr.id, inner = fresh, fresh + 1
                fresh += 2
                expr.select_expr.field = member
                expr.select_expr.operand.id = inner
                expr.select_expr.operand.ident_expr.name = variable_of(primary)
            return
        if kind == "comprehension_expr":
            ranged = expr.comprehension_expr.iter_range
            of_map = may_be_map(tree, ranged)
            visit(ranged, loops)
            if of_map:
                demand_order(ranged, fresh)
                fresh += 1
            loops = loops | {expr.comprehension_expr.iter_var}
            for part in list(syntax.children(expr))[1:]:
                visit(part, loops)
            return
        for child in syntax.children(expr):
            visit(child, loops)
        if computes_double(tree, expr):
            demand_finite(expr, fresh)
            fresh += 1

    visit(copy.expr, frozenset())
    return copy


def _reason(error: str) -> str:
    if found := _ABSENT.match(error):
        return f"{found[1]} is absent"
    if "Iteration budget" in error:
        return "it takes more steps than an expression may"
    return re.sub(r"^[A-Z_]+: ", "", error.split("\n")[0].removesuffix("]").rsplit(" [", 1)[0])
