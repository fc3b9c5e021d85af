"""`ortool init`: settings, database, rooms and people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ortool.cli import session
from ortool.cli.session import options_of
from ortool.errors import BadInput, Refused

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command("init", epilog='Example: ortool init --site "St Example" --zone Europe/Amsterdam --theatre theatre.toml')
def init(
    ctx: typer.Context,
    site: Annotated[str, typer.Option(metavar="TEXT", help="The site's name.")] = "",
    zone: Annotated[str, typer.Option(metavar="ZONE", help="IANA time zone, for example Europe/Amsterdam.")] = "",
    theatre: Annotated[
        Path | None, typer.Option(metavar="FILE", help="TOML with [site], [[rooms]], [[people]] and [[procedures]].")
    ] = None,
) -> None:
    """Write the settings, make the database, and load rooms, people and procedures. Nothing is ever overwritten."""
    from ortool.cli.inputs import read_utf8
    from ortool.cli.output import say, show
    from ortool.services.setup import SYSTEM, TheatreFile, load_theatre, read_theatre_file
    from ortool.services.theatre import open_theatre
    from ortool.settings import load_settings, settings_path

    options = options_of(ctx)
    path = options.settings or settings_path()
    if path.exists():
        raise Refused(f"{path} exists already; nothing was changed.", "Edit it, or name another with --settings.")
    file = read_theatre_file(read_utf8(theatre), theatre.name) if theatre else TheatreFile()
    values = {"site": site or file.site.name, "time_zone": zone or file.site.time_zone}
    if not values["time_zone"]:
        raise BadInput("In which time zone is the theatre?", "Add --zone, for example --zone Europe/Amsterdam.")
    if options.database:
        values["database_url"] = f"sqlite:///{options.database.absolute()}"
    chosen = {name: value for name, value in values.items() if value}
    settings = load_settings(chosen, path)
    if settings.database_path.exists():
        raise Refused(f"{settings.database_path} exists already; nothing was changed.", "Name another with --database.")
    opened = open_theatre(settings, now=session.clock)
    try:
        load_theatre(opened, SYSTEM, file)
    finally:
        opened.close()
    _write(path, chosen)
    show(str(path))
    say(f"Settings: {path}. Database: {settings.database_path}.")
    say(f"{len(file.rooms)} rooms, {len(file.people)} people, {len(file.procedures)} procedures are loaded.")
    if not file.people:
        say("Nobody is known yet: `ortool person add` adds the first person.")
    say("The shipped checklists are not locally approved: clinical leads must approve each one before it is used.")


def _write(path: Path, values: dict[str, str]) -> None:
    lines = ["# Settings of ortool. `ortool doctor` says what is in force."]
    # A JSON string is a TOML basic string too.
    lines += [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", "utf-8")
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.", "Name another with --settings.") from None
