"""`phasegate policy schema`."""

import json

import click

from phasegate.policies.schema import policy_schema


@click.command(short_help="Print the JSON Schema of a policy file, for editors.")
def schema() -> None:
    """Print the JSON Schema of a policy file, for editors and validators."""
    click.echo(json.dumps(policy_schema(), indent=2, ensure_ascii=False))
