"""`ortool slot`: book, move, cancel, list and check slots; the day and the week."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from ortool.cli.session import opened
from ortool.cli.slot_changes import (
    Code,
    DryRun,
    Reason,
    confirm_slot,
    done,
    list_codes,
    release_slot,
    swap_slots,
    told,
    undo_slot,
    where_fits,
)
from ortool.errors import BadInput

if TYPE_CHECKING:
    from ortool.services.theatre import Theatre

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Book, move, swap, cancel and list slots; find where a case fits; show the board.",
)

app.command("confirm", epilog="Example: ortool slot confirm 1011 --by co1")(confirm_slot)
app.command("swap", epilog='Example: ortool slot swap 1004 1007 --reason "surgeon late" --by co1')(swap_slots)
app.command("release", epilog="Example: ortool slot release 1005 --code XF03 --by co1")(release_slot)
app.command("undo", epilog="Example: ortool slot undo --by co1")(undo_slot)
app.command("fits", epilog="Example: ortool slot fits 1011 --from tomorrow --days 5")(where_fits)
app.command("codes", epilog="Example: ortool slot codes")(list_codes)

Case = Annotated[str, typer.Argument(metavar="CASE", help="The case's number.")]
Room = Annotated[str, typer.Option(metavar="ROOM", help="The room's id.")]
Start = Annotated[str, typer.Option(metavar="WHEN", help='Local "YYYY-MM-DD HH:MM".')]
Minutes = Annotated[int | None, typer.Option(metavar="N", help="Length in minutes; or give --end.")]
End = Annotated[str, typer.Option(metavar="WHEN", help='Local "YYYY-MM-DD HH:MM", instead of --minutes.')]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command(
    "book", epilog='Example: ortool slot book 1011 --room OR2 --start "2026-11-24 08:00" --minutes 90 --by co1'
)
def book_slot(
    ctx: typer.Context,
    case: Case,
    room: Room,
    start: Start,
    minutes: Minutes = None,
    end: End = "",
    hold: Annotated[bool, typer.Option("--hold", help="Only hold it; `slot confirm` confirms it.")] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Book a slot for a case. A clash is refused in one sentence that names the other case."""
    from ortool.services.booking import book
    from ortool.services.cases import find_case

    with opened(ctx) as theatre:
        begins, length = _span(theatre, start, minutes, end)
        found = find_case(theatre, case)
        slot = done(
            ctx, theatre, dry_run, lambda actor: book(theatre, actor, found.id, room, begins, length, hold=hold)
        )
        told(theatre, [slot], f"Case {found.number} {'would be' if dry_run else 'is'} booked", as_json, found)


@app.command("move", epilog='Example: ortool slot move 1011 --room OR3 --start "2026-11-24 10:00" --by co1')
def move_slot(
    ctx: typer.Context,
    case: Case,
    room: Room,
    start: Start,
    minutes: Minutes = None,
    end: End = "",
    reason: Reason = "",
    code: Annotated[str, typer.Option(metavar="CODE", help="A coded reason, such as F01 or F07.")] = "",
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Move a case's slot to another room or time; without --minutes and --end it stays as long as it was."""
    from ortool.services.booking import move, standing_minutes
    from ortool.services.cases import find_case

    with opened(ctx) as theatre:
        found = find_case(theatre, case)
        if minutes is None and not end.strip():
            minutes = standing_minutes(theatre, found.id)
        begins, length = _span(theatre, start, minutes, end)
        slot = done(
            ctx, theatre, dry_run, lambda actor: move(theatre, actor, found.id, room, begins, length, reason, code)
        )
        told(theatre, [slot], f"Case {found.number} {'would be' if dry_run else 'is'} moved", as_json, found)


@app.command("cancel", epilog='Example: ortool slot cancel 1005 --reason "Patient has fever" --by co1')
def cancel_slot(
    ctx: typer.Context,
    case: Case,
    reason: Reason = "",
    code: Code = "",
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Give a case's slot back and cancel the case. A reason or a code is asked for."""
    from ortool.cli.output import show, show_json
    from ortool.services.booking import cancel
    from ortool.services.cases import find_case

    with opened(ctx) as theatre:
        found = find_case(theatre, case)
        slot = done(ctx, theatre, dry_run, lambda actor: cancel(theatre, actor, found.id, reason, code))
        would = f"Case {found.number} {'would be' if dry_run else 'is'} cancelled"
        if slot is not None:
            told(theatre, [slot], f"{would}; free again", as_json)
        elif as_json:
            show_json(None)
        else:
            show(f"{would}; it had no slot.")


@app.command("check", epilog='Example: ortool slot check 1011 --room OR2 --start "2026-11-24 08:00" --minutes 90')
def check_slot(
    ctx: typer.Context,
    case: Case,
    room: Room,
    start: Start,
    minutes: Minutes = None,
    end: End = "",
    as_json: Json = False,
) -> None:
    """Ask whether a case would fit there. Nothing is written; exit 1 and the nearest start where it would not."""
    from ortool.services.booking import would_fit
    from ortool.services.cases import find_case

    with opened(ctx) as theatre:
        begins, length = _span(theatre, start, minutes, end)
        found = find_case(theatre, case)
        slot = would_fit(theatre, found.id, room, begins, length)
        told(theatre, [slot], f"Case {found.number} would fit", as_json, found)


@app.command("list", epilog="Example: ortool slot list --day 2026-11-23 --days 5 --room OR2")
def list_slots(
    ctx: typer.Context,
    day: Annotated[str, typer.Option(metavar="DAY", help="today, tomorrow or YYYY-MM-DD.")] = "today",
    days: Annotated[int, typer.Option(min=1, max=400, help="How many days from there.")] = 1,
    room: Annotated[str, typer.Option(metavar="ROOM", help="Only this room.")] = "",
    as_json: Json = False,
) -> None:
    """List the slots of some days, cancelled ones too. No patient is named."""
    from ortool.cli.inputs import read_day
    from ortool.cli.output import show_json, show_list
    from ortool.cli.shapes import slot_json
    from ortool.presentation import case_lists
    from ortool.presentation.listing import column
    from ortool.presentation.words import clock
    from ortool.services.boards import case_list

    with opened(ctx) as theatre:
        zone = theatre.settings.zone
        found = [
            (case, slot)
            for case, slot in case_list(theatre, read_day(day, theatre), days)
            if slot and room in ("", slot.room_id)
        ]
        if as_json:
            show_json([{"case": case.number} | slot_json(slot) for case, slot in found])
            return
        columns = [
            column("room", [slot.room_id for _, slot in found]),
            case_lists.day_column(found, zone),
            column("start", [clock(slot.start, zone) for _, slot in found]),
            column("end", [clock(slot.end, zone) for _, slot in found]),
            case_lists.case_column(found),
            case_lists.state_column(found),
            case_lists.operation_column(found),
            case_lists.surgeon_column([case.surgeon for case, _ in found]),
        ]
        show_list(columns, "There are no slots.")


@app.command("board", epilog="Example: ortool slot board --day tomorrow")
def board(
    ctx: typer.Context,
    day: Annotated[str, typer.Option(metavar="DAY", help="today, tomorrow or YYYY-MM-DD.")] = "today",
    as_json: Json = False,
) -> None:
    """Show the day board: each room's cases, planned and actual, and how far each has come."""
    from ortool.cli.inputs import read_day
    from ortool.cli.output import show_json, show_rich, width
    from ortool.presentation.board import board_json, board_table
    from ortool.services.boards import day_board

    with opened(ctx) as theatre:
        found = day_board(theatre, read_day(day, theatre))
        if as_json:
            show_json(board_json(found))
        else:
            show_rich(board_table(found, theatre.settings.zone, width()))


@app.command("week", epilog="Example: ortool slot week --from 2026-11-23 --days 5")
def week(
    ctx: typer.Context,
    start: Annotated[
        str, typer.Option("--from", metavar="DAY", help="today, tomorrow or YYYY-MM-DD; else this week's Monday.")
    ] = "",
    days: Annotated[int, typer.Option(min=1, max=31, help="How many days from there.")] = 7,
    as_json: Json = False,
) -> None:
    """Show the week: how full each room is on each day, whose block it is, what is closed, held (?) and free."""
    from ortool.cli.inputs import read_day
    from ortool.cli.output import say, show_json, show_list
    from ortool.presentation.week import week_columns, week_json
    from ortool.services.waiting import waiting_list
    from ortool.services.weeks import week_of

    with opened(ctx) as theatre:
        found = week_of(theatre, read_day(start, theatre) if start.strip() else None, days)
        if as_json:
            show_json(week_json(found))
            return
        show_list(week_columns(found), "There are no rooms.")
        waiting = waiting_list(theatre)
        overdue = sum(one.overdue > 0 for one in waiting)
        say(f"Waiting for a slot: {len(waiting)}, overdue: {overdue}.")


def _span(theatre: Theatre, start: str, minutes: int | None, end: str) -> tuple[datetime, int]:
    from ortool.cli.inputs import read_when

    begins = read_when(start, theatre.settings.zone)
    if bool(end.strip()) == (minutes is not None):
        raise BadInput("How long is the slot?", "Give either --minutes or --end.")
    if minutes is not None:
        return begins, minutes
    return begins, (read_when(end, theatre.settings.zone) - begins) // timedelta(minutes=1)
