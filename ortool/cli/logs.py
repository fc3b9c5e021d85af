"""`ortool log`: list, show, sign and amend case logs."""

from typing import Annotated

import typer

from ortool.cli.session import actor_of, opened
from ortool.errors import Refused

app = typer.Typer(
    rich_markup_mode=None, add_completion=False, no_args_is_help=True, help="List, show, sign and amend case logs."
)

Case = Annotated[str, typer.Argument(metavar="CASE", help="The case's number.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list", epilog="Example: ortool log list --day 2026-11-23 --unsigned")
def list_logs(
    ctx: typer.Context,
    day: Annotated[str, typer.Option(metavar="DAY", help="today, yesterday or YYYY-MM-DD; without it all.")] = "",
    days: Annotated[int, typer.Option(min=1, max=400, help="How many days from there.")] = 1,
    unsigned: Annotated[bool, typer.Option("--unsigned", help="Only those still to be signed.")] = False,
    as_json: Json = False,
) -> None:
    """List the cases that have begun, and whether their logs are signed."""
    from ortool.caselog.milestones import CaseState
    from ortool.cli.inputs import read_day
    from ortool.cli.output import show_json, show_list
    from ortool.cli.shapes import stamp
    from ortool.presentation import case_lists
    from ortool.presentation.listing import column
    from ortool.services.boards import case_list

    with opened(ctx) as theatre:
        zone = theatre.settings.zone
        found = [
            (case, slot)
            for case, slot in case_list(theatre, read_day(day, theatre) if day else None, days)
            if case.state.has_started and not (unsigned and case.state is CaseState.SIGNED)
        ]
        if as_json:
            show_json(
                [
                    {
                        "case": case.number,
                        "planned_start": stamp(slot.start) if slot else None,
                        "procedure": case.procedure_id,
                        "surgeon": case.surgeon_id,
                        "state": case.state.value,
                        "signed": case.state is CaseState.SIGNED,
                    }
                    for case, slot in found
                ]
            )
            return
        columns = [
            case_lists.case_column(found),
            case_lists.day_column(found, zone),
            column("state", [case.state.value for case, _ in found]),
            case_lists.operation_column(found),
            case_lists.surgeon_column([case.surgeon for case, _ in found]),
        ]
        show_list(columns, "There are no case logs.")


@app.command("show", epilog="Example: ortool log show 1004")
def show_log(ctx: typer.Context, case: Case, as_json: Json = False) -> None:
    """Show a case log: planned against actual, people, events, counts, departures with their reasons, signatures.

    Each review or follow-up beside the operation has a section of its own.
    """
    from ortool.caselog.report import make_report
    from ortool.cli.output import show_json, show_rich, width
    from ortool.presentation.case_log import case_log_renderable
    from ortool.presentation.case_log_json import case_log_json
    from ortool.services.cases import find_case
    from ortool.services.running import open_log

    with opened(ctx) as theatre:
        settings = theatre.settings
        dossier = open_log(theatre, find_case(theatre, case).id)
        report = make_report(dossier, theatre.now(), settings.late_minutes)
        if as_json:
            show_json(case_log_json(report))
        else:
            show_rich(case_log_renderable(report, settings.zone, width()))


@app.command("sign", epilog="Example: ortool log sign 1004 --by sp1")
def sign_log(ctx: typer.Context, case: Case) -> None:
    """Sign a case log. Only the case's surgeon signs; afterwards it is only amended."""
    from ortool.caselog.dossier import unfinished
    from ortool.cli.output import say
    from ortool.services.cases import find_case
    from ortool.services.running import STATEMENT, open_case, sign

    with opened(ctx) as theatre:
        found = find_case(theatre, case)
        actor = actor_of(ctx, theatre)
        left = unfinished(open_case(theatre, found.id), theatre.now())
        signed = sign(theatre, actor, found.id)
        for sentence in left:
            say(f"Signed with this left open: {sentence}")
        newest = signed.history.signatures[-1]
        say(f'Signed by {actor.person.name}: "{STATEMENT}" It covers {newest.entries} entries, {newest.digest[:12]}.')


@app.command("amend", epilog='Example: ortool log amend 1004 "Drain was removed on day two" --by sp1')
def amend_log(
    ctx: typer.Context, case: Case, text: Annotated[str, typer.Argument(help="The addendum's words.")]
) -> None:
    """Add an addendum to a signed case log; what was signed stays as it is."""
    from ortool.cli.output import say
    from ortool.services.cases import find_case
    from ortool.services.running import add_note, open_case

    with opened(ctx) as theatre:
        found = find_case(theatre, case)
        if not open_case(theatre, found.id).history.is_signed:
            raise Refused(f"Case {found.number} is not signed.", "`ortool run note` adds a note.")
        add_note(theatre, actor_of(ctx, theatre), found.id, text)
        say(f"The addendum stands in the case log of case {found.number}.")
