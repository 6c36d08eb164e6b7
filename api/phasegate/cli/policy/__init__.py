"""`phasegate policy`: the workshop for policy files, one command a module."""

import click

from phasegate.cli.policy.diff import diff_policy
from phasegate.cli.policy.lint import lint
from phasegate.cli.policy.publish import publish
from phasegate.cli.policy.render import render
from phasegate.cli.policy.schema import schema
from phasegate.cli.policy.test import policy_test


@click.group()
def policy() -> None:
    """Policy files."""


for command in (lint, policy_test, diff_policy, render, schema, publish):
    policy.add_command(command)
