"""`python -m ortool` starts the same program as the `ortool` command."""

from ortool.cli.start import run

run()
