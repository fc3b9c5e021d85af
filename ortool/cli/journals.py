"""`ortool journal`: verify, show, follow and export the journal; its keys and restores."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from ortool.cli.session import actor_of, opened
from ortool.errors import BadInput, GuardsMissing

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Verify, show, follow and export the journal.",
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ALTERED = 1
SHOWN_EVERY = 20_000
FOLLOW_SECONDS, FOLLOW_AT_ONCE = 0.1, 500
HEAD = re.compile(r"([0-9]{1,15}):((?:[0-9a-fA-F]{2}){8,32})")
EXPORT_EXAMPLE = 'ortool journal export day.ndjson --reason "asked by the auditor" --by au1'


@app.command("verify", epilog="Example: ortool journal verify; ortool journal verify --file day.ndjson")
def verify(
    ctx: typer.Context,
    head: Annotated[str, typer.Option(metavar="SEQ:HASH", help="A head from a print or another terminal.")] = "",
    since: Annotated[int, typer.Option(min=0, metavar="SEQ", help="Trust the entries up to this one.")] = 0,
    file: Annotated[Path | None, typer.Option(metavar="FILE", help="An exported file, no database.")] = None,
    as_json: Json = False,
) -> None:
    """Check every link, number, text and signature of the journal, the tables beside it, and heads seen before.

    Exit 0 where it is sound, 1 where something was altered, 3 where it cannot be read.
    """
    from ortool.cli.output import say, show, show_json
    from ortool.services.journals import verify_exported, verify_journal

    known = _head(head)
    try:
        if file is not None:
            found = verify_exported(file, known, _progress())
        else:
            with opened(ctx) as theatre:
                found = verify_journal(theatre, since, known, _progress())
    except GuardsMissing as missing:
        show(str(missing))
        raise typer.Exit(ALTERED) from None
    if as_json:
        show_json(asdict(found))
    else:
        for line in (*found.faults, *found.notes, *found.unseen):
            show(line)
        verdict = "Nothing was altered that can be seen." if not found.faults else "The journal is NOT intact."
        texts = f"{found.secrets} texts, {found.redacted} forgotten"
        if file is not None:
            texts = f"{found.secrets} texts in the file, {found.redacted} not"
        show(f"{found.entries} entries in {found.streams} streams, {texts}, {found.checkpoints} signed checkpoints.")
        show(f"Head: entry {found.head_seq}, {found.head_hash}")
        say(verdict)
    if found.faults:
        raise typer.Exit(ALTERED)


def _head(text: str) -> tuple[int, bytes] | None:
    if not text:
        return None
    match = HEAD.fullmatch(text.strip())
    if match is None:
        raise BadInput(
            f"{text[:60]!r} is no head.", "Write the number and at least 16 digits of its hash: 412:9f3a17c0b2d4e5f6."
        )
    return int(match[1]), bytes.fromhex(match[2])


def _progress() -> Callable[[int], None] | None:
    """Return what shows how far a long verification has come; nothing where nobody would see it."""
    if not sys.stderr.isatty():
        return None
    shown = [0]

    def show(seq: int) -> None:
        if seq - shown[0] >= SHOWN_EVERY:
            shown[0] = seq
            sys.stderr.write(f"\r{seq:,} entries …\r")
            sys.stderr.flush()

    return show


@app.command("export", epilog=f"Example: {EXPORT_EXAMPLE}")
def export(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that does not exist yet.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; it stands in the journal.", prompt="Why")],
    since: Annotated[int, typer.Option(min=0, metavar="SEQ", help="Only entries after this number.")] = 0,
    with_texts: Annotated[
        bool, typer.Option("--with-texts", help="Names, notes and reasons go along: patient data leaves.")
    ] = False,
) -> None:
    """Write the journal to a file of JSON lines that verifies anywhere; that it was done is an entry.

    The format is documented in ortool/journal/ndjson.py; `ortool journal verify --file FILE` checks such a file.
    """
    from ortool.cli.output import say, show
    from ortool.services.journals import export_journal

    with opened(ctx) as theatre:
        head = export_journal(theatre, actor_of(ctx, theatre), file.absolute(), reason, since, with_texts)
    show(str(file))
    words = "with their texts" if with_texts else "without names, notes and reasons"
    say(f"Entries {head.first} to {head.last} were written {words}. Head: {head.last}:{head.head.hex()[:16]}")


@app.command("follow", epilog="Example: ortool journal follow; ortool journal follow --after 400 --json")
def follow(
    ctx: typer.Context,
    after: Annotated[int, typer.Option(metavar="SEQ", help="Begin after this number; -1 means at the end.")] = -1,
    limit: Annotated[int, typer.Option(min=0, metavar="N", help="Leave after so many; 0 means never.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """Show entries as they are written, here or at another terminal, until Ctrl+C. No text and no patient is shown."""
    from ortool.services.journals import newest_seq, recent_entries

    with opened(ctx) as theatre:
        seq, left = newest_seq(theatre) if after < 0 else after, limit or -1
        version = -1
        try:
            while left:
                if (now := theatre.store_version()) == version:
                    time.sleep(FOLLOW_SECONDS)
                    continue
                found = recent_entries(theatre, seq, FOLLOW_AT_ONCE if left < 0 else min(left, FOLLOW_AT_ONCE))
                version = version if found else now
                for entry in found:
                    _show_followed(entry, theatre.settings.zone, as_json)
                    seq, left = entry.seq, left - 1
        except KeyboardInterrupt:
            return


def _show_followed(entry: Any, zone: ZoneInfo, as_json: bool) -> None:
    from ortool.cli.output import show
    from ortool.cli.shapes import entry_json
    from ortool.text import clean

    if as_json:
        show(json.dumps(entry_json(entry), ensure_ascii=False))
    else:
        words = (str(entry.seq), _moment(entry.recorded_at, zone), entry.kind, _what(entry.body), entry.actor)
        show(clean("  ".join(word for word in words if word), 400))
    sys.stdout.flush()


@app.command("key", epilog="Example: ortool journal key; ortool journal key --new --by admin")
def key(
    ctx: typer.Context,
    new: Annotated[bool, typer.Option("--new", help="Take a new key; the old one vouches for it.")] = False,
) -> None:
    """Show the signing keys that this terminal trusts, and which one it seals with; --new takes another one."""
    from ortool.cli.output import say, show_list
    from ortool.presentation.listing import column
    from ortool.services.sealing import keys_here, next_key

    with opened(ctx) as theatre:
        if new:
            made = next_key(theatre, actor_of(ctx, theatre))
            say(f"The journal is sealed with the key {made.id} in {made.path} from now on.")
        found = keys_here(theatre)
    columns = [
        column("key", [one.id for one in found]),
        column("public key", [one.public for one in found]),
        column("", ["seals here" if one.seals else "" for one in found]),
    ]
    show_list(columns, "No signing key is known here; `ortool journal key --new` makes one.")


@app.command("restored", epilog='Example: ortool journal restored --reason "disk failed, backup of Monday" --by it1')
def restored(
    ctx: typer.Context,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why a backup was restored.", prompt="Why")],
) -> None:
    """Write down that this database came back from a backup by hand, so that terminals explain what is lost.

    `ortool db restore` does this by itself.
    """
    from ortool.cli.output import say
    from ortool.services.heads import own_restored

    with opened(ctx) as theatre:
        entry = own_restored(theatre, actor_of(ctx, theatre), reason)
    say(f"Entry {entry.seq} says so. Every terminal that knows later entries will name what is lost.")


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
