"""Every command explains itself, and help loads nothing that it does not need."""

import json
import resource
import subprocess
import sys

import pytest
import typer

from ortool.cli.lazy import COMMANDS
from ortool.cli.main import app, main

# Typer itself loads pydantic as soon as a command has parameters; the overview has none to read.
HEAVY = ("sqlmodel", "sqlalchemy", "textual", "icalendar", "rich", "sqlcipher3", "alembic", "yaml", "ortool.services")


def commands(command, path):
    """Yield every command with its path."""
    yield path, command
    context = typer.Context(command)
    for name in command.list_commands(context) if hasattr(command, "list_commands") else ():
        yield from commands(command.get_command(context, name), (*path, name))


ALL = dict(commands(typer.main.get_command(app), ("ortool",)))
LEAVES = [path for path, command in ALL.items() if not hasattr(command, "list_commands")]


def test_the_commands_that_were_promised_are_there():
    promised = """demo; init; case add; case list; case show; case cancel; case import; slot book; slot move;
    slot cancel; slot list; slot check; slot board; checklist list; checklist show; checklist check; run start;
    run answer; run stamp; run gate; run count; run undo; run show; calendar export; log list; log show;
    log sign; log amend; person list;
    person add; person retire; journal verify; journal show; journal follow; journal export; journal key; journal restored; db backup; doctor"""
    assert {tuple(f"ortool {line.strip()}".split()) for line in promised.split(";")} <= set(LEAVES)


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_command_has_help_and_an_example(path):
    command = ALL[path]
    assert command.help, path
    assert command.help.strip().endswith("."), path
    assert (command.epilog or "").startswith(f"Example: {' '.join(path)}"), path


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_parameter_says_what_it_is(path):
    for parameter in ALL[path].params:
        if parameter.name not in ("help", "neuromonitoring"):
            assert getattr(parameter, "help", None), (path, parameter.name)


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_help_is_shown_with_exit_0(path, capsys):
    assert main([*path[1:], "--help"]) == 0
    assert "Usage: ortool" in capsys.readouterr().out


def test_the_overview_names_every_group(capsys):
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in COMMANDS)


@pytest.mark.parametrize("arguments", [["--help"], ["case", "--help"], ["run", "answer", "--help"], ["demo", "--help"]])
def test_help_imports_nothing_heavy(arguments):
    code = (
        "import json, sys\nfrom ortool.cli.main import main\n"
        f"assert main({arguments!r}) == 0\n"
        "print('\\n' + json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert loaded.isdisjoint(HEAVY), loaded & set(HEAVY)
    assert arguments != ["--help"] or "pydantic" not in loaded


def cpu(*command: str) -> float:
    """Return the least CPU seconds of five runs."""
    seconds = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, capture_output=True, check=True, timeout=60)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(seconds)


def test_help_costs_little_more_than_typer_itself():
    bare = cpu(sys.executable, "-c", "import typer")
    assert (
        cpu(sys.executable, "-m", "ortool", "--help") <= 2.5 * bare + 0.02
    )  # the target of 1.7 is held by tests/benchmarks/help.py
