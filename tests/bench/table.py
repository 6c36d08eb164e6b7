"""The table that `make bench` prints."""

from typing import Literal, NamedTuple

HEAD = ("row", "ours", "peer", "ratio", "target", "met")


class Target(NamedTuple):
    """A bound on ours : peer, or, for `plus`, on ours - peer in the row's unit."""

    kind: Literal["at most", "at least", "plus at most"]
    value: float


class Result(NamedTuple):
    """A row that was measured."""

    ours: float
    peer: float
    unit: str
    peer_is: str
    target: Target
    note: str = ""
    """What belongs to the reading of the row."""

    @property
    def figure(self) -> float:
        return self.ours - self.peer if self.target.kind == "plus at most" else self.ours / self.peer

    @property
    def met(self) -> bool:
        return self.figure >= self.target.value if self.target.kind == "at least" else self.figure <= self.target.value


class Failed(NamedTuple):
    """A row that was not."""

    reason: str


def table(rows: dict[str, Result | Failed]) -> str:
    """All rows, their columns aligned, each note on a line of its own below."""
    cells = [HEAD, *(_cells(title, row) for title, row in rows.items())]
    measured = [line for line in cells if len(line) == len(HEAD)]
    widths = [max(len(line[n]) for line in measured) for n in range(len(HEAD))]
    widths[0] = max(len(line[0]) for line in cells)
    lines = [_aligned(HEAD, widths), "  ".join("-" * width for width in widths)]
    for line, row in zip(cells[1:], rows.values(), strict=True):
        lines.append(_aligned(line, widths))
        if isinstance(row, Result) and row.note:
            lines.append(f"    {row.note}")
    return "\n".join(lines)


def _aligned(line: tuple[str, ...], widths: list[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=False)).rstrip()


def _cells(title: str, row: Result | Failed) -> tuple[str, ...]:
    if isinstance(row, Failed):
        return title, f"failed: {row.reason}"
    difference, bound = row.target.kind == "plus at most", row.target.value
    return (
        title,
        f"{_short(row.ours)} {row.unit}",
        f"{_short(row.peer)} {row.unit}, {row.peer_is}",
        f"{row.figure:+.0f} {row.unit}" if difference else f"{row.figure:.2f} x",
        f"<= +{bound:g} {row.unit}" if difference else f"{'>=' if row.target.kind == 'at least' else '<='} {bound:g} x",
        "yes" if row.met else "NO",
    )


def _short(number: float) -> str:
    """Three digits that count."""
    return f"{number:.3g}" if number < 1000 else f"{number:.0f}"
