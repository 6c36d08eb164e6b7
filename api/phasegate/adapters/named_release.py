"""A file that names the release it is about, held against the one it was sent for."""

from phasegate.adapters.interface import Hints
from phasegate.adapters.text import Warnings, shown


def compare_release(named: str | None, hints: Hints, warnings: Warnings) -> None:
    """`2.1.0`, `v2.1.0` and `churn-scorer@2.1.0` name release 2.1.0 of churn-scorer; `12.1.0` does not."""
    if named is None or not hints.release:
        return
    before = named.removesuffix(hints.release)
    subject = before.removesuffix("v")
    if not named.endswith(hints.release) or subject[-1:].isalnum() or subject.endswith((".", "_")):
        warnings.add(f"the file names release {shown(named)}; it was sent for {hints.release}")
    elif hints.subject and subject.endswith("@") and subject != f"{hints.subject}@":
        warnings.add(f"the file names release {shown(named)}; it was sent for {hints.subject}@{hints.release}")
