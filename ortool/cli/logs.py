"""`ortool log`: find, show, sign and amend case logs; count them, take them in and out."""

import typer

from ortool.cli import log_entries, log_shown
from ortool.cli.log_export import export_command
from ortool.cli.log_import import import_command
from ortool.cli.log_list import list_command
from ortool.cli.log_stats import stats_command

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Find, show, sign, amend, count, export and import case logs.",
)
app.command("list", epilog="Example: ortool log list --day 2026-11-23 --unsigned")(list_command)
log_shown.register(app)
log_entries.register(app)
app.command("stats", epilog="Example: ortool log stats --day 2026-01-01 --days 90 --html quarter.html")(stats_command)
app.command("export", epilog="Example: ortool log export 2026.csv --day 2026-01-01 --days 365")(export_command)
app.command("import", epilog="Example: ortool log import past.csv --map past.toml --dry-run")(import_command)
