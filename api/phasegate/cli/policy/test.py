"""`phasegate policy test`."""

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import click

from phasegate.cli.options import now
from phasegate.cli.policy import junit
from phasegate.cli.policy.files import FAULTY, cases_in, compiled, mapping_cases_in, say, write
from phasegate.engine.compile import CompiledPolicy
from phasegate.errors import Fault
from phasegate.operations import mapping_cases
from phasegate.operations.cases import Ran, run
from phasegate.operations.mapping_cases import MappingRan
from phasegate.policies.cases.coverage import Coverage, possible
from phasegate.policies.cases.form import Case
from phasegate.policies.cases.reading import FaultyCases

R = TypeVar("R", Ran, MappingRan)


class _Command(click.Command):
    """A command that leaves no stale report behind, however it is called wrongly."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        named = [value for option, value in pairwise(args) if option == "--junit"]
        named += [arg.removeprefix("--junit=") for arg in args if arg.startswith("--junit=")]
        for path in map(Path, named):
            if path.is_file():
                path.unlink()
        return super().parse_args(ctx, args)


@click.command("test", cls=_Command, short_help="Run the cases of policy versions.")
@click.argument("folders", nargs=-1, metavar="[FOLDER…]", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--threshold",
    type=click.FloatRange(0, 100),
    default=100,
    show_default=True,
    metavar="PERCENT",
    help="The least outcome coverage.",
)
@click.option(
    "--junit", "report", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="Also as JUnit XML."
)
@click.option("--verbose", is_flag=True, help="Name the cases that came out as expected, too.")
def policy_test(folders: tuple[Path, ...], threshold: float, report: Path | None, verbose: bool) -> None:
    """Run the cases of policy versions (folders with policy.yaml and cases/; by default this one).

    Outcome coverage counts which statuses each criterion showed, and which checks were true and false, of all
    that are possible. Exit code 1: a case failed, or too little is covered.
    """
    suites = [_suite(folder, threshold, verbose) for folder in folders or (Path(),)]
    if report is not None:
        write(report, junit.document(suites, now()))
    raise SystemExit(0 if all(suite.sound for suite in suites) else FAULTY)


def _suite(folder: Path, threshold: float, verbose: bool) -> junit.Suite:
    found = compiled(folder)
    if found is None:
        return junit.Suite(str(folder), (), {"policy.yaml": ["the policy does not compile"]})
    policy = found.compiled
    title = f"{policy.policy.policy}@{policy.policy.version}"
    try:
        cases = cases_in(folder / "cases", policy)
        of_mappings = mapping_cases_in(folder / "cases", policy)
    except FaultyCases as faulty:
        return junit.Suite(title, (), {name: list(map(_line, faults)) for name, faults in faulty.faults.items()})
    say(f"{folder / 'policy.yaml'}: {title}")
    ran, covered = _ran(policy, cases, verbose), Coverage()
    for each in ran:
        covered.add(each.observed)
    read = _told(mapping_cases.run(policy, of_mappings), verbose)
    share, never = covered.share_of(possible(policy)), tuple(covered.never(policy))
    failed = sum(bool(each.differences) for each in ran) + sum(bool(each.differences) for each in read)
    say(
        f"{len(ran) + len(read)} cases, {failed} failed"
        if ran or read
        else f"no cases: {folder / 'cases'} holds no *.yaml"
    )
    say(f"outcome coverage {share.percent:.1f} %: {share.seen} of {share.total} outcomes seen")
    for line in never:
        say(f"  {line}")
    # Not `<`, so that no comparison with what is no number lets anything through.
    enough = bool(ran or read) and share.seen * 100 >= threshold * share.total
    if not enough:
        say(f"at least {threshold:g} % must be covered", "red")
    return junit.Suite(
        title, (*ran, *read), {} if enough else {"outcome coverage": list(never) or ["there are no cases"]}
    )


def _ran(policy: CompiledPolicy, cases: tuple[Case, ...], verbose: bool) -> list[Ran]:
    return _told(run(policy, cases), verbose)


def _told(ran: Iterable[R], verbose: bool) -> list[R]:
    result = []
    for each in ran:
        result.append(each)
        named = f"{each.case.file}:{each.case.line}  {each.case.name}"
        if each.differences:
            say(f"FAIL  {named}", "red")
            for difference in each.differences:
                say(f"        {difference.what}")
                say(f"          - {difference.expected}", "red")
                say(f"          + {difference.got}", "green")
                if difference.note:
                    say(f"            {difference.note}")
        elif verbose:
            say(f"ok    {named}")
    return result


def _line(fault: Fault) -> str:
    return f"line {fault.line}: {fault.path} {fault.message}" if fault.line else f"{fault.path} {fault.message}"
