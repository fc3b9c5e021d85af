"""`ortool journal`: verify and show the journal."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from ortool.cli.session import opened

app = typer.Typer(
    rich_markup_mode=None, add_completion=False, no_args_is_help=True, help="Verify and show the journal."
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
FAULTY = 3


@app.command("verify", epilog="Example: ortool journal verify")
def verify(ctx: typer.Context, as_json: Json = False) -> None:
    """Check every link, number and text of the journal. Exit 3 where something was altered."""
    from ortool.cli.output import say, show, show_json
    from ortool.services.journals import verify_journal

    with opened(ctx) as theatre:
        found = verify_journal(theatre)
    if as_json:
        show_json(asdict(found))
    else:
        for fault in found.faults:
            show(fault)
        verdict = "Nothing was altered that can be seen." if not found.faults else "The journal is NOT intact."
        show(f"{found.entries} entries in {found.streams} streams, {found.secrets} texts, {found.redacted} forgotten.")
        show(f"Head: entry {found.head_seq}, {found.head_hash}")
        say(verdict)
    if found.faults:
        raise typer.Exit(FAULTY)


@app.command("show", epilog="Example: ortool journal show --after 400 --limit 20; ortool journal show --case 1004")
def show_journal(
    ctx: typer.Context,
    after: Annotated[int, typer.Option(min=0, metavar="SEQ", help="Only entries after this number.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=100_000, metavar="N", help="At most so many.")] = 200,
    case: Annotated[str, typer.Option(metavar="CASE", help="Only this case's entries, their texts readable.")] = "",
    as_json: Json = False,
) -> None:
    """Show entries of the journal in order. Without --case no free text and no patient is shown."""
    from ortool.cli.output import show, show_json, show_list
    from ortool.cli.shapes import entry_json
    from ortool.presentation.listing import column
    from ortool.services.cases import find_case
    from ortool.services.journals import case_entries, recent_entries

    with opened(ctx) as theatre:
        zone = theatre.settings.zone
        if case:
            own = case_entries(theatre, find_case(theatre, case).id)
            found = [entry for entry in own if entry.seq > after][:limit]
        else:
            found = recent_entries(theatre, after, limit)
        if as_json:
            show_json([entry_json(entry) for entry in found])
            return
        if found:
            show(f"Times in {theatre.settings.time_zone}.")
        columns = [
            column("entry", [entry.seq for entry in found]),
            column("recorded", [_moment(entry.recorded_at, zone) for entry in found]),
            column("occurred", [_occurred(entry, zone) for entry in found]),
            column("kind", [entry.kind for entry in found]),
            column("what", [_what(entry.body) for entry in found], rank=1, least=8),
            column("by", [entry.actor for entry in found], rank=2, least=6),
            column("hash", [entry.hash.hex()[:8] for entry in found], rank=0, may_go=True),
        ]
        show_list(columns, "There are no entries.")


def _clock(moment: datetime, zone: ZoneInfo) -> str:
    """Return a time; one that happens twice in an autumn night carries its offset from UTC."""
    local = moment.astimezone(zone)
    is_twice = local.replace(fold=1 - local.fold).utcoffset() != local.utcoffset()
    return f"{local:%H:%M:%S}{local.isoformat()[-6:] if is_twice else ''}"


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d} {_clock(moment, zone)}"


def _occurred(entry: Any, zone: ZoneInfo) -> str:
    """Return when it happened: the time alone where it was recorded on the same day."""
    same = entry.occurred_at.astimezone(zone).date() == entry.recorded_at.astimezone(zone).date()
    return _clock(entry.occurred_at, zone) if same else _moment(entry.occurred_at, zone)


def _what(body: object) -> str:
    if not isinstance(body, dict):
        return ""
    shown = ("item", "stamp", "moment", "pause", "what", "state", "room", "number", "category", "id")
    return " ".join(str(body[name]) for name in shown if isinstance(body.get(name), str | int) and body.get(name) != "")
