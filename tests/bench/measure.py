"""Medians of interleaved rounds, and the CPU time of another process."""

import time
from collections.abc import Awaitable, Callable
from statistics import median

Measure = Callable[[], Awaitable[float]]
"""One round: the cost of one operation, in whatever unit the row has."""


async def interleaved(rounds: int, *measures: Measure) -> list[float]:
    """The median of each measure over rounds that take turns, so that a busy moment hits all alike."""
    taken: list[list[float]] = [[] for _ in measures]
    for measure in measures:  # to warm up
        await measure()
    for _ in range(rounds):
        for found, measure in zip(taken, measures, strict=True):
            found.append(await measure())
    return [median(found) for found in taken]


def seconds_of(work: Callable[[], object], times: int = 1) -> float:
    """Wall seconds of one call."""
    start = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - start) / times


def cpu_seconds(pid: int) -> float:
    """User and system time that a process, all its threads, has used so far: what /proc/PID/stat says, but in
    nanoseconds and not in ticks of 10 ms. The clock's number is made as Linux's clock_getcpuclockid makes it."""
    return time.clock_gettime((~pid << 3) | 2)
