"""`ortool db`: the database."""

from pathlib import Path
from typing import Annotated

import typer

from ortool.cli.session import opened, settings_of

app = typer.Typer(
    rich_markup_mode=None, add_completion=False, no_args_is_help=True, help="Upgrade the database, back it up."
)


@app.callback()
def db() -> None:
    """Upgrade the database, back it up."""


@app.command("backup", epilog="Example: ortool db backup /backup/ortool-monday.db")
def backup(
    ctx: typer.Context,
    target: Annotated[Path, typer.Argument(metavar="FILE", help="A file that does not exist yet.")],
) -> None:
    """Copy the database while it is in use, and verify the journal in the copy."""
    from ortool.cli.output import say, show
    from ortool.errors import BadInput
    from ortool.services.backups import back_up

    if not target.absolute().parent.is_dir():
        raise BadInput(f"There is no folder {target.absolute().parent}.", "Make it first.")
    with opened(ctx) as theatre:
        found = back_up(theatre, target)
    show(str(target))
    say(f"{found.entries} entries were copied and verified up to entry {found.head_seq}, {found.head_hash[:12]}.")


@app.command("upgrade", epilog="Example: ortool db upgrade --application-role ortool_app")
def upgrade(
    ctx: typer.Context,
    role: Annotated[
        str, typer.Option("--application-role", metavar="NAME", help="The PostgreSQL user that the terminals work as.")
    ] = "",
) -> None:
    """Make or upgrade the tables; on PostgreSQL as the owner of the database, which no terminal should be.

    --application-role makes that user where it is missing, and lets it read and write, but never alter the journal.
    """
    from ortool.cli.output import say
    from ortool.services.upgrading import upgrade_database

    for sentence in upgrade_database(settings_of(ctx), role):
        say(sentence)
