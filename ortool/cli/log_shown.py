"""`ortool log show` and `ortool log replay`: a case log on every face, and the case as it stood at any moment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ortool.cli.session import opened

if TYPE_CHECKING:
    from datetime import datetime

    from ortool.caselog.replay import Replay
    from ortool.caselog.report import CaseReport
    from ortool.services.boards import ToSign
    from ortool.services.theatre import Theatre

Case = Annotated[str, typer.Argument(metavar="CASE", help="The case's number.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ToSignNow = Annotated[
    bool, typer.Option("--to-sign", help="Only those that can be signed now, with what each still lacks.")
]
To = typer.Option(metavar="FILE", help="Write it to this new file.")


def register(app: typer.Typer) -> None:
    """Add the commands to the group `log`."""
    app.command("show", epilog="Example: ortool log show 1004 --pdf log-1004.pdf")(show_log)
    app.command("replay", epilog="Example: ortool log replay 1004 --at 09:45")(replay_log)


def show_log(
    ctx: typer.Context,
    case: Case,
    as_json: Json = False,
    html: Annotated[Path | None, To] = None,
    pdf: Annotated[Path | None, To] = None,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", "--md", metavar="FILE", help="Write it to this new file.")
    ] = None,
) -> None:
    """Show a case log: planned against actual, people, events, counts, departures with their reasons, signatures.

    Each review or follow-up beside the operation has a section of its own. As a file: HTML, PDF, Markdown.
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
        if files := {kind: path for kind, path in (("html", html), ("pdf", pdf), ("markdown", markdown)) if path}:
            _write(theatre, report, files)
        elif as_json:
            show_json(case_log_json(report))
        else:
            show_rich(case_log_renderable(report, settings.zone, width()))


def _write(theatre: Theatre, report: CaseReport, files: dict[str, Path]) -> None:
    from ortool.cli.calendars import write_whole
    from ortool.cli.output import say
    from ortool.exchange.log_html import log_html
    from ortool.exchange.log_markdown import log_markdown
    from ortool.presentation.case_page import case_page

    page = case_page(report, theatre.settings.zone)
    for kind, path in files.items():
        if kind == "pdf":
            from ortool.exchange.log_pdf import log_pdf

            content = log_pdf(page)
        else:
            content = (log_html(page) if kind == "html" else log_markdown(page)).encode()
        write_whole(path, content)
        say(f"{path} holds the case log of case {report.case.number}. It names the patient.")
    for sentence in report.altered:
        say(sentence)


def replay_log(
    ctx: typer.Context,
    case: Case,
    at: Annotated[str, typer.Option("--at", metavar="WHEN", help='HH:MM, or "YYYY-MM-DD HH:MM".')] = "",
    entry: Annotated[int, typer.Option(metavar="SEQ", help="After this entry, instead of at a time.")] = 0,
    as_json: Json = False,
) -> None:
    """Print a case's checklist as it stood on the screen at a moment; without one, list its entries."""
    from ortool.cli.output import show, show_json
    from ortool.cli.run_sheet import RunSheet
    from ortool.errors import BadInput, Refused
    from ortool.services.cases import find_case
    from ortool.services.replaying import replay_of

    with opened(ctx) as theatre:
        settings = theatre.settings
        replay = replay_of(theatre, find_case(theatre, case).id)
        if not at and not entry:
            _list_entries(theatre, replay, as_json)
            return
        places = [index for index, one in enumerate(replay.entries, 1) if one.seq == entry]
        if entry and not places:
            raise BadInput(f"Entry {entry} is none of this case.", "`ortool log replay CASE` lists them.")
        moment = _moment(theatre, replay, at)
        frame = replay.frame(places[0] if entry or moment is None else replay.index_at(moment), moment)
        dossier = frame.dossier
        if dossier.run is None:
            raise Refused(f"{dossier.case.procedure} has no checklist here.", "Ask who keeps the checklists.")
        sheet = RunSheet(dossier, dossier.run, frame.at, settings.zone, settings.late_minutes)
        if as_json:
            show_json(sheet.as_json())
            return
        for line in sheet.lines():
            show(line)


def _moment(theatre: Theatre, replay: Replay, text: str) -> datetime | None:
    """Return the UTC instant that was asked for; a bare HH:MM is one of the day of the operation."""
    from ortool.cli.inputs import read_when
    from ortool.schedule.wall_time import read_instant

    if not text.strip():
        return None
    if len(text.strip()) > 5:
        return read_when(text, theatre.settings.zone)
    last = replay.frame(len(replay)).dossier
    entered = last.run.at_time("PIR") if last.run else None
    day = entered or (last.slot.start if last.slot else theatre.now())
    return read_instant(text, day.astimezone(theatre.settings.zone).date(), theatre.settings.zone)


def _list_entries(theatre: Theatre, replay: Replay, as_json: bool) -> None:
    from ortool.cli.output import show_json, show_table
    from ortool.cli.shapes import stamp
    from ortool.presentation.plain import wall

    zone, names = theatre.settings.zone, replay.frame(len(replay)).dossier.names
    frames = [replay.frame(index) for index in range(1, len(replay) + 1)]
    if as_json:
        show_json(
            [
                {"entry": one.entry.seq, "typed": stamp(one.at), "by": one.by, "what": one.words}
                for one in frames
                if one.entry
            ]
        )
        return
    rows = [(one.entry.seq, wall(one.at, zone), names.get(one.by, one.by), one.words) for one in frames if one.entry]
    show_table(("entry", "typed", "by", "what"), rows, "There are no entries.")


def list_to_sign(ctx: typer.Context, as_json: bool) -> None:
    """List the cases whose logs can be signed, with what each still lacks."""
    from ortool.cli.output import say, show, show_json
    from ortool.services.boards import to_sign

    with opened(ctx) as theatre:
        found = to_sign(theatre)
        if as_json:
            show_json(
                [{"case": one.case.number, "surgeon": one.case.surgeon_id, "lacks": list(one.lacks)} for one in found]
            )
            return
        for one in found:
            show(_heading(one))
            for sentence in one.lacks:
                show(f"  - {sentence}")
        if not found:
            say("No case log waits for its signature.")


def _heading(one: ToSign) -> str:
    case = one.case
    what = " ".join(filter(None, (case.procedure_short or case.procedure, case.levels, case.side)))
    state = "nothing is missing" if not one.lacks else f"{len(one.lacks)} to look at"
    return f"{case.number}  {what}, {case.surgeon} ({case.state.value}): {state}"
