"""What blocks, closures and leave have in common on the command line."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ortool.cli.session import actor_of
from ortool.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from ortool.schedule.recurrence import Series
    from ortool.services.series import Kept, Lying
    from ortool.services.theatre import Theatre

Starts = Annotated[str, typer.Option(metavar="HH:MM", help="From when, in the theatre's clock.")]
Ends = Annotated[str, typer.Option(metavar="HH:MM", help="Until when; 24:00 is the end of the day.")]
From = Annotated[str, typer.Option("--from", metavar="DAY", help="The first day: today, tomorrow or YYYY-MM-DD.")]
Last = Annotated[str, typer.Option("--to", metavar="DAY", help="The last day of one long stretch.")]
Until = Annotated[str, typer.Option(metavar="DAY", help="The last day on which it returns.")]
Rule = Annotated[str, typer.Option(metavar="RRULE", help="When it returns, such as FREQ=MONTHLY;BYDAY=1MO.")]
Every = Annotated[str, typer.Option(metavar="DAYS", help="Or in words: mon,wed or day, weekday, month, year.")]
Weeks = Annotated[int, typer.Option(metavar="N", help="With --every mon,wed: every so many weeks.")]
Title = Annotated[str, typer.Option(metavar="TEXT", help="What it is called; no patient.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be; write nothing.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Ended = Annotated[bool, typer.Option("--ended", help="Those that have ended, too.")]
Which = Annotated[str, typer.Argument(metavar="ID", help="Its id, as listed.")]
Day = Annotated[str, typer.Argument(metavar="DAY", help="today, tomorrow or YYYY-MM-DD.")]


def read_series(
    theatre: Theatre, kind: str, resource: str, first: str, starts: str, ends: str, *, last: str = "", rule: str = "",
    every: str = "", weeks: int = 1, until: str = "", title: str = "", owner: str = "", release_days: int | None = None,
) -> Series:  # fmt: skip
    """Return what was typed as a new series. Raises BadInput."""
    from ortool.cli.inputs import read_day
    from ortool.schedule.recurrence import Series
    from ortool.schedule.windows import WindowKind

    day = read_day(first, theatre)
    later = (read_day(last, theatre) - day).days if last.strip() else _overnight(starts, ends)
    if later < 0:
        raise BadInput(f"It would end on {last} before it begins on {day}.", "Check the two days.")
    written = rule_of(theatre, rule, every, weeks, until)
    return Series(
        "", WindowKind(kind), resource, day, starts, ends, later, owner, title, written, None, release_days
    )  # fmt: skip


def rule_of(theatre: Theatre, rule: str, every: str, weeks: int, until: str, before: str = "") -> str:
    """Return the rule that --rule or --every with --until say, else the one before. Raises BadInput."""
    from ortool.cli.inputs import read_day
    from ortool.schedule.rule_words import rule_of as rule_of_words
    from ortool.schedule.rules import read_rule

    if rule.strip() and every.strip():
        raise BadInput("Both --rule and --every say when it returns.", "Keep one of them.")
    last = read_day(until, theatre) if until.strip() else None
    written = rule_of_words(every, weeks) if every.strip() else rule.strip() or before
    if last is None:
        return written
    if not written:
        raise BadInput("It returns on no other day, so --until says nothing.", "Add --every or --rule.")
    return str(replace(read_rule(written), until=last, count=None))


def owner_of(theatre: Theatre, owner: str, service: str) -> str:
    """Return the owner that --owner or --service name. Raises BadInput."""
    from ortool.services.people import find_person

    if bool(owner.strip()) == bool(service.strip()):
        raise BadInput("A block belongs to a person or to a service.", "Give --owner or --service.")
    return f"person:{find_person(theatre, owner).id}" if owner.strip() else f"service:{service.strip()}"


def found(ctx: typer.Context, theatre: Theatre, kind: str, series_id: str) -> Series:
    """Return the series of a kind that is to be written, by its id. Raises BadInput, first where nobody is known."""
    from ortool.schedule.windows import WindowKind
    from ortool.services.series import find_series

    actor_of(ctx, theatre)
    return find_series(theatre, series_id, WindowKind(kind))


def changed(
    ctx: typer.Context, theatre: Theatre, kind: str, series_id: str, starts: str, ends: str, owner: str, service: str,
    until: str, rule: str, every: str, weeks: int,
) -> Series:  # fmt: skip
    """Return a standing series with what was typed in place of what it says. Raises BadInput."""
    one = found(ctx, theatre, kind, series_id)
    starts, ends = starts.strip() or one.starts, ends.strip() or one.ends
    owned = owner_of(theatre, owner, service) if owner.strip() or service.strip() else one.owner
    written = rule_of(theatre, rule, every, weeks, until, one.rule)
    new = replace(one, starts=starts, ends=ends, days=_overnight(starts, ends), owner=owned, rule=written)
    if new == one:
        raise BadInput("Nothing was said that is otherwise.", "Give --starts, --ends, --owner, --until or --every.")
    return new


def only_hours(*others: str) -> None:
    """Raise BadInput where more than the hours of one day are to be changed."""
    if any(one.strip() for one in others):
        raise BadInput("On one day only the hours can be otherwise.", "Leave --day out to change every day.")


def write(ctx: typer.Context, theatre: Theatre, new: Series, dry_run: bool, as_json: bool) -> None:
    """Set a series and say so."""
    from ortool.services.series import set_series

    actor = actor_of(ctx, theatre)
    _say(theatre, _carried_out(theatre, actor, new, dry_run, lambda: set_series(theatre, actor, new)), dry_run, as_json)


def move_day(
    ctx: typer.Context, theatre: Theatre, kind: str, series_id: str, day: str, starts: str, ends: str,
    dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """Let one day have other hours, and say so."""
    from ortool.cli.inputs import read_day
    from ortool.services.series import change_day

    one, on, actor = found(ctx, theatre, kind, series_id), read_day(day, theatre), actor_of(ctx, theatre)
    before = one.changes.get(on) or one.times
    starts, ends = starts.strip() or before[0], ends.strip() or before[2]
    times = (starts, _overnight(starts, ends), ends)
    kept = _carried_out(theatre, actor, one, dry_run, lambda: change_day(theatre, actor, one.id, on, times))
    _say(theatre, kept, dry_run, as_json)


def cancel(
    ctx: typer.Context, theatre: Theatre, kind: str, series_id: str, day: str, dry_run: bool, as_json: bool
) -> None:
    """Cancel one day, and say so."""
    from ortool.cli.inputs import read_day
    from ortool.services.series import change_day

    one, on, actor = found(ctx, theatre, kind, series_id), read_day(day, theatre), actor_of(ctx, theatre)
    kept = _carried_out(theatre, actor, one, dry_run, lambda: change_day(theatre, actor, one.id, on, None))
    _say(theatre, kept, dry_run, as_json)


def remove(ctx: typer.Context, theatre: Theatre, kind: str, series_id: str, dry_run: bool, as_json: bool) -> None:
    """Take a series away, and say so."""
    from ortool.services.series import Kept, remove_series

    one, actor = found(ctx, theatre, kind, series_id), actor_of(ctx, theatre)
    kept = _carried_out(theatre, actor, one, dry_run, lambda: Kept(remove_series(theatre, actor, one.id)))
    _say(theatre, kept, dry_run, as_json, "would be removed" if dry_run else "is removed")


def show_series(theatre: Theatre, kind: str, ended: bool, as_json: bool) -> None:
    """List the series of a kind."""
    from ortool.cli.output import show_json, show_list
    from ortool.presentation.series import columns, series_json
    from ortool.schedule.windows import WindowKind
    from ortool.services.series import list_series

    listed = list_series(theatre, WindowKind(kind), ended=ended)
    if as_json:
        show_json([series_json(one) for one in listed])
        return
    empty = {"leave": "Nobody is away."}.get(kind, f"There are no {kind}s.")
    show_list(columns(listed, _names(theatre)), empty)


def _overnight(starts: str, ends: str) -> int:
    return 1 if ends.strip().zfill(5) < starts.strip().zfill(5) else 0


def _names(theatre: Theatre) -> dict[str, str]:
    from ortool.services.people import list_people

    return {person.id: person.name for person in list_people(theatre)}


def _carried_out(theatre: Theatre, actor: Any, series: Series, dry_run: bool, act: Any) -> Kept:
    from ortool.services.series import tried, verb_of

    kept: Kept = tried(theatre, actor, verb_of(series.kind), act) if dry_run else act()
    return kept


def _say(theatre: Theatre, kept: Kept, dry_run: bool, as_json: bool, done: str = "") -> None:
    from ortool.cli.output import say, show, show_json
    from ortool.presentation import series as words

    one = kept.series
    if as_json:
        cases = [
            {"case": lying.number, "room": lying.room_id, "start": lying.start.isoformat()} for lying in kept.cases
        ]
        show_json(words.series_json(one) | {"written": not dry_run, "cases_in_it": cases})
    else:
        parts = [
            words.where(one, _names(theatre)),
            words.days(one),
            words.hours(one),
            words.owner(one, _names(theatre)),
        ]
        otherwise = words.changes(one)
        said = ", ".join(part for part in (*parts, otherwise) if part)
        show(f"{one.kind.value.capitalize()} {one.id} {done or ('would be' if dry_run else 'is set')}: {said}.")
    if kept.cases:
        say(cases_words(kept.cases, theatre.settings.zone))


def cases_words(cases: Sequence[Lying], zone: ZoneInfo) -> str:
    """Return which booked cases lie where nothing should, as a sentence."""
    named = ", ".join(f"{one.number} ({one.room_id} {one.start.astimezone(zone):%d %b %H:%M})" for one in cases[:8])
    more = f" and {len(cases) - 8} more" if len(cases) > 8 else ""
    return f"Booked cases lie in it: {named}{more}. They stay; move or cancel them."
