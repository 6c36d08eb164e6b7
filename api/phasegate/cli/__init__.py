"""The server's part of the command `phasegate`: arguments in, exit code out.

Any command loads the modules of all of them, so what only one needs and is slow to load (the web server, the
migrations, the documents) is imported where it is used.
"""

import click

from phasegate.cli.database import db
from phasegate.cli.demo import demo
from phasegate.cli.evaluate import evaluate
from phasegate.cli.mapping import mapping
from phasegate.cli.policy import policy
from phasegate.cli.serve import serve
from phasegate.cli.tokens import token

commands: list[click.Command] = [serve, demo, policy, mapping, evaluate, token, db]
"""Found by `phasegate` through the entry-point group `phasegate.commands`."""
