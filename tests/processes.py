"""Programs in processes of their own, forked from a clean server that has everything imported already.

A process is as real as one that a shell starts: its own exit code, its own streams, and it can be shot. What it does
not pay for is a new interpreter with every import, which is most of the time that a short command takes.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(
    [
        "tests.faults.deeds",
        "tests.faults.history",
        "ortool.storage.postgres.store",
        "sqlalchemy.dialects.postgresql.psycopg",
        "argon2",
        "ortool.cli.main",
        "ortool.services.identity",
        "ortool.tui.app",
    ]
)
PATIENCE = 120


def begun(deed: Callable[..., Any], *asked: Any) -> Any:
    """Start a deed in a process of its own; nobody sees what it says."""
    process = CONTEXT.Process(target=_alone, args=(deed, asked, dict(os.environ), os.devnull, os.devnull), daemon=True)
    process.start()
    return process


def ran(
    deed: Callable[..., Any], *asked: Any, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a deed in a process of its own and return how it ended and what it said."""
    with tempfile.TemporaryDirectory() as name:
        out, err = Path(name) / "out", Path(name) / "err"
        whole = dict(os.environ) | dict(env or {})
        process = CONTEXT.Process(target=_alone, args=(deed, asked, whole, str(out), str(err)))
        process.start()
        process.join(PATIENCE)
        if process.is_alive():
            process.kill()
            process.join()
            raise AssertionError(f"it never ended: {asked}")
        said = [file.read_text("utf-8", "replace") if file.exists() else "" for file in (out, err)]
        return subprocess.CompletedProcess([deed.__name__, *map(str, asked)], process.exitcode, *said)


def ortool(*words: str) -> None:
    """Be the `ortool` command."""
    from ortool.cli.start import run

    sys.argv = ["ortool", *words]
    run()


def _alone(deed: Callable[..., Any], asked: tuple[Any, ...], environment: dict[str, str], out: str, err: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for stream, path in ((1, out), (2, err)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(file, stream)
        os.close(file)
    deed(*asked)
