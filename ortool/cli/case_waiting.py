"""`ortool case waiting` and `change`: who waits for a slot, first who goes first, and how."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ortool.cli.session import actor_of, opened

if TYPE_CHECKING:
    from ortool.caselog.case import Case
    from ortool.caselog.week import Waiting
    from ortool.services.theatre import Theatre

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def waiting_cases(
    ctx: typer.Context,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="Write it here, with its patients, to be imported again."),
    ] = None,
    as_json: Json = False,
) -> None:
    """List the cases without a slot: by priority, then by how long they are overdue, then by how long they wait."""
    from ortool.cli.output import save, show_json, show_list
    from ortool.presentation.identity import short_identity
    from ortool.presentation.listing import column
    from ortool.services.waiting import export_waiting, waiting_list

    with opened(ctx) as theatre:
        if csv is not None:
            save(csv, export_waiting(theatre))
            return
        found = waiting_list(theatre)
        if as_json:
            show_json([_json(one) for one in found])
            return
        columns = [
            column("case", [one.case.number for one in found]),
            column("priority", [one.case.priority for one in found]),
            column("waits", [f"{one.days} d" for one in found]),
            column("due", [_due(one) for one in found]),
            column("operation", [f"{one.case.procedure_short} {one.case.levels}".strip() for one in found], least=10),
            column("min", [one.minutes for one in found]),
            column("surgeon", [one.case.surgeon for one in found], rank=2, least=10),
            column("patient", [short_identity(one.case) for one in found], rank=1, least=8, may_go=True),
            column("needs", [one.needs for one in found], rank=0, least=8),
        ]
        show_list(columns, "Nobody waits for a slot.")


def _due(one: Waiting) -> str:
    if one.case.due is None:
        return ""
    return f"{one.case.due} (late {one.overdue} d)" if one.overdue else str(one.case.due)


def _json(one: Waiting) -> dict[str, Any]:
    from ortool.cli.shapes import listed_json

    return listed_json(one.case, None) | {
        "minutes": one.minutes,
        "all_needs": one.needs,
        "days_waiting": one.days,
        "days_overdue": one.overdue,
    }


def _team(ctx: typer.Context, theatre: Theatre, case_id: str, surgeon: str, anaesthetist: str) -> Case:
    from ortool.services.people import find_person
    from ortool.services.teams import change_team

    named = [find_person(theatre, one).id if one else "" for one in (surgeon, anaesthetist)]
    return change_team(theatre, actor_of(ctx, theatre), case_id, *named)


def _show_team(case: Case, as_json: bool) -> None:
    """Print who is of a case's team now."""
    from ortool.cli.output import show, show_json
    from ortool.cli.shapes import listed_json

    if as_json:
        show_json(listed_json(case, None))
    else:
        and_who = f" and {case.anaesthetist} (anaesthetist)" if case.anaesthetist else ""
        show(f"Case {case.number} is with {case.surgeon} (surgeon){and_who}.")


def change_case(
    ctx: typer.Context,
    case: Annotated[str, typer.Argument(metavar="CASE", help="The case's number.")],
    priority: Annotated[int | None, typer.Option(min=1, max=5, help="1 goes first.")] = None,
    since: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="Waits since.")] = "",
    due: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="To be done by this day; none: no such day.")] = "",
    needs: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Beyond the procedure's needs: c-arm, 2x drill.")
    ] = None,
    surgeon: Annotated[str, typer.Option(metavar="PERSON", help="Another surgeon; its slot holds them then.")] = "",
    anaesthetist: Annotated[str, typer.Option(metavar="PERSON", help="Another anaesthetist.")] = "",
    as_json: Json = False,
) -> None:
    """Change a case before it begins: how it waits, what it needs beyond its procedure, or its team."""
    from ortool.cli.output import show, show_json
    from ortool.cli.shapes import listed_json
    from ortool.errors import BadInput
    from ortool.schedule.wall_time import read_date
    from ortool.services.cases import find_case
    from ortool.services.waiting import Urgency, change_waiting

    with opened(ctx) as theatre:
        found = find_case(theatre, case)
        if surgeon or anaesthetist:
            if priority or since or due or needs is not None:
                raise BadInput("The team and how a case waits are two changes.", "Change one, then the other.")
            _show_team(_team(ctx, theatre, found.id, surgeon, anaesthetist), as_json)
            return
        without = due.strip().casefold() == "none"
        urgency = Urgency(
            priority,
            read_date(since) if since else None,
            read_date(due) if due and not without else None,
            needs,
            without,
        )
        changed = change_waiting(theatre, actor_of(ctx, theatre), found.id, urgency)
        if as_json:
            show_json(listed_json(changed, None))
        else:
            by = f", due {changed.due}" if changed.due else ""
            show(f"Case {changed.number} waits with priority {changed.priority}{by}.")
