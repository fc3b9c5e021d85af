"""What the processes of the fault tests do. Each prints one line per deed once that deed is acknowledged."""

import json
import sys
import time
from datetime import timedelta
from pathlib import Path

from ortool.checklist.commands import AddToCount, AnswerItem, StampMilestone
from ortool.checklist.records import State
from ortool.journal import log
from ortool.people.person import Actor
from ortool.services.booking import Clash, book
from ortool.services.people import find_person
from ortool.services.running import act
from ortool.services.theatre import Theatre, open_theatre
from ortool.storage.store import cursor_of
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


def append_many(theatre: Theatre, name: str, times: int) -> None:
    """Append entries and tell how long each one took, in milliseconds."""
    origin = log.Origin("n1", "chosen", "device", "boot", 1)
    for number in range(times):
        began = time.perf_counter()
        with theatre.store.writing() as session:
            draft = log.Draft("shared", "k", {"n": number}, MORNING, f"{name}-{number}")
            log.append(cursor_of(session), theatre.store.site_id, draft, origin, MORNING)
        say("took", (time.perf_counter() - began) * 1000)


def tick_for_ever(theatre: Theatre, nurse: Actor, case_id: str) -> None:
    """Tick until somebody pulls the plug; a tick is told only once it is saved."""
    act(theatre, nurse, case_id, StampMilestone("PIR"), f"{case_id}-pir")
    say("saved", f"{case_id}-pir")
    for number in range(100_000):
        name = f"{case_id}-{number}"
        act(theatre, nurse, case_id, AnswerItem("SI.weight", State.DONE, str(50 + number % 100)), name)
        say("saved", name)


def add_many(theatre: Theatre, nurse: Actor, case_id: str, times: int) -> None:
    """Add one sponge at a time."""
    for _ in range(times):
        act(theatre, nurse, case_id, AddToCount("sponges", 1))
        say("saved")


def main() -> None:
    """Do what the first argument says on the database that the second names."""
    what, path, signal, asked = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), json.loads(sys.argv[4])
    theatre = open_theatre(settings(rooms_per_surgeon=9), path)
    nurse = Actor(find_person(theatre, "n1"))
    wait_for(signal)
    if what == "book":
        book_rounds(theatre, nurse, asked, asked["shift"])
    elif what == "append":
        append_many(theatre, asked["name"], asked["times"])
    elif what == "tick":
        tick_for_ever(theatre, nurse, asked["case"])
    elif what == "add":
        add_many(theatre, nurse, asked["case"], asked["times"])
    theatre.close()


if __name__ == "__main__":
    main()
