"""`ortool init`: settings, database, rooms and people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ortool.cli import session
from ortool.cli.session import actor_of, options_of
from ortool.errors import BadInput, Refused

if TYPE_CHECKING:
    from ortool.services.setup import TheatreFile
    from ortool.settings import Settings

app = typer.Typer(rich_markup_mode=None, add_completion=False)

LATER = "`ortool init --theatre FILE` loads rooms, people and procedures"


@app.command("init", epilog='Example: ortool init --site "St Example" --zone Europe/Amsterdam --theatre theatre.toml')
def init(
    ctx: typer.Context,
    site: Annotated[str, typer.Option(metavar="TEXT", help="The site's name.")] = "",
    zone: Annotated[str, typer.Option(metavar="ZONE", help="IANA time zone, for example Europe/Amsterdam.")] = "",
    theatre: Annotated[
        Path | None, typer.Option(metavar="FILE", help="TOML with [site], [[rooms]], [[people]] and [[procedures]].")
    ] = None,
    plain: Annotated[bool, typer.Option("--plain", help="Do not encrypt the database.")] = False,
) -> None:
    """Write the settings, make the database, encrypted, and load rooms, people and procedures.

    On a theatre that exists --theatre adds and renews rooms, people and procedures; its settings are left alone.
    """
    from ortool.cli.inputs import read_utf8
    from ortool.services.encryption import key_file_of, make_key_once
    from ortool.services.setup import TheatreFile, read_theatre_file
    from ortool.services.upgrading import place_of
    from ortool.settings import load_settings, settings_path

    path = options_of(ctx).settings or settings_path()
    file = read_theatre_file(read_utf8(theatre), theatre.name) if theatre else TheatreFile()
    named = options_of(ctx).database
    database = {"database_url": f"sqlite:///{named.absolute()}"} if named else {}
    standing = load_settings(database, path)
    if standing.on_server or standing.database_path.exists():
        if theatre is None:
            hint = f"{LATER} into it; --database names another."
            raise Refused(f"{place_of(standing)} exists already; nothing was changed.", hint)
        _renew(ctx, standing, path, file, bool(site or zone))
        return
    if path.exists() and (site or zone):
        hint = "Edit it, name another with --settings, or leave out --site and --zone to make only the database."
        raise Refused(f"{path} exists already; nothing was changed.", hint)
    values = {"site": site or file.site.name, "time_zone": zone or file.site.time_zone} | database
    stands = standing.model_fields_set if path.exists() else set()
    chosen = {name: value for name, value in values.items() if value and (name in database or name not in stands)}
    in_file = f"{theatre}, [site]"
    typed_as = {"site": "--site" if site else in_file, "time_zone": "--zone" if zone else in_file}
    settings = load_settings(chosen, path, typed_as)
    if "time_zone" not in settings.model_fields_set:
        where = f"Write time_zone into {path}" if path.exists() else "Add --zone"
        raise BadInput("In which time zone is the theatre?", f"{where}, for example Europe/Amsterdam.")
    if not path.exists() and not plain and not settings.key_file:
        chosen["key_file"] = str(key_file_of(settings, path))
        make_key_once(Path(chosen["key_file"]))
        settings = load_settings(chosen, path, typed_as)
    _make(settings, path, file, chosen)


def _make(settings: Settings, path: Path, file: TheatreFile, chosen: dict[str, str]) -> None:
    """Make the database and, where there is none yet, the settings file."""
    from ortool.cli.output import say, show
    from ortool.people.permissions import Grant
    from ortool.services.encryption import escrow
    from ortool.services.sealing import first_key
    from ortool.services.setup import SYSTEM, load_theatre
    from ortool.services.theatre import open_theatre

    opened = open_theatre(settings, now=session.clock, watched=True)
    try:
        load_theatre(opened, SYSTEM, file)
        key = first_key(opened, SYSTEM)
        opened.terminal.remember(opened)
    finally:
        opened.close()
    if not path.exists():
        _write(path, chosen)
    show(str(path))
    say(f"Settings: {path}. Database: {settings.database_path}.")
    say(f"{len(file.rooms)} rooms, {len(file.people)} people, {len(file.procedures)} procedures are loaded.")
    say(f"The journal is sealed with the key {key.id} in {key.path}. Keep a copy of it elsewhere than the database.")
    _say_missing(file)
    for line in escrow(Path(settings.key_file)) if settings.key_file else ["The database is not encrypted."]:
        say(line)
    admin = next((person.id for person in file.people if Grant.ADMIN in (person.given or ())), "")
    first = f"`ortool person pin {admin} --by {admin}`" if admin else "`ortool person grant ID admin`, then `pin ID`"
    say(f"Nobody has a PIN yet, so nobody is proven: {first} begins; the README says who may do what then.")
    say("The shipped checklists are not locally approved: clinical leads must approve each one before it is used.")


def _say_missing(file: TheatreFile) -> None:
    from ortool import shipped
    from ortool.cli.output import say

    if not file.rooms or not file.procedures:
        say(f"{LATER}; an example is {shipped.folder('data') / 'theatre.toml'}.")
    if not file.people:
        say("Nobody is known yet: that file, or `ortool person add`, names the first person.")


def _renew(ctx: typer.Context, settings: Settings, path: Path, file: TheatreFile, left_alone: bool) -> None:
    """Load the file into a database that exists; the settings stay as they are."""
    from ortool.cli.output import say, show
    from ortool.services.people import list_people
    from ortool.services.setup import SYSTEM, load_theatre
    from ortool.services.theatre import open_theatre
    from ortool.services.upgrading import place_of

    theatre = open_theatre(settings, now=session.clock)
    try:
        for notice in theatre.store.notices:
            say(notice)
        first = not options_of(ctx).by and not list_people(theatre)
        done = load_theatre(theatre, SYSTEM if first else actor_of(ctx, theatre), file)
    finally:
        theatre.close()
    show(place_of(settings))
    say(f"{len(file.rooms)} rooms, {len(file.people)} people, {len(file.procedures)} procedures were read.")
    say(f"{done.new} are new, {done.changed} took new words, {done.same} stood so already. Nothing was removed.")
    unused = " --site and --zone were not used." if left_alone else ""
    say(f"Site, time zone and settings are as they were.{unused}")


def _write(path: Path, values: dict[str, str]) -> None:
    lines = ["# Settings of ortool. `ortool doctor` says what is in force."]
    # A JSON string is a TOML basic string too.
    lines += [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", "utf-8")
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.", "Name another with --settings.") from None
