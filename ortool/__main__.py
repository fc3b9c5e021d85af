"""`python -m ortool` starts the same program as the `ortool` command."""

from ortool.cli.main import run

run()
