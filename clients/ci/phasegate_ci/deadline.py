"""An end to waiting, whatever the server does."""

from collections.abc import Callable
from typing import TypeVar

from phasegate_ci.exits import NO_ANSWER, Stop

Result = TypeVar("Result")


def bounded(work: Callable[[], Result], seconds: float) -> Result:
    """Do the work, or stop waiting. httpx bounds each read, not their sum: a server that sends a byte now
    and then would hold a pipeline for hours."""
    from threading import Thread

    done: list[Result | BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as failure:
            done.append(failure)

    thread = Thread(target=run, daemon=True)  # daemon: a hanging read must not keep the process alive
    thread.start()
    thread.join(seconds)
    result = done[0] if done else TimeoutError()
    if isinstance(result, TimeoutError):
        raise Stop(NO_ANSWER, f"no answer within {seconds:g} s", "look whether the server is busy, or raise --timeout")
    if isinstance(result, BaseException):
        raise result
    return result
