"""`ortool log`: list, show, sign and amend case logs."""

from typing import Annotated

import typer

from ortool.cli import log_entries, log_shown
from ortool.cli.session import opened

app = typer.Typer(
    rich_markup_mode=None, add_completion=False, no_args_is_help=True, help="List, show, sign and amend case logs."
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list", epilog="Example: ortool log list --day 2026-11-23 --unsigned")
def list_logs(
    ctx: typer.Context,
    day: Annotated[str, typer.Option(metavar="DAY", help="today, yesterday or YYYY-MM-DD; without it all.")] = "",
    days: Annotated[int, typer.Option(min=1, max=400, help="How many days from there.")] = 1,
    unsigned: Annotated[bool, typer.Option("--unsigned", help="Only those still to be signed.")] = False,
    to_sign: log_shown.ToSignNow = False,
    as_json: Json = False,
) -> None:
    """List the cases that have begun, and whether their logs are signed."""
    if to_sign:
        log_shown.list_to_sign(ctx, as_json)
        return
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


log_shown.register(app)
log_entries.register(app)
