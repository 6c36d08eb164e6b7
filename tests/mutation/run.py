"""Do the cases of a policy notice when its rules change? `make mutation`, or `python tests/mutation/run.py FOLDER`.

In turn each comparison is negated and moved by its equality, each check dropped, `all` and `exists`
swapped, and each bound moved: numbers in expressions, defaults of parameters, max_age. A mutant is
killed when any case comes out otherwise. `equivalent.yaml` lists, by name of the policy, survivors
that no facts can tell from the original, each with the reason why; one that is killed, or that there
is no longer, is stale. Exit code 1 where too few are killed or one listed is stale.
"""

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

_HERE = Path(__file__).parent
EQUIVALENT = _HERE / "equivalent.yaml"
_NEWEST = _HERE.parents[1] / "policies" / "ml-deployment"


def main(arguments: list[str] | None = None) -> int:
    """Hunt the mutants of one version, and tell which survive."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="version folder; default: the newest ml-deployment")
    parser.add_argument("--equivalent", type=Path, default=EQUIVALENT, metavar="FILE")
    parser.add_argument("--least", type=float, default=95, metavar="PERCENT", help="of the others, to be killed")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--verbose", action="store_true", help="name the killed ones, too")
    chosen = parser.parse_args(arguments)
    return _hunt(chosen.folder or _newest(), chosen.equivalent, chosen.least, chosen.workers, chosen.verbose)


def _hunt(folder: Path, equivalent: Path, least: float, workers: int, verbose: bool) -> int:
    from tests.mutation import hunt

    try:
        of = hunt.prey(folder)
    except ValueError as error:
        print(f"{folder}: {error}")
        return 1
    excused = listed(equivalent, of.policy.policy.policy)
    ended = dict(zip(of.mutants, hunt.fates(folder, of, workers), strict=True))
    survived = [mutant for mutant, fate in ended.items() if fate == hunt.SURVIVED]
    open_ones = [mutant for mutant in survived if mutant.name not in excused]
    stale = sorted(set(excused) - {mutant.name for mutant in survived})
    killed = sum(fate == hunt.KILLED for fate in ended.values())
    broken = sum(fate == hunt.NO_POLICY for fate in ended.values())
    for mutant in [mutant for mutant in ended if mutant not in survived] if verbose else ():
        print(f"{ended[mutant]}: {mutant.name}")
    for mutant in open_ones:
        print(f"survived: {folder / 'policy.yaml'}:{mutant.place.line}:{mutant.place.column}: {mutant.told}")
        print(f"  {mutant.name}")
    for name in stale:
        print(f"stale in {equivalent}: {name}")
    total = killed + len(open_ones)
    share = 100 * killed / total if total else 0.0
    print(
        f"{of.policy.policy.policy}@{of.policy.policy.version}: {len(ended)} mutants: {killed} killed,"
        f" {len(open_ones)} survived, {len(survived) - len(open_ones)} equivalent, {broken} do not compile"
    )
    print(f"{int(share * 10) / 10} % killed; at least {least:g} % must be")
    return 0 if share >= least and not stale else 1


def listed(file: Path, policy: str) -> dict[str, str]:
    """The reason why each listed mutant of a policy is equivalent, by the mutant's name."""
    import msgspec
    import yaml

    class Entry(msgspec.Struct, forbid_unknown_fields=True):
        mutant: str
        because: str

    written = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    entries = msgspec.convert(written, dict[str, list[Entry]]).get(policy, [])
    return {" ".join(entry.mutant.split()): entry.because for entry in entries}


def _newest() -> Path:
    from semver import Version

    versions = [folder for folder in _NEWEST.iterdir() if (folder / "cases").is_dir()]
    if not versions:
        raise SystemExit(f"no version in {_NEWEST} has cases")
    return max(versions, key=lambda folder: Version.parse(folder.name))


if __name__ == "__main__":
    sys.exit(main())
