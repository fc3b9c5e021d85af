"""A command group that imports a command only when it is asked for, so that help stays quick."""

import difflib
import importlib
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup

from ortool.errors import BadInput


class Place(NamedTuple):
    """Where a command lives, and the one line that the overview shows of it."""

    module: str
    help: str


COMMANDS: dict[str, Place] = {
    "demo": Place("demo", "Show a sample theatre day in a throw-away database."),
    "init": Place("init", "Write the settings, make the database, load rooms and people."),
    "case": Place("cases", "Add, list, show, cancel and import cases; the waiting list."),
    "slot": Place("slots", "Book, move, swap, cancel and list slots; find where a case fits; show the board."),
    "room": Place("rooms", "List and set rooms: what they can do, opening hours, turnover."),
    "equipment": Place("equipment", "List and set equipment in numbers, implant sets and recovery beds."),
    "forecast": Place("forecasts", "Say when today's cases will end, and what will clash."),
    "plan": Place("plans", "Plan a week's waiting list; re-plan the day after a delay or for an emergency."),
    "block": Place("blocks", "Add, list, change and release owned time."),
    "closure": Place("closures", "Close a room or the whole theatre."),
    "leave": Place("leave", "Enter when people are away."),
    "checklist": Place("checklists", "List, show, check, compare and print checklists."),
    "run": Place("runs", "Work a case's checklist without the screens."),
    "calendar": Place("calendars", "Slots as iCalendar files and feeds; leave and closures from them."),
    "log": Place("logs", "Find, show, sign, amend, count, export and import case logs."),
    "person": Place("people", "Add, list and retire people."),
    "journal": Place("journals", "Verify, show, follow and export the journal."),
    "db": Place("databases", "Upgrade, back up, restore, check and encrypt the database."),
    "downtime": Place("downtime", "Print the day's forms for a dead screen; hold a drill."),
    "serve": Place("serve", "Offer the screens in a browser, behind a login."),
    "doctor": Place("doctor", "Say what is wrong here, and how to mend it."),
}
ANYWHERE = ("--database", "--settings", "--by")
FLAGS = ("--clock-ok",)


class LazyGroup(TyperGroup):
    """The `ortool` command itself."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the commands, as the overview lists them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import and return a command, None where there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"ortool.cli.{COMMANDS[cmd_name].module}")
        command = typer.main.get_command(module.app)
        command.name = cmd_name
        return command

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Return the command that is asked for. Raises BadInput that names the nearest one."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f"Did you mean `ortool {near[0]}`?" if near else "`ortool --help` lists the commands."
            raise BadInput(f"There is no command {args[0][:40]!r}.", hint)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the overview without importing a single command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.help) for name, place in COMMANDS.items()])

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Let the global options stand behind the command too, where people write them."""
        return super().parse_args(ctx, hoisted(args))


def hoisted(args: list[str]) -> list[str]:
    """Return `args` with the global options and their values in front."""
    front: list[str] = []
    rest: list[str] = []
    waiting = list(args)
    while waiting:
        arg = waiting.pop(0)
        if arg == "--":
            return [*front, *rest, arg, *waiting]
        if arg in ANYWHERE:
            front += [arg, *waiting[:1]]
            waiting = waiting[1:]
        elif arg in FLAGS or arg.startswith(tuple(f"{name}=" for name in ANYWHERE)):
            front.append(arg)
        else:
            rest.append(arg)
    return [*front, *rest]
