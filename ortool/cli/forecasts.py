"""`ortool forecast`: when the cases of a day will end, what will clash, and which room will not close in time."""

from typing import Annotated

import typer

from ortool.cli.session import opened

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command("forecast", epilog="Example: ortool forecast --room OR2")
def forecast(
    ctx: typer.Context,
    day: Annotated[str, typer.Option(metavar="DAY", help="today, tomorrow or YYYY-MM-DD.")] = "today",
    room: Annotated[str, typer.Option(metavar="ROOM", help="Only this room.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Forecast a day: each case's end as P50 with P10 to P90, coming clashes with their reasons, and overtime.

    Every time is an estimate from what has passed and how long such cases took. No patient is named.
    """
    from ortool.cli.inputs import read_day
    from ortool.cli.output import say, show, show_json, show_list
    from ortool.errors import Refused
    from ortool.presentation import forecast_lines as words
    from ortool.presentation.listing import column
    from ortool.presentation.words import clock
    from ortool.services.forecasts import day_forecast

    with opened(ctx) as theatre:
        zone = theatre.settings.zone
        found = day_forecast(theatre, read_day(day, theatre))
        if found is None:
            raise Refused("That day is over: there is nothing to forecast.", "`ortool log list` has what happened.")
        if as_json:
            show_json(words.forecast_json(found, room))
            return
        cases = [one for one in found.cases if room in ("", one.room)]
        columns = [
            column("room", [one.room for one in cases]),
            column("case", [str(one.number) for one in cases]),
            column("planned", [f"{clock(one.planned.start, zone)}–{clock(one.planned.end, zone)}" for one in cases]),
            column("expected", [words.expected_words(one, zone) for one in cases]),
            column("", [words.lateness(one) for one in cases]),
            column(
                "in slot", ["" if one.is_silent or one.is_over else words.percent(one.chance_inside) for one in cases]
            ),
        ]
        show_list(columns, "There are no cases.")
        for clash in found.clashes:
            if room in ("", clash.room, clash.holder_room):
                show(f"{words.clash_words(clash, zone)}.")
        for risk in words.risks(found):
            if room in ("", risk.room):
                show(f"Overtime: {words.overtime_words(risk, zone)}.")
        if cases:
            say("Ends: P50 (P10–P90). Estimates, not promises.")
