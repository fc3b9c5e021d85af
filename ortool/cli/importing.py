"""`ortool case import`, and every other list that comes in: shown, asked about, all of it or nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ortool.cli.session import actor_of, opened
from ortool.errors import BadInput

if TYPE_CHECKING:
    from ortool.presentation.listing import Column
    from ortool.services.importing import Imported
    from ortool.services.theatre import Theatre


def import_command(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A theatre list as CSV (UTF-8) with a header.")],
    column: Annotated[
        list[str] | None, typer.Option(metavar="FIELD=HEADER", help="Which header stands for a field; may be repeated.")
    ] = None,
    date_order: Annotated[Literal["iso", "dmy", "mdy"], typer.Option(help="How dates are written.")] = "iso",
    waiting: Annotated[
        bool, typer.Option("--waiting", help="A waiting list: cases without a slot, with priority, since, due, needs.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; write when there is no fault.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be written and write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Read a theatre list, show it, ask, and book every case in it. With one fault nothing is written."""
    from ortool.cli.inputs import pairs, read_bytes
    from ortool.services.importing import import_list, import_waiting
    from ortool.services.setup import SYSTEM

    columns = pairs(column or [], "--column name=Patient")
    read_bytes(file)  # a file that is not there is told before anybody is asked who they are
    with opened(ctx) as theatre:
        actor = SYSTEM if dry_run else actor_of(ctx, theatre)

        def read(text: str, only_asked: bool) -> Imported[Any]:
            take = import_waiting if waiting else import_list
            return take(theatre, actor, text, file.name, columns, date_order, only_asked)

        whole = as_json or dry_run
        words = Words(
            "case", "Add" if waiting else "Book", "added" if waiting else "booked",
            waiting_shape if waiting else listed_shape,
        )  # fmt: skip
        show_found = _preview_waiting if waiting else _preview
        import_file(file, read, lambda found: show_found(theatre, found, whole), words, yes, dry_run, as_json)


@dataclass(frozen=True, slots=True)
class Words:
    """What an import is about: what a row is, what is done to it, and how it reads as JSON."""

    each: str
    verb: str
    done: str
    shape: Callable[[Any], dict[str, Any]]

    @property
    def several(self) -> str:
        """Return what several rows are called."""
        return self.each if self.each == "equipment" else f"{self.each}s"

    def count(self, rows: int) -> str:
        """Return `1 case`, `2 cases`, `2 lines of equipment`."""
        from ortool.presentation.words import plural

        return f"{plural(rows, 'line')} of equipment" if self.each == "equipment" else plural(rows, self.each)


def import_file(
    file: Path,
    read: Callable[[str, bool], Imported[Any]],
    preview: Callable[[Imported[Any]], None],
    words: Words,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Read a list, tell its faults or show it, ask, and write it. `read` takes the text and whether only to ask."""
    from ortool.cli.inputs import read_bytes
    from ortool.exchange.theatre_list import decode

    data = read_bytes(file)
    try:
        text = decode(data)
        found = read(text, True)
    except BadInput as wrong:
        raise BadInput(f"{file.name}: {wrong.message}", wrong.hint) from None
    if found.faults:
        _show_faults(found, file.name, words, as_json)
        raise typer.Exit(1)
    if not as_json:
        preview(found)
        _ignored(found)
    if not dry_run and (yes or _confirmed(len(found.listed), words)):
        found = read(text, False)
        if found.faults:  # somebody else wrote meanwhile
            _show_faults(found, file.name, words, as_json)
            raise typer.Exit(1)
    _result(found, file.name, words, as_json)


def _confirmed(rows: int, words: Words) -> bool:
    if not sys.stdin.isatty():
        raise BadInput("Nothing was written: there is nobody to ask.", "Add --yes to write, or --dry-run to look.")
    these = "this" if rows == 1 else "these"
    return typer.confirm(f"{words.verb} {these} {words.count(rows)}?", err=True)


def _preview(theatre: Theatre, found: Imported[Any], whole: bool) -> None:
    from ortool.cli.import_preview import SHOWN, counts, preview_columns
    from ortool.cli.output import say, show
    from ortool.presentation.words import plural
    from ortool.services.cases import procedure_names
    from ortool.services.people import list_people

    zone, listed = theatre.settings.zone, found.listed
    shown = listed if whole else listed[:SHOWN]
    _shown(preview_columns(shown, procedure_names(theatre), list_people(theatre, "surgeon"), zone), len(listed))
    if len(listed) > SHOWN:
        show()
        for line in counts(listed):
            show(line)
    today = theatre.now().astimezone(zone).date()
    if past := sum(one.start.astimezone(zone).date() < today for one in listed):
        say(f"{plural(past, 'case')} of {len(listed)} before today, {today:%a %d %b %Y}.")


def _preview_waiting(theatre: Theatre, found: Imported[Any], whole: bool) -> None:
    from ortool.cli.import_preview import SHOWN, waiting_columns
    from ortool.services.cases import procedure_names
    from ortool.services.people import list_people

    shown = found.listed if whole else found.listed[:SHOWN]
    _shown(waiting_columns(shown, procedure_names(theatre), list_people(theatre, "surgeon")), len(found.listed))


def _shown(columns: list[Column], rows: int) -> None:
    from ortool.cli.output import show, show_list

    show_list(columns, "The list holds no case.")
    if rows > (shown := len(columns[0].forms[0])):
        show(f"… and {rows - shown} more; --dry-run shows every one.")


def _ignored(found: Imported[Any]) -> None:
    from ortool.cli.output import say

    if found.ignored:
        say(f"Columns that are not read: {', '.join(found.ignored)}.")


def _show_faults(found: Imported[Any], file: str, words: Words, as_json: bool) -> None:
    from ortool.cli.output import say, show_json

    if as_json:
        show_json(_json(found, file, words))
        return
    for fault in found.faults:
        column = f', column "{fault.column}"' if fault.column else ""
        say(f"{file}:line {fault.line}{column}: {fault.sentence}")
    say(f"Nothing was written: {len(found.faults)} fault{'s' * (len(found.faults) > 1)} in {file}.")


def _result(found: Imported[Any], file: str, words: Words, as_json: bool) -> None:
    from ortool.cli.output import say, show_json

    rows = words.count(len(found.listed))
    if as_json:
        show_json(_json(found, file, words))
    elif found.written:
        say(f"{rows} {'is' if len(found.listed) == 1 else 'are'} {words.done}.")
    else:
        say(f"Nothing was written. {rows} could be {words.done}.")


def _json(found: Imported[Any], file: str, words: Words) -> dict[str, Any]:
    return {
        "file": file,
        "written": found.written,
        "columns": dict(found.columns),
        "ignored": list(found.ignored),
        "faults": [{"line": one.line, "column": one.column, "sentence": one.sentence} for one in found.faults],
        words.several: [words.shape(one) for one in found.listed],
    }


def listed_shape(one: Any) -> dict[str, Any]:
    """Return a case of a theatre list as JSON."""
    from ortool.cli.shapes import stamp

    return {
        "line": one.line,
        "room": one.room,
        "start": stamp(one.start),
        "minutes": one.minutes,
        "hospital_number": one.hospital_number,
        "procedure": one.procedure,
    }


def waiting_shape(one: Any) -> dict[str, Any]:
    """Return a case of a waiting list as JSON."""
    return {
        "line": one.line,
        "priority": one.priority,
        "since": one.since.isoformat() if one.since else None,
        "due": one.due.isoformat() if one.due else None,
        "needs": one.needs,
        "hospital_number": one.hospital_number,
        "procedure": one.procedure,
    }
