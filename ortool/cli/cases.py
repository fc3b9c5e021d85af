"""`ortool case`: add, list, show, cancel and import cases."""

from typing import Annotated

import typer

from ortool.cli.case_waiting import change_case, waiting_cases
from ortool.cli.importing import import_command
from ortool.cli.session import actor_of, opened

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Add, list, show, cancel and import cases; the waiting list.",
)
app.command("import", epilog="Example: ortool case import monday.csv --column name=Patient --by co1")(import_command)
app.command("waiting", epilog="Example: ortool case waiting --json")(waiting_cases)
app.command("change", epilog="Example: ortool case change 1011 --priority 1 --due 2026-12-01 --by co1")(change_case)

Number = Annotated[str, typer.Argument(metavar="CASE", help="The case's number.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command(
    "add",
    epilog='Example: ortool case add --hospital-number S-1 --name "Test, Ann" --procedure tlif --surgeon sp2 --by co1',
)
def add(  # noqa: PLR0917 each is an option of its own
    ctx: typer.Context,
    hospital_number: Annotated[str, typer.Option(metavar="TEXT", help="The patient's hospital number.")],
    name: Annotated[str, typer.Option(metavar="TEXT", help="The patient's name.")],
    procedure: Annotated[str, typer.Option(metavar="ID", help="The procedure, by its id.")],
    surgeon: Annotated[str, typer.Option(metavar="PERSON", help="Id, initials or name.")],
    born: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="Date of birth.")] = "",
    levels: Annotated[str, typer.Option(metavar="TEXT", help="For example L4-5, or L3-5 for two levels.")] = "",
    side: Annotated[str, typer.Option(metavar="SIDE", help="left, right, both or midline.")] = "",
    anaesthetist: Annotated[str, typer.Option(metavar="PERSON", help="Id, initials or name.")] = "",
    urgency: Annotated[str, typer.Option(metavar="WORD", help="elective, urgent or emergency.")] = "elective",
    allergies: Annotated[str, typer.Option(metavar="TEXT", help="As the patient says them.")] = "",
    neuromonitoring: Annotated[bool | None, typer.Option("--neuromonitoring/--no-neuromonitoring")] = None,
    notes: Annotated[str, typer.Option(metavar="TEXT", help="Anything the team must know.")] = "",
    priority: Annotated[int, typer.Option(min=1, max=5, help="On the waiting list: 1 goes first.")] = 3,
    since: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="Waits since; without it today.")] = "",
    due: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="To be done by this day at the latest.")] = "",
    needs: Annotated[str, typer.Option(metavar="TEXT", help="Beyond the procedure's needs: c-arm, 2x drill.")] = "",
    as_json: Json = False,
) -> None:
    """Add a case without a slot and print its number."""
    from ortool.cli.output import say, show, show_json
    from ortool.cli.shapes import case_json
    from ortool.schedule.wall_time import read_date
    from ortool.services.cases import NewCase, add_case
    from ortool.services.people import find_person

    with opened(ctx) as theatre:
        actor = actor_of(ctx, theatre)
        new = NewCase(
            hospital_number, name, procedure, find_person(theatre, surgeon).id, read_date(born) if born else None,
            levels, side, find_person(theatre, anaesthetist).id if anaesthetist else "",
            urgency, allergies, neuromonitoring, notes,
            priority, read_date(since) if since else None, read_date(due) if due else None, needs,
        )  # fmt: skip
        case = add_case(theatre, actor, new)
        if as_json:
            show_json(case_json(case, None))
        else:
            show(str(case.number))
            say(f"Case {case.number} is added. `ortool slot book {case.number}` gives it a slot.")


@app.command("list", epilog="Example: ortool case list --day today --json")
def list_cases(
    ctx: typer.Context,
    day: Annotated[str, typer.Option(metavar="DAY", help="today, tomorrow or YYYY-MM-DD; without it every case.")] = "",
    days: Annotated[int, typer.Option(min=1, max=400, help="How many days from there.")] = 1,
    named: Annotated[bool, typer.Option("--named", help="Show each patient's full name.")] = False,
    as_json: Json = False,
) -> None:
    """List cases: of some days by their start, or every case by number.

    A patient is shown by initials and the last three of the hospital number; --named and `case show` give the name.
    """
    from ortool.cli.inputs import read_day
    from ortool.cli.output import show_json, show_list
    from ortool.cli.shapes import case_json, listed_json
    from ortool.presentation import case_lists
    from ortool.presentation.identity import short_identity
    from ortool.presentation.listing import column
    from ortool.services.boards import case_list

    with opened(ctx) as theatre:
        zone = theatre.settings.zone
        found = case_list(theatre, read_day(day, theatre) if day else None, days)
        if as_json:
            show_json([(case_json if named else listed_json)(case, slot) for case, slot in found])
            return
        patients = [case.patient_name if named else short_identity(case) for case, _ in found]
        columns = [
            case_lists.case_column(found),
            column("state", [case.state.value for case, _ in found]),
            column("room", [slot.room_id if slot else "" for _, slot in found]),
            case_lists.start_column(found, zone),
            column("patient", patients, rank=3, least=12),
            case_lists.operation_column(found),
            case_lists.surgeon_column([case.surgeon for case, _ in found]),
        ]
        show_list(columns, "There are no cases.")


@app.command("show", epilog="Example: ortool case show 1004")
def show_case(ctx: typer.Context, case: Number, as_json: Json = False) -> None:
    """Show one case and its slot."""
    from ortool.cli.output import show_fields, show_json
    from ortool.cli.shapes import case_json
    from ortool.presentation.words import clock, day
    from ortool.services.cases import find_case
    from ortool.services.running import open_case

    with opened(ctx) as theatre:
        zone = theatre.settings.zone
        dossier = open_case(theatre, find_case(theatre, case).id)
        one, slot = dossier.case, dossier.slot
        if as_json:
            show_json(case_json(one, slot))
            return
        planned = (
            f"{slot.room}, {day(slot.start, zone)} {clock(slot.start, zone)} to {clock(slot.end, zone)}" if slot else ""
        )
        if slot and slot.cancelled:
            planned += f" ({'cancelled' if one.state.is_cancelled else 'given back'}: {slot.cancel_reason})"
        monitoring = {True: "yes", False: "no", None: "not stated"}[one.neuromonitoring]
        show_fields(
            [
                ("case", one.number), ("state", one.state.value), ("patient", one.patient_name), ("born", one.born),
                ("hospital number", one.hospital_number), ("procedure", one.procedure), ("levels", one.levels),
                ("side", one.side), ("surgeon", one.surgeon), ("anaesthetist", one.anaesthetist),
                ("urgency", one.urgency), ("allergies", one.allergies or "not stated"),
                ("neuromonitoring", monitoring), ("notes", one.notes), ("needs", one.needs),
                ("priority", one.priority), ("waits since", one.waiting_since), ("due", one.due),
                ("slot", planned or "none"),
                ("checklist", dossier.plan.checklist.title if dossier.plan else "none"),
            ]
        )  # fmt: skip


@app.command("cancel", epilog='Example: ortool case cancel 1005 --reason "Patient has fever" --by co1')
def cancel_case(
    ctx: typer.Context,
    case: Number,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; it stands in the journal.")] = "",
    code: Annotated[str, typer.Option(metavar="CODE", help="A coded reason; `ortool slot codes` lists them.")] = "",
) -> None:
    """Cancel a case, also one that waits, and give its slot back. A reason or a code is asked for."""
    from ortool.cli.output import say
    from ortool.services.booking import cancel
    from ortool.services.cases import find_case

    with opened(ctx) as theatre:
        found = find_case(theatre, case)
        slot = cancel(theatre, actor_of(ctx, theatre), found.id, reason, code)
        say(f"Case {found.number} is cancelled{' and its slot is free' if slot else '; it waits no more'}.")
