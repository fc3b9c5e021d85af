"""The `ortool` command: the way in, and the edge at which every failure becomes one sentence and an exit code."""

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ortool import __version__
from ortool.cli.lazy import LazyGroup
from ortool.cli.session import Options
from ortool.errors import OrtoolError
from ortool.text import clean

STORAGE_FAULT = 3
INTERRUPTED = 130

app = typer.Typer(
    name="ortool",
    cls=LazyGroup,
    add_completion=False,
    # Rich help costs three times the start, and would read markup from texts.
    rich_markup_mode=None,
    epilog="Example: ortool demo. Exit codes: 0 done, 1 refused by a rule, 2 wrong usage or input, 3 storage fault.",
)


@app.callback(invoke_without_command=True)
def ortool(
    ctx: typer.Context,
    database: Annotated[Path | None, typer.Option(metavar="FILE", help="The database file.")] = None,
    settings: Annotated[Path | None, typer.Option(metavar="FILE", help="The settings file.")] = None,
    by: Annotated[
        str, typer.Option(metavar="PERSON", envvar="ORTOOL_PERSON", help="Who enters this: id, initials or name.")
    ] = "",
    clock_ok: Annotated[
        bool, typer.Option("--clock-ok", help="This computer's clock is right, though it stands before the last entry.")
    ] = False,
    version: Annotated[bool, typer.Option("--version", help="Show the version and leave.")] = False,
) -> None:
    """The operating theatre's day from a terminal: slots, a timed checklist, calendars and a signed case log.

    Without a command the screens open. --database, --settings and --by may stand behind a command too.
    """
    if version:
        sys.stdout.write(f"ortool {__version__}\n")
        raise typer.Exit
    ctx.obj = Options(database, settings, by, clock_ok)
    if ctx.invoked_subcommand is None:
        from ortool.cli.screens import open_screens

        open_screens(ctx)


def run() -> None:
    """Start the program and leave with its exit code."""
    code = main(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read us has gone; nobody is left to tell, and the interpreter must not try at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def main(args: Sequence[str]) -> int:
    """Carry out a command line and return the exit code; every failure is one sentence on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        code = typer.main.get_command(app).main(list(args), prog_name="ortool", standalone_mode=False)
    except OrtoolError as error:
        return _told(str(error), error.exit_code)
    except typer.TyperException as error:
        return _told(_usage(error), 2)
    except typer.Abort:
        return _told("Stopped. Nothing was written.", 1)
    except KeyboardInterrupt:
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):
        # Typer itself leaves only where the reader of our output has gone; what was asked for has been done.
        return 0
    except OSError as error:
        return _told(f"{error.filename or 'The system'}: {error.strerror}.", STORAGE_FAULT)
    except Exception as error:  # noqa: BLE001 the edge: whatever it was, no value of it may be shown
        return _told(_redacted(error), STORAGE_FAULT)
    return code if isinstance(code, int) else 0


def _told(sentence: str, code: int) -> int:
    sys.stderr.write(clean(sentence, 20_000, multiline=True) + "\n")
    return code


def _usage(error: typer.TyperException) -> str:
    message = error.format_message().replace("Value error, ", "")
    context = getattr(error, "ctx", None)
    # A group without its command answers with its help, which needs no pointer to itself.
    if context is None or type(error).__name__ == "NoArgsIsHelpError":
        return message
    return f"{message.rstrip('.')}. See `{context.command_path} --help`."


def _redacted(error: Exception) -> str:
    """Say what kind of fault it was and where, never what it held: that may be a patient."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name} line {frames[-1].lineno}" if frames else ""
    return f"ortool met a fault of its own ({type(error).__name__}{place}). What was acknowledged before is kept."
