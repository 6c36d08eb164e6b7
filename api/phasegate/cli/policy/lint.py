"""`phasegate policy lint`."""

from pathlib import Path

import click

from phasegate.cli.policy.files import FAULTY, FILES, compiled, policy_file


@click.command()
@FILES
def lint(files: tuple[Path, ...]) -> None:
    """Check policy files as publication does; a folder stands for the policy.yaml in it."""
    faulty = False
    for path in files:
        found = compiled(path)
        if found is None:
            faulty = True
            continue
        checks = sum(len(criterion.checks) for criterion in found.policy.criteria)
        named = f"{found.policy.policy}@{found.policy.version}"
        click.echo(f"{policy_file(path)}: {named} is sound: {len(found.policy.criteria)} criteria, {checks} checks")
    raise SystemExit(FAULTY if faulty else 0)
