"""`ortool slot` once there is one: confirm, swap, put back, take back; and where a case fits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from ortool.cli.session import actor_of, opened

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from ortool.caselog.case import Case as Booked
    from ortool.caselog.case import Slot
    from ortool.people.person import Actor
    from ortool.presentation.listing import Column
    from ortool.schedule.gaps import Gap
    from ortool.services.theatre import Theatre

Case = Annotated[str, typer.Argument(metavar="CASE", help="The case's number.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be; write nothing.")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why; it stands in the journal.")]
Code = Annotated[
    str, typer.Option(metavar="CODE", help="A coded reason, such as XP02; `ortool slot codes` lists them.")
]

_T = TypeVar("_T")


def done(ctx: typer.Context, theatre: Theatre, dry_run: bool, deed: Callable[[Actor], _T]) -> _T:
    """Carry a deed of the schedule out in the name of whoever asks, or only ask what it would come to."""
    from ortool.services.booking import preview

    return preview(theatre, deed) if dry_run else deed(actor_of(ctx, theatre))


def told(theatre: Theatre, slots: list[Slot], what: str, as_json: bool, case: Booked | None = None) -> None:
    """Print slots as they stand now, and what the site wants to be told of them.

    With the case, also how long such a case takes and the chance that the slot is long enough.
    """
    from ortool.cli.output import show, show_json
    from ortool.cli.shapes import slot_json
    from ortool.presentation.forecast_lines import estimate_json, estimate_words
    from ortool.services.histories import estimates

    zone = theatre.settings.zone
    found = estimates(theatre, [case])[case.id] if case else None
    minutes = int(slots[0].length.total_seconds() // 60) if slots else 0
    if as_json:
        shown = [slot_json(slot) | ({"estimate": estimate_json(found, minutes)} if found else {}) for slot in slots]
        show_json(shown[0] if len(shown) == 1 else shown)
        return
    for slot in slots:
        _tell(slot, f"{what}: ", zone)
    if found:
        show(f"Such a case: {estimate_words(found, minutes)}.")


def _tell(slot: Slot, what: str, zone: ZoneInfo) -> None:
    from ortool.cli.output import say, show
    from ortool.presentation.words import clock, day

    when = f"{slot.room}, {day(slot.start, zone)}, {clock(slot.start, zone)} to {clock(slot.end, zone)}"
    show(f"{what}{when}{' (held)' if slot.held else ''}.")
    for warning in slot.warnings:
        say(f"Note: {warning}")


def confirm_slot(ctx: typer.Context, case: Case, as_json: Json = False) -> None:
    """Confirm a slot that was only held."""
    from ortool.services.booking import confirm
    from ortool.services.cases import find_case

    with opened(ctx) as theatre:
        found = find_case(theatre, case)
        slot = confirm(theatre, actor_of(ctx, theatre), found.id)
        told(theatre, [slot], f"Case {found.number} is confirmed", as_json)


def swap_slots(
    ctx: typer.Context,
    case: Case,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The other case's number.")],
    reason: Reason = "",
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Exchange the slots of two cases: each begins where the other did. Both or neither."""
    from ortool.services.booking import swap
    from ortool.services.cases import find_case

    with opened(ctx) as theatre:
        one, two = find_case(theatre, case), find_case(theatre, other)
        slots = done(ctx, theatre, dry_run, lambda actor: swap(theatre, actor, one.id, two.id, reason))
        would = "would lie" if dry_run else "lies"
        if as_json:
            told(theatre, slots, "", as_json)
            return
        for found, slot in zip((one, two), slots, strict=True):
            told(theatre, [slot], f"Case {found.number} {would} in", False)


def release_slot(
    ctx: typer.Context, case: Case, reason: Reason = "", code: Code = "", dry_run: DryRun = False, as_json: Json = False
) -> None:
    """Give a case's slot back; the case waits again for another one."""
    from ortool.services.booking import release
    from ortool.services.cases import find_case

    with opened(ctx) as theatre:
        found = find_case(theatre, case)
        slot = done(ctx, theatre, dry_run, lambda actor: release(theatre, actor, found.id, reason, code))
        told(theatre, [slot], f"Case {found.number} {'would wait' if dry_run else 'waits'} again; free", as_json)


def undo_slot(ctx: typer.Context, dry_run: DryRun = False, as_json: Json = False) -> None:
    """Take back your last change of the schedule, with every slot that it touched; again, the one before."""
    from ortool.cli.output import show
    from ortool.services.cases import find_case
    from ortool.services.undoing import undo_last

    with opened(ctx) as theatre:
        actor = actor_of(ctx, theatre)
        if dry_run:
            from ortool.services.undoing import last_change

            slots, numbers = last_change(theatre, actor), ""
        else:
            back = undo_last(theatre, actor)
            slots, numbers = list(back.slots), ", ".join(str(case.number) for case in back.cases)
        if not slots and not as_json:
            show(f"Taken back; no slot holds case {numbers}." if numbers else "Taken back.")
            return
        if as_json:
            told(theatre, slots, "", as_json)
            return
        stands, free = ("Would stand again", "Would be free again") if dry_run else ("Stands again", "Free again")
        for slot in slots:
            number = find_case(theatre, slot.case_id).number
            _tell(slot, f"{free if slot.cancelled else stands}: case {number}, ", theatre.settings.zone)


def where_fits(
    ctx: typer.Context,
    case: Case,
    first: Annotated[str, typer.Option("--from", metavar="DAY", help="today, tomorrow or YYYY-MM-DD.")] = "today",
    days: Annotated[int, typer.Option(min=1, max=92, help="How many days from there.")] = 14,
    minutes: Annotated[int, typer.Option(min=0, max=1440, help="Length; without it the procedure's own.")] = 0,
    most: Annotated[int, typer.Option(min=1, max=500, help="How many gaps to show.")] = 20,
    any_time: Annotated[
        bool, typer.Option("--any-time", help="At night too, where the site only warns of opening hours.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the open gaps into which a case fits: room, people, equipment, recovery bed, blocks and closures."""
    from ortool.cli.inputs import read_day
    from ortool.cli.output import say, show_json, show_list
    from ortool.services.cases import find_case
    from ortool.services.waiting import where_it_fits
    from ortool.services.weeks import open_gaps

    with opened(ctx) as theatre:
        found = find_case(theatre, case)
        look = where_it_fits if any_time else open_gaps
        gaps = look(theatre, found.id, read_day(first, theatre), days, minutes)
        if as_json:
            show_json([_gap_json(gap) for gap in gaps[:most]])
            return
        show_list(_columns(theatre, gaps[:most]), f"Case {found.number} fits nowhere in these {days} days.")
        if len(gaps) > most:
            say(f"{len(gaps) - most} more; --most shows them.")


def _gap_json(gap: Gap) -> dict[str, object]:
    from ortool.cli.shapes import stamp

    return {
        "room": gap.room,
        "first_start": stamp(gap.first),
        "last_start": stamp(gap.last),
        "minutes": round(gap.length.total_seconds() / 60),
        "warnings": list(gap.warnings),
    }


def _columns(theatre: Theatre, gaps: list[Gap]) -> list[Column]:
    from ortool.presentation.listing import column
    from ortool.presentation.words import clock, day

    zone = theatre.settings.zone
    return [
        column("room", [gap.room for gap in gaps]),
        column("day", [day(gap.first, zone) for gap in gaps]),
        column("start from", [clock(gap.first, zone) for gap in gaps]),
        column("to", [_last(gap, theatre) for gap in gaps]),
        column("note", ["; ".join(gap.warnings) for gap in gaps], rank=0, least=12),
    ]


def _last(gap: Gap, theatre: Theatre) -> str:
    from ortool.presentation.words import clock, day

    zone = theatre.settings.zone
    same = gap.first.astimezone(zone).date() == gap.last.astimezone(zone).date()
    return clock(gap.last, zone) if same else f"{day(gap.last, zone)} {clock(gap.last, zone)}"


def list_codes(ctx: typer.Context, as_json: Json = False) -> None:
    """List the coded reasons for a cancellation or for giving a slot back."""
    from ortool.cli.output import show_json, show_list
    from ortool.presentation.listing import column
    from ortool.schedule.codes import CANCELLATIONS, words_of

    if as_json:
        show_json({code: words_of(code) for code in CANCELLATIONS})
        return
    show_list([column("code", list(CANCELLATIONS)), column("reason", [words_of(code) for code in CANCELLATIONS])], "")
