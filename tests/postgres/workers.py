"""What the processes of the herd do, on the database that the environment names."""

import json
import os
import sys
import time
from datetime import timedelta
from pathlib import Path

from ortool.people.person import Actor
from ortool.services.booking import Clash, book
from ortool.services.people import find_person
from ortool.services.theatre import Theatre, open_theatre
from tests.services.suite import MORNING, settings

EVERY = timedelta(hours=2)


def say(*words: object) -> None:
    """Print a line at once."""
    print(*words, flush=True)


def wait_for(signal: Path) -> None:
    """Wait until everybody may begin."""
    say("ready")
    while not signal.exists():
        time.sleep(0.002)


def book_rounds(theatre: Theatre, nurse: Actor, plan: dict[str, list[str]], shift: int) -> None:
    """Want the same room and time as everybody else, round after round."""
    for number, case_id in enumerate(plan["cases"]):
        start = MORNING + number * EVERY + timedelta(minutes=shift)
        try:
            book(theatre, nurse, case_id, "OR1", start, 60)
        except Clash:
            say("clash", number)
        else:
            say("won", number)


def main() -> None:
    """Book as the second argument says, once the file of the first is there."""
    asked = json.loads(sys.argv[2])
    theatre = open_theatre(settings(database_url=os.environ["ORTOOL_DATABASE_URL"], rooms_per_surgeon=9))
    nurse = Actor(find_person(theatre, "n1"))
    wait_for(Path(sys.argv[1]))
    book_rounds(theatre, nurse, asked, asked["shift"])
    theatre.close()


if __name__ == "__main__":
    main()
