"""`phasegate policy lint`."""

from pathlib import Path

import click
from msgspec import UNSET

from phasegate.cli.policy.files import FAULTY, FILES, cases_in, compiled, mapping_cases_in, policy_file, say
from phasegate.engine.compile import CompiledPolicy
from phasegate.operations.cases import run
from phasegate.policies.cases.coverage import Coverage
from phasegate.policies.cases.reading import FaultyCases
from phasegate.policies.lint.registry import lint as findings


@click.command(short_help="Find what is wrong in policy files, and what is senseless.")
@FILES
@click.option("--without-cases", is_flag=True, help="Say nothing of what no case shows.")
def lint(files: tuple[Path, ...], without_cases: bool) -> None:
    """Check policy files as publication does, and for what is legal and senseless all the same.

    A folder stands for the policy.yaml in it; the cases are those in cases/ beside the file. Exit code 1 where
    there is anything to say. A finding that is meant so is allowed by a comment above it, with the reason:
    `# lint: allow RULE: reason`.
    """
    sound = [_sound(policy_file(path), without_cases) for path in files]
    raise SystemExit(0 if all(sound) else FAULTY)


def _sound(file: Path, without_cases: bool) -> bool:
    found = compiled(file)
    if found is None:
        return False
    coverage = None
    if not without_cases:
        coverage = _coverage(file.parent / "cases", found.compiled)
        if coverage is None:
            return False
    told = findings(found, coverage)
    for each in told:
        fault = each.fault
        mend = f" ({fault.suggestion})" if fault.suggestion else ""
        say(f"{file}:{fault.line}:{fault.column}: {each.rule}: {fault.message}{mend}", err=True)
    named = f"{found.policy.policy}@{found.policy.version}"
    checks = sum(len(criterion.checks) for criterion in found.policy.criteria)
    verdict = f"compiles, with {len(told)} finding{'s'[: len(told) > 1]}" if told else "is sound"
    say(f"{file}: {named} {verdict}: {len(found.policy.criteria)} criteria, {checks} checks")
    return not told


def _coverage(folder: Path, policy: CompiledPolicy) -> Coverage | None:
    """What the cases in `folder` show; None where they can't be read, which is then told."""
    coverage = Coverage()
    try:
        cases = cases_in(folder, policy)
        of_mappings = mapping_cases_in(folder, policy)
    except FaultyCases:
        return None
    coverage.mappings = {case.mapping for case in of_mappings if case.expect.refused is UNSET}
    for each in run(policy, cases):
        coverage.add(each.observed)
    return coverage
