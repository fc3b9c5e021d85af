"""`ortool db`: the database: backed up, restored, checked, drilled, encrypted, upgraded."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ortool.cli.session import actor_of, clock, opened, options_of, settings_of

if TYPE_CHECKING:
    from ortool.services.backups import Head
    from ortool.settings import Settings

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="The database: back it up, restore it, check it, encrypt it, upgrade it.",
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.callback()
def db() -> None:
    """The database: back it up, restore it, check it, encrypt it, upgrade it."""


@app.command("backup", epilog="Example: ortool db backup /backup/ortool-monday.db")
def backup(
    ctx: typer.Context,
    target: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A file that does not exist yet; none: the backup folder.")
    ] = None,
) -> None:
    """Copy the database while it is in use, and verify the copy by opening it."""
    from ortool.cli.output import say, show
    from ortool.errors import BadInput
    from ortool.services.backups import back_up

    if target is not None and not target.absolute().parent.is_dir():
        raise BadInput(f"There is no folder {target.absolute().parent}.", "Make it first.")
    with opened(ctx) as theatre:
        done = back_up(theatre, target)
    show(str(done.file))
    say(f"{done.head.seq} entries were copied and verified, up to {done.head.hash[:12]}. SHA-256 {done.sha256}.")


@app.command("check", epilog="Example: ortool db check")
def check(ctx: typer.Context, as_json: Json = False) -> None:
    """Look at every page of the database and at the whole journal. Exit code 1 where anything is altered."""
    from ortool.cli.output import say, show_json
    from ortool.services.journals import verify_journal
    from ortool.services.restoring import examined

    settings = settings_of(ctx)
    fault = "" if settings.on_server else examined(settings)
    with opened(ctx) as theatre:
        found = verify_journal(theatre)
    faults = [f"the file: {fault}"] * bool(fault) + list(found.faults)
    if as_json:
        show_json(
            {"entries": found.entries, "head_seq": found.head_seq, "head_hash": found.head_hash, "faults": faults}
        )
    else:
        say(f"{found.entries} entries; {'nothing is wrong' if not faults else f'{len(faults)} faults'}.")
        for one in faults:
            say(one)
    if faults:
        raise typer.Exit(1)


@app.command("restore", epilog="Example: ortool db restore /backup/ortool-20261122T101500Z.db --by it1")
def restore(
    ctx: typer.Context,
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
    second: Annotated[str, typer.Option(metavar="PERSON", help="A second administrator, where people have PINs.")] = "",
    yes: Yes = False,
) -> None:
    """Put a backup in the place of the database, after it was rehearsed; the former database is kept beside it.

    It says first what would be lost. Terminals that have the former database open are told, and write nothing into it.
    """
    from ortool.cli.output import say, show
    from ortool.services import restoring

    settings = settings_of(ctx)
    with tempfile.TemporaryDirectory(prefix="ortool-restore-") as folder:
        head = restoring.rehearse(settings, source, Path(folder))
        say(f"{source.name} is sound: {_words(head, settings)}.")
        say(restoring.what_is_lost(settings, head))
        if not yes and not typer.confirm("Restore it?"):
            raise typer.Exit(1)
        theatre = restoring.open_rehearsed(settings, Path(folder), clock)
        try:
            theatre.reader = actor_of(ctx, theatre) if theatre.identifies else theatre.reader
            restoring.seconded(theatre, second, _pin)
            done = restoring.restore(settings, source, theatre)
        finally:
            theatre.close()
    show(str(settings.database_path))
    say(f"Restored up to entry {done.after.seq}. {done.lost} entries are missing.")
    if done.aside:
        say(f"The former database is {done.aside}: keep it until what is missing was entered again.")


@app.command("drill", epilog="Example: ortool db drill")
def drill(ctx: typer.Context, as_json: Json = False) -> None:
    """Restore the newest backup to a temporary place; print what a restore today would lose, and how long it takes."""
    from ortool.cli.output import say, show_json
    from ortool.services import backups

    with opened(ctx) as theatre:
        done = backups.drill(theatre)
        settings = theatre.settings
    if as_json:
        missing = [done.head.seq + 1, done.live.seq] if done.lost else []
        body = {"file": done.file.name, "seq": done.head.seq, "missing": missing}
        show_json(body | {"missing_seconds": int(done.span.total_seconds()), "restore_ms": int(done.seconds * 1000)})
        return
    say(f"{done.file.name} can be restored: {_words(done.head, settings)}.")
    lost = f"entries {done.head.seq + 1} to {done.live.seq}" if done.lost else "nothing"
    say(f"Missing would be {lost}, {int(done.span.total_seconds() // 60)} min of work. It took {done.seconds:.1f} s.")


@app.command("encrypt", epilog="Example: ortool db encrypt")
def encrypt(ctx: typer.Context, yes: Yes = False) -> None:
    """Encrypt a database that is not, after a verified backup. The key is a new file; print and seal what is shown."""
    from ortool.cli.output import say, show
    from ortool.services import encryption
    from ortool.settings import settings_path

    settings, file = settings_of(ctx), options_of(ctx).settings or settings_path()
    if not yes and not typer.confirm("Is ortool closed on every terminal?"):
        raise typer.Exit(1)
    aside, copy = encryption.encrypted(settings, file)
    show(str(settings.database_path))
    say(f"Encrypted. Destroy these two plain files once you are sure: {aside} and {copy}.")
    for line in encryption.escrow(encryption.key_file_of(settings, file)):
        say(line)


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


def _pin(words: str) -> str:
    from ortool.cli.session import asked_pin

    return asked_pin(words, second=True)


def _words(head: Head, settings: Settings) -> str:
    at = f", {head.at.astimezone(settings.zone):%a %d %b %Y %H:%M}" if head.at else ""
    return f"{head.seq} entries{at}"
