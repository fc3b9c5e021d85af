"""A terminal that guesses a PIN, to be shot between the counting of a try and its verification."""

import os
import signal
from pathlib import Path

from ortool.errors import Refused
from ortool.services import identity
from ortool.services.theatre import open_theatre
from tests.services.suite import settings


def main(folder: Path, what: str) -> None:
    """Guess once and be killed while the guess is hashed; with `guess`, guess and tell."""
    theatre = open_theatre(settings(pepper_file=str(folder / "pepper.key")), folder / "suite.db")
    if what == "shot":
        identity._is_right = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]
    try:
        identity.identify(theatre, "n1", "480261")
    except Refused as refused:
        print(refused)
    theatre.close()
