"""A plugged-in adapter, held to what the interface promises: its faults are told and hinder nobody else."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from phasegate.adapters.interface import Adapter, Example, Hints, Reading
from phasegate.adapters.text import MAX_WARNINGS, clean
from phasegate.errors import Fault, Invalid, Malformed

T = TypeVar("T")
SECONDS = 10.0
"""That a plug-in has for one file; Python can't end what takes longer, so it isn't asked again until that has ended."""
_LONGEST_WARNING = 500


class _Took(Exception):
    """It didn't answer in time."""


class Guarded:
    """An adapter of an installed package. What it is called and gives is what it said when it was loaded."""

    def __init__(self, adapter: Adapter, source: str, *, seconds: float = SECONDS) -> None:
        self._adapter, self.source, self._seconds = adapter, source, seconds
        self._asked: threading.Thread | None = None
        """That didn't answer in time."""
        self.name, self.version, self.title = adapter.name, clean(str(adapter.version)), clean(str(adapter.title))
        self.shapes = tuple(map(str, adapter.shapes))
        self.command, self.fingerprint = (clean(str(getattr(adapter, key, ""))) for key in ("command", "fingerprint"))
        example = getattr(adapter, "example", None)
        self.example = example if isinstance(example, Example) else None

    def detects(self, raw: bytes) -> bool:
        """False where the plug-in fails, so that it hinders no other format."""
        if self._stuck():
            return False
        try:
            return self._in_time(lambda: self._adapter.detects(raw)) is True
        except (Exception, RecursionError):
            return False

    def read(self, raw: bytes, hints: Hints) -> Reading:
        """What the plug-in read. Raises `Malformed` as it does, and `Invalid`, naming it, on any fault of its own."""
        if self._stuck():
            raise self._failed("takes too long on an earlier file and is not asked again until it has done with it")
        try:
            found = self._in_time(lambda: self._adapter.read(raw, hints))
        except (Malformed, Invalid):
            raise
        except _Took:
            raise self._failed(f"didn't finish within {self._seconds:g} seconds") from None
        except Exception as error:
            raise self._failed(f"failed with {type(error).__name__}") from error
        return self._checked(found, hints)

    def _checked(self, found: Any, hints: Hints) -> Reading:
        if not isinstance(found, Reading):
            raise self._failed("gave something that is no Reading")
        if found.shape not in self.shapes:
            raise self._failed(f"gave the shape {clean(str(found.shape))[:64]!r}, which it doesn't name")
        try:
            plain = msgspec.convert(msgspec.to_builtins(found), Reading)
        except (msgspec.ValidationError, TypeError, ValueError, RecursionError) as error:
            raise self._failed(f"gave a Reading that is none: {clean(str(error))[:200]}") from None
        if plain.collected_at is not None and plain.collected_at.tzinfo is None:
            raise self._failed("gave a time without a zone")
        warnings = tuple(clean(each)[:_LONGEST_WARNING] for each in plain.warnings[: MAX_WARNINGS + 1])
        return msgspec.structs.replace(plain, warnings=warnings)

    def _in_time(self, ask: Callable[[], T]) -> T:
        """Its answer, asked in a thread of its own. Raises what it raises, or `_Took`."""
        answer: list[T] = []
        raised: list[BaseException] = []

        def work() -> None:
            try:
                answer.append(ask())
            except BaseException as error:  # told to the caller below
                raised.append(error)

        thread = threading.Thread(target=work, name=f"adapter {self.name}", daemon=True)
        thread.start()
        thread.join(self._seconds)
        if thread.is_alive():
            self._asked = thread
            raise _Took
        if raised:
            error = raised[0]
            raise error if isinstance(error, Exception) else RuntimeError(type(error).__name__)
        return answer[0]

    def _stuck(self) -> bool:
        return self._asked is not None and self._asked.is_alive()

    def _failed(self, told: str) -> Invalid:
        message = f"the adapter {self.name!r} of {self.source} {told}; tell its maintainers, or send the JSON envelope"
        return Invalid(message, faults=(Fault("format", message),), code="adapter_failed")
