"""`ortool plan`: what the planner proposes, and what of it is booked."""

import typer

from ortool.cli.plan_week import plan_week

app = typer.Typer(
    rich_markup_mode=None, add_completion=False, no_args_is_help=True, help="Let the planner propose slots."
)
app.command("week", epilog="Example: ortool plan week --from 2026-11-30 --seconds 20 --apply --by co1")(plan_week)


@app.callback()
def plan() -> None:
    """Let the planner propose slots."""
