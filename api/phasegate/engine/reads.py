"""What a checked expression reads, and what is wrong with it that the checker can't know."""

from typing import Any

import re2

from phasegate.engine import syntax
from phasegate.engine.naming import Refusal, member_of, type_of
from phasegate.engine.policy import Policy
from phasegate.errors import nearest
from phasegate.reading import position


class Declared:
    """What the expressions of a policy may name."""

    def __init__(self, policy: Policy) -> None:
        self.types = frozenset(policy.evidence)
        self.context = {name: kind.context_keys for name, kind in policy.evidence.items()}
        self.attributes = None if policy.attributes is None else frozenset(policy.attributes)
        """None: any."""
        self.texts = {name: p.default for name, p in policy.params.items() if isinstance(p.default, str)}
        """String parameters, which can be patterns."""


class Reads:
    """One walk over a checked expression."""

    def __init__(self, declared: Declared, tree: Any, text: str, primary: str | None, named: tuple[str, ...]) -> None:
        """`named` are the types that `text` names through `facts`."""
        self.refusals: list[Refusal] = []
        self.guards: set[str] = set()
        self.paths: set[str] = set()
        self.tested: set[str] = set()
        """Paths whose presence `has(…)` asks for."""
        self._declared = declared
        self._tree = tree
        self._text = text
        self._primary = primary
        self._read(self._visit(tree.expr, {}))
        self.types = tuple(dict.fromkeys([*named, *sorted(self.guards)]))

    def _visit(self, expr: Any, loops: dict[str, str]) -> str | None:
        """Visit `expr`, in which `loops` says what each loop variable walks over; its path, if it has one."""
        kind = expr.WhichOneof("kind")
        if kind == "ident_expr":
            return self._ident(expr, loops)
        if kind == "select_expr":
            path = self._member(expr, expr.select_expr.operand, expr.select_expr.field, loops)
            if path is not None and expr.select_expr.test_only:
                self.tested.add(path)
            return path
        if kind == "comprehension_expr":
            return self._loop(expr.comprehension_expr, loops)
        if kind == "call_expr":
            return self._call(expr, loops)
        for child in syntax.children(expr):
            self._read(self._visit(child, loops))
        return None

    def _read(self, path: str | None) -> None:
        if path is not None:
            self.paths.add(path)
            owner, _, last = path.rpartition(".")
            if last == "context" and owner in self._declared.types:
                self._refuse(self._tree.expr, 'context is read key by key: context.KEY, or "KEY" in context')

    def _ident(self, expr: Any, loops: dict[str, str]) -> str | None:
        name = expr.ident_expr.name
        if name in loops:
            return loops[name] or None
        if (shown := type_of(name)) is not None:
            return shown
        if (member := member_of(name)) is not None:
            if self._primary is not None:
                return f"{self._primary}.{member}"
            self._refuse(expr, f"there is no {member!r} where there is no evidence type")
        if name == "facts":
            self._refuse(expr, 'facts takes a type in quotes: facts["the-type"], or "the-type" in facts')
        return str(name) if name in ("subject", "release", "params") else None

    def _member(self, expr: Any, operand: Any, name: str, loops: dict[str, str]) -> str | None:
        path = self._visit(operand, loops)
        if path is None:
            return None
        self._check_key(expr, path, name)
        return f"{path}.{name}"

    def _check_key(self, expr: Any, path: str, name: str) -> None:
        owner, _, last = path.rpartition(".")
        if last == "context" and owner in self._declared.types:
            keys = self._declared.context[owner]
            if name not in keys:
                self._refuse(expr, f"{owner} declares no context key {name!r}", nearest(name, keys))
        known = self._declared.attributes
        if path == "subject.attributes" and known is not None and name not in known:
            self._refuse(expr, f"the policy declares no attribute {name!r}", nearest(name, known))

    def _loop(self, loop: Any, loops: dict[str, str]) -> str | None:
        over = self._visit(loop.iter_range, loops)
        self._read(over)
        inner = {**loops, loop.iter_var: f"{over}[]" if over else "", loop.accu_var: ""}
        for part in (loop.accu_init, loop.loop_condition, loop.loop_step, loop.result):
            self._read(self._visit(part, inner))
        # A filter gives entries of what it walks over, so a later loop still knows their path.
        return over if loop.loop_step.call_expr.function == "_?_:_" else None

    def _call(self, expr: Any, loops: dict[str, str]) -> str | None:
        call = expr.call_expr
        arguments = ([call.target] if call.HasField("target") else []) + list(call.args)
        if call.function == "@in" and self._is_facts(arguments[1], loops):
            self._guard(arguments[0])
            return None
        if call.function == "@in" and (sought := syntax.constant_text(arguments[0])) is not None:
            path = self._visit(arguments[1], loops)
            if path is not None:
                self._check_key(arguments[0], path, sought)
                self._read(f"{path}.{sought}")
            return None
        key = syntax.constant_text(arguments[1]) if call.function == "_[_]" else None
        if key is not None:
            return self._member(expr, arguments[0], key, loops)
        for argument in arguments:
            self._read(self._visit(argument, loops))
        if call.function == "matches":
            self._pattern(arguments[-1])
        return None

    def _is_facts(self, expr: Any, loops: dict[str, str]) -> bool:
        return expr.WhichOneof("kind") == "ident_expr" and expr.ident_expr.name == "facts" and "facts" not in loops

    def _guard(self, expr: Any) -> None:
        name = syntax.constant_text(expr)
        if name is None:
            self._refuse(expr, 'only a type in quotes can be looked up: "the-type" in facts')
        elif name not in self._declared.types:
            self._refuse(expr, f"there is no evidence type {name!r}", nearest(name, self._declared.types))
        else:
            self.guards.add(name)

    def _pattern(self, expr: Any) -> None:
        pattern: Any = syntax.constant_text(expr)
        if expr.WhichOneof("kind") == "select_expr" and expr.select_expr.operand.ident_expr.name == "params":
            pattern = self._declared.texts.get(expr.select_expr.field)
        if pattern is None:
            return
        if problem := bad_pattern(pattern):
            self._refuse(expr, f"{pattern!r} is no RE2 pattern: {problem}")

    def _refuse(self, expr: Any, message: str, suggestion: str | None = None) -> None:
        at = self._tree.source_info.positions.get(expr.id, 0)
        self.refusals.append(Refusal(*position(self._text, at), message, suggestion))


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
