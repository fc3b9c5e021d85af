"""What every command needs: the options given to `ortool`, the theatre they open, and who is entering."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ortool.errors import BadInput

if TYPE_CHECKING:
    import typer

    from ortool.people.person import Actor
    from ortool.services.theatre import Theatre
    from ortool.settings import Settings


@dataclass(frozen=True, slots=True)
class Options:
    """The global options."""

    database: Path | None = None
    settings: Path | None = None
    by: str = ""
    clock_ok: bool = False


def clock() -> datetime:
    """Return the time (UTC)."""
    return datetime.now(UTC)


def options_of(ctx: typer.Context) -> Options:
    """Return the global options of a command."""
    found: Any = ctx.find_root().obj
    return found if isinstance(found, Options) else Options()


def settings_of(ctx: typer.Context) -> Settings:
    """Return the settings in force. Raises BadInput for a named file that is not there."""
    return settings_for(options_of(ctx))


def settings_for(options: Options) -> Settings:
    """Return the settings that the global options leave in force. Raises BadInput for a file that is not there."""
    from ortool.settings import load_settings

    if options.settings is not None and not options.settings.is_file():
        raise BadInput(f"There is no settings file {options.settings}.", "`ortool init` writes one.")
    chosen = {"database_url": f"sqlite:///{options.database.absolute()}"} if options.database else {}
    return load_settings(chosen, options.settings)


def open_theatre_of(ctx: typer.Context) -> Theatre:
    """Open the theatre that the options and settings name. Raises BadInput where there is no database yet."""
    return open_named(options_of(ctx))


def open_named(options: Options) -> Theatre:
    """Open the theatre that the global options name. Raises BadInput where there is no database yet."""
    from ortool.services.theatre import open_theatre

    settings = settings_for(options)
    if not settings.on_server and not settings.database_path.exists():
        raise BadInput(f"There is no database {settings.database_path}.", "Run `ortool init`, or `ortool demo` first.")
    theatre = open_theatre(settings, now=clock, watched=True)
    theatre.attended = False
    if options.clock_ok:
        theatre.terminal.accept_clock()
    return theatre


@contextmanager
def opened(ctx: typer.Context) -> Iterator[Theatre]:
    """Open the theatre for one command, and say what opening it had to do."""
    from ortool.cli.output import say

    theatre = open_theatre_of(ctx)
    try:
        for notice in [*theatre.store.notices, *theatre.terminal.notices, theatre.terminal.alarm]:
            if notice:
                say(notice)
        if theatre.identifies and options_of(ctx).by.strip():
            theatre.reader = actor_of(ctx, theatre)
        yield theatre
    finally:
        theatre.terminal.remember(theatre)
        theatre.close()


def kept_words(theatre: Theatre) -> str:
    """Return the sentence about what is saved at this terminal alone, empty where all is in the database."""
    waiting, _ = theatre.kept_here
    return f"Saved here, {waiting} waiting: the database does not answer; sent when it does." if waiting else ""


def actor_of(ctx: typer.Context, theatre: Theatre) -> Actor:
    """Return who is entering, proven by PIN where people have one. Raises BadInput or Refused."""
    from ortool.people.person import Actor
    from ortool.services.identity import identify
    from ortool.services.people import find_person

    if theatre.reader.is_proven:
        return theatre.reader
    by = options_of(ctx).by
    if not by.strip():
        raise BadInput(
            "Who is entering this?", "Add --by PERSON, or set ORTOOL_PERSON; `ortool person list` names all."
        )
    person = find_person(theatre, by)
    if not theatre.identifies:
        return Actor(person)
    return identify(theatre, person.id, asked_pin(f"PIN of {person.name}"), now=True)


def asked_pin(words: str, new: bool = False, second: bool = False) -> str:
    """Return a PIN: from ORTOOL_PIN (a new one: ORTOOL_NEW_PIN; a second person's: ORTOOL_SECOND_PIN), or asked.

    Raises BadInput.
    """
    import os
    import sys

    variable = "ORTOOL_NEW_PIN" if new else "ORTOOL_SECOND_PIN" if second else "ORTOOL_PIN"
    if given := os.environ.get(variable, ""):
        return given
    if not sys.stdin.isatty():
        raise BadInput(f"{words}?", f"Ask on a terminal, or set {variable}; a PIN is never an option of a command.")
    pin = _unseen(f"{words}: ")
    if new and _unseen("The same again: ") != pin:
        raise BadInput("The two are not the same; nothing was changed.")
    return pin


def _unseen(words: str) -> str:
    """Ask without an echo. Ctrl+C leaves the question, whatever else it may mean in the command."""
    import getpass
    import signal

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return getpass.getpass(words)
    finally:
        signal.signal(signal.SIGINT, before)
