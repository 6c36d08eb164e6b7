"""Which checks there can be facts for on which they have no value, and so which rules can end in `error`.

Looked at are absent values (optional fields, map keys, attributes), conversions, divisions, and
operators on values whose type only the facts know. A read that is guarded, in its own expression or
by another check of the rule, is not absent where it counts. Overflow and the step budget, which need
absurd facts, are left out.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from phasegate.engine import syntax
from phasegate.engine.cel import Program
from phasegate.engine.compile import CompiledPolicy, Rule
from phasegate.engine.naming import member_of, type_of
from phasegate.engine.params import OWN_VALUES
from phasegate.engine.policy import Field

_ANY_TYPE = ("_==_", "_!=_", "@not_strictly_false")
"""Operators that have a value whatever their operands are."""
_PARSED_FROM = {
    "int": ("string", "double"),
    "double": ("string",),
    "bool": ("string",),
    "timestamp": ("string",),
    "duration": ("string",),
}
_Names = frozenset[str]
_NOTHING: _Names = frozenset()


class _Place(NamedTuple):
    """A value that facts hold: the names under which its presence can be known, its own one first."""

    names: tuple[str, ...]
    fields: Mapping[str, Field] = {}
    """Of this object, or of the entries of this list or map."""
    sure: _Names = _NOTHING
    """Keys that are always there."""

    def member(self, key: str) -> "_Place":
        field = self.fields.get(key)
        return _Place(tuple(f"{name}.{key}" for name in self.names), field.fields if field else {})

    def entry(self, key: "_Place") -> "_Place":
        names = tuple(f"{name}[{of}]" for name in self.names for of in key.names)
        return _Place(names, self.fields)


class Partial:
    """Asks this of the rules of one policy."""

    def __init__(self, policy: CompiledPolicy) -> None:
        self._policy = policy
        kind = policy.policy.evidence.get(OWN_VALUES)
        self._own_values = kind is not None

    def rule(self, rule: Rule) -> bool:
        """Whether there can be facts on which no check is false and one has no value."""
        if self._own_values and rule.params:  # a subject's own value can be one that is refused
            return True
        walks = [_Walk(self._policy, rule, check.program) for check in rule.checks]
        held = [walk.known_if(walk.tree.expr, True) for walk in walks]
        for n, walk in enumerate(walks):
            elsewhere = [names for m, names in enumerate(held) if m != n]
            if walk.partial(walk.tree.expr, _NOTHING.union(*elsewhere)):
                return True
        return False


class _Walk:
    """One expression."""

    def __init__(self, policy: CompiledPolicy, rule: Rule, program: Program) -> None:
        self.tree = program.tree
        self._policy = policy
        self._rule = rule
        self._primary = program.primary
        self._loops: dict[str, _Place | None] = {}
        self._count = 0

    def partial(self, expr: Any, known: _Names) -> bool:
        """Whether `expr` can have no value where what is `known` is there."""
        kind = expr.WhichOneof("kind")
        if kind == "ident_expr":
            shown = None if expr.ident_expr.name in self._loops else type_of(expr.ident_expr.name)
            return shown is not None and shown not in self._rule.required and shown not in known
        if kind == "select_expr":
            select = expr.select_expr
            absent = not select.test_only and self._absent(select.operand, select.field, known)
            return absent or self.partial(select.operand, known)
        if kind == "comprehension_expr":
            return self._loop(expr.comprehension_expr, known)
        if kind == "call_expr":
            return self._call(expr, known)
        return any(self.partial(child, known) for child in syntax.children(expr))

    def known_if(self, expr: Any, value: bool) -> _Names:
        """The names of what is there wherever `expr` has this value, or none."""
        kind = expr.WhichOneof("kind")
        if kind == "select_expr" and expr.select_expr.test_only and value:
            place = self._place(expr.select_expr.operand)
            return frozenset(place.member(expr.select_expr.field).names[:1]) if place else _NOTHING
        if kind == "comprehension_expr" and value:
            return self._known_of_all(expr.comprehension_expr)
        if kind != "call_expr":
            return _NOTHING
        function, arguments = _call_of(expr)
        if function == "!_":
            return self.known_if(arguments[0], not value)
        if function in ("_&&_", "_||_"):
            left, right = (self.known_if(argument, value) for argument in arguments)
            return left | right if value is (function == "_&&_") else left & right
        return self._looked_up(*arguments) if function == "@in" and value else _NOTHING

    def _looked_up(self, item: Any, container: Any) -> _Names:
        key = syntax.constant_text(item)
        if container.ident_expr.name == "facts" and "facts" not in self._loops:
            return frozenset({key} if key else ())
        if (place := self._place(container)) is None or self._kind(container) != "map":
            return _NOTHING
        if key is not None:
            return frozenset(place.member(key).names[:1])
        of = self._place(item)
        return frozenset(place.entry(of).names[:1]) if of else _NOTHING

    def _absent(self, operand: Any, key: str, known: _Names) -> bool:
        """Whether `operand.key` can be absent, `operand` being there."""
        place = self._place(operand)
        if place is None:
            return self._kind(operand) in ("map", "dyn")
        if not known.isdisjoint(place.member(key).names) or key in place.sure:
            return False
        field = place.fields.get(key)
        return self._kind(operand) in ("map", "dyn") or (field is not None and field.optional)

    def _call(self, expr: Any, known: _Names) -> bool:
        function, arguments = _call_of(expr)
        kinds = [self._kind(argument) for argument in arguments]
        if function in ("_&&_", "_||_", "_?_:_"):
            return "dyn" in kinds or self._branches(function, arguments, known)
        if function == "@in" and arguments[1].ident_expr.name == "facts":
            return False
        if any(self.partial(argument, known) for argument in arguments):
            return True
        if function == "_[_]":
            return self._index(arguments, kinds[0], known)
        if function in _ANY_TYPE:
            return False
        if function == "@in":
            return kinds[1] == "dyn"
        if function in ("_/_", "_%_"):
            return not _constant(arguments[1])
        if function == "matches" and not _constant(arguments[1]):
            return bool(arguments[1].select_expr.operand.ident_expr.name != "params")
        if kinds[0] in _PARSED_FROM.get(function, ()):
            return not _constant(arguments[0]) and not self._is_length(function, arguments[0])
        return "dyn" in kinds

    def _branches(self, function: str, arguments: list[Any], known: _Names) -> bool:
        """A side counts only where the other doesn't decide, whichever stands first."""
        if function == "_?_:_":
            test, yes, no = arguments
            return (
                self.partial(test, known)
                or self.partial(yes, known | self.known_if(test, True))
                or self.partial(no, known | self.known_if(test, False))
            )
        left, right = arguments
        open_while = function == "_&&_"
        return self.partial(left, known | self.known_if(right, open_while)) or self.partial(
            right, known | self.known_if(left, open_while)
        )

    def _index(self, arguments: list[Any], kind: str, known: _Names) -> bool:
        key = syntax.constant_text(arguments[1])
        if kind == "map" and key is not None:
            return self._absent(arguments[0], key, known)
        place, of = self._place(arguments[0]), self._place(arguments[1])
        return kind != "map" or place is None or of is None or known.isdisjoint(place.entry(of).names)

    def _is_length(self, function: str, argument: Any) -> bool:
        """Whether a text is a whole number and a unit: `string(params.minutes) + "m"`."""
        if function != "duration" or argument.call_expr.function != "_+_":
            return False
        number, unit = argument.call_expr.args
        is_whole = number.call_expr.function == "string" and self._kind(number.call_expr.args[0]) == "int"
        return is_whole and syntax.constant_text(unit) in ("h", "m", "s", "ms")

    def _loop(self, loop: Any, known: _Names) -> bool:
        if self.partial(loop.iter_range, known) or self._kind(loop.iter_range) == "dyn":
            return True
        outer, given = self._loops, self._enter(loop)
        found = any(self.partial(part, known | given) for part in (loop.loop_step, loop.result))
        self._loops = outer
        return found

    def _known_of_all(self, loop: Any) -> _Names:
        """What `all` says of every entry, under the name that stands for each of them."""
        step = loop.loop_step.call_expr
        if loop.accu_init.WhichOneof("kind") != "const_expr" or step.function != "_&&_":
            return _NOTHING
        outer = self._loops
        self._enter(loop)
        held, place = self.known_if(step.args[1], True), self._loops[loop.iter_var]
        self._loops = outer
        own, *each = place.names if place else ("",)
        return frozenset(name.replace(own, of) for name in held for of in each)

    def _enter(self, loop: Any) -> _Names:
        """Bind the loop's variables; what is known of each entry."""
        self._count += 1
        own = f"<{self._count}>"
        entry, given = self._entry(loop.iter_range, own)
        self._loops = {**self._loops, loop.iter_var: entry, loop.accu_var: None}
        return given

    def _entry(self, over: Any, own: str) -> tuple[_Place, _Names]:
        """An entry of what a loop walks over, called `own`, and what is known of it."""
        if over.WhichOneof("kind") == "comprehension_expr":
            inner, step = over.comprehension_expr, over.comprehension_expr.loop_step.call_expr
            if step.function != "_?_:_" or self._kind(over) != "list":
                return _Place((own,)), _NOTHING
            entry, given = self._entry(inner.iter_range, own)
            outer, self._loops = self._loops, {**self._loops, inner.iter_var: entry}
            held = self.known_if(step.args[0], True)
            self._loops = outer
            return entry, given | held
        place = self._place(over)
        if place is None:
            return _Place((own,)), _NOTHING
        entry = _Place((own, *(f"{name}[]" for name in place.names)), place.fields)
        return entry, frozenset(place.entry(entry).names) if self._kind(over) == "map" else _NOTHING

    def _place(self, expr: Any) -> _Place | None:
        """Where in the facts a value stands; None: it is computed."""
        kind = expr.WhichOneof("kind")
        if kind == "ident_expr":
            name = expr.ident_expr.name
            if name in self._loops:
                return self._loops[name]
            if (shown := type_of(name)) is not None:
                return _Place((shown,))
            member = member_of(name)
            if member is not None and self._primary is not None:
                return self._shown(self._primary, member)
            return _Place((name,))
        if kind == "select_expr":
            return self._member(expr.select_expr.operand, expr.select_expr.field)
        if kind == "call_expr" and expr.call_expr.function == "_[_]":
            container, index = expr.call_expr.args
            if (key := syntax.constant_text(index)) is not None:
                return self._member(container, key)
            place, of = self._place(container), self._place(index)
            return place.entry(of) if place and of else None
        return None

    def _member(self, operand: Any, key: str) -> _Place | None:
        if operand.WhichOneof("kind") == "ident_expr" and (shown := type_of(operand.ident_expr.name)) is not None:
            return self._shown(shown, key)
        place = self._place(operand)
        return place.member(key) if place else None

    def _shown(self, kind: str, member: str) -> _Place:
        of = self._policy.policy.evidence[kind]
        name = f"{kind}.{member}"
        if member == "evidence":
            return _Place((name,), self._policy.shapes[of.shape].fields)
        return _Place((name,), sure=frozenset(of.required_context) if member == "context" else _NOTHING)

    def _kind(self, expr: Any) -> str:
        return syntax.kind(self.tree, expr)


def _call_of(expr: Any) -> tuple[str, list[Any]]:
    call = expr.call_expr
    return call.function, ([call.target] if call.HasField("target") else []) + list(call.args)


def _constant(expr: Any) -> bool:
    """A literal; one that makes a division fail is refused or seen at once."""
    return bool(expr.WhichOneof("kind") == "const_expr")
