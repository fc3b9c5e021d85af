"""`ortool journal`: verify and show the journal."""

from dataclasses import asdict
from typing import Annotated

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
    from ortool.cli.output import show_json, show_table
    from ortool.cli.shapes import entry_json
    from ortool.presentation.words import clock, day
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
        rows = [
            (
                entry.seq, day(entry.recorded_at, zone), clock(entry.recorded_at, zone, seconds=True),
                clock(entry.occurred_at, zone, seconds=True), entry.kind, _what(entry.body), entry.actor,
                entry.hash.hex()[:8],
            )
            for entry in found
        ]  # fmt: skip
        show_table(
            ("entry", "day", "recorded", "occurred", "kind", "what", "by", "hash"), rows, "There are no entries."
        )


def _what(body: object) -> str:
    if not isinstance(body, dict):
        return ""
    shown = ("item", "stamp", "moment", "pause", "what", "state", "room", "number", "category", "id")
    return " ".join(str(body[name]) for name in shown if isinstance(body.get(name), str | int) and body.get(name) != "")
