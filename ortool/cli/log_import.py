"""`ortool log import`: cases of the past come in from a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ortool.cli.session import actor_of, opened
from ortool.errors import BadInput

if TYPE_CHECKING:
    from ortool.exchange.past_map import PastMap
    from ortool.services.history import ImportedPast

SHOWN = 20


def import_command(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Past cases as CSV (UTF-8) with a header.")],
    map_: Annotated[
        str, typer.Option("--map", metavar="MAP", help="vista, vitaldb, or-utilization, or a TOML file of your own.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be written and write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Read past cases, so that durations and statistics work on the first day. Rows that cannot be read are listed.

    Each case comes in once, however often its file is read; what holds no case is left out, and says why.
    """
    from ortool.cli.output import say, show_json
    from ortool.services.history import import_past
    from ortool.services.setup import SYSTEM

    found, text = _map(map_), _text(file)
    with opened(ctx) as theatre:
        actor = SYSTEM if dry_run and not theatre.identifies else actor_of(ctx, theatre)
        done = import_past(
            theatre, actor, text, found, file.name, dry_run, lambda rows: None if as_json else _tell(rows)
        )
    if as_json:
        show_json(_json(done, file.name))
    else:
        _show(done, file.name)
    if done.faults and not done.new and not done.known:
        say("No row of this file could be read.")
        raise typer.Exit(1)


def _tell(rows: int) -> None:
    from ortool.cli.output import say

    if rows % 5_000 == 0:
        say(f"{rows:,} rows read.")


def _map(name: str) -> PastMap:
    from ortool.cli.inputs import read_utf8
    from ortool.exchange.past_map import BUILT_IN, built_in, read_map

    if name in BUILT_IN or not name.endswith(".toml"):
        return built_in(name)
    return read_map(read_utf8(Path(name)), name)


def _text(file: Path) -> str:
    from ortool.exchange.past_rows import MAX_BYTES
    from ortool.reading import read_plain

    try:
        return read_plain(file, MAX_BYTES).decode("utf-8-sig")
    except FileNotFoundError:
        raise BadInput(f"There is no file {file}.", "Check the name.") from None
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.", "Is it the right file?") from None
    except UnicodeDecodeError as error:
        raise BadInput(f"{file} is not UTF-8 text (byte {error.start + 1}).", "Save it as CSV UTF-8.") from None


def _show(done: ImportedPast, file: str) -> None:
    from ortool.cli.output import say, show
    from ortool.presentation.words import plural

    for fault in done.faults[: SHOWN if done.written else None]:
        column = f', column "{fault.column}"' if fault.column else ""
        say(f"{file}:line {fault.line}{column}: {fault.sentence}")
    if done.written and len(done.faults) > SHOWN:
        say(f"… and {len(done.faults) - SHOWN} more; --dry-run and --json list every one.")
    came = "came in" if done.written else "would come in"
    show(f"{plural(done.rows, 'row')}: {plural(done.new, 'case')} {came}, {done.known} known already, ")
    show(f"{len(done.faults)} could not be read.")
    if done.added:
        show(f"Added: {', '.join(f'{count} {kind}' for kind, count in done.added.items())}.")


def _json(done: ImportedPast, file: str) -> dict[str, Any]:
    return {
        "file": file,
        "written": done.written,
        "rows": done.rows,
        "new": done.new,
        "known": done.known,
        "added": dict(done.added),
        "faults": [{"line": one.line, "column": one.column, "sentence": one.sentence} for one in done.faults],
    }
