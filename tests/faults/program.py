"""The program as it works: the services tick, book and count on a real database, and each deed is acknowledged.

An acknowledgement is given only where a screen would show the tick as done: after the service has returned.
"""

import json
import os
import sys
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from ortool.checklist.commands import AnswerItem, StampMilestone
from ortool.checklist.records import State
from ortool.people.person import Actor
from ortool.services.booking import book, move
from ortool.services.cases import NewCase, add_case
from ortool.services.people import find_person
from ortool.services.running import act
from ortool.services.theatre import open_theatre
from ortool.storage import contract, store
from tests.services.suite import MORNING, Clock, settings


@dataclass(frozen=True)
class Plan:
    """How long the program works. `checkpoint_bytes` is low, so that checkpoints are cut too."""

    cases: int = 6
    ticks: int = 12
    checkpoint_bytes: int = 120_000
    synchronous: str = "FULL"

    def as_words(self) -> str:
        """Return the plan as one word of a command line."""
        return json.dumps(asdict(self))


@contextmanager
def altered(plan: Plan) -> Any:
    """Work with early checkpoints, and for a negative control with a weaker setting than the contract's."""
    before = store.CHECKPOINT_BYTES, contract.prepare, contract.WAL_KEPT_BYTES

    def prepare(connection: Any, key: bytes | None) -> None:
        before[1](connection, key)
        connection.execute(f"PRAGMA synchronous = {plan.synchronous}")

    store.CHECKPOINT_BYTES, contract.prepare = plan.checkpoint_bytes, prepare
    contract.WAL_KEPT_BYTES = plan.checkpoint_bytes // 4
    try:
        yield
    finally:
        store.CHECKPOINT_BYTES, contract.prepare, contract.WAL_KEPT_BYTES = before


def run(path: Path, plan: Plan, acknowledge: Callable[[str], object]) -> None:
    """Carry cases through their first ticks, one booking and one move each."""
    with altered(plan):
        theatre = open_theatre(settings(), path, Clock())
        nurse = Actor(find_person(theatre, "n1"))
        for number in range(plan.cases):
            new = NewCase(f"H{number}", f"Patient {number}", "small-operation", "s1", levels="L4-5")
            case = add_case(theatre, nurse, new, f"add-{number}")
            acknowledge(f"add-{number}")
            start = MORNING + timedelta(hours=2 * number)
            book(theatre, nurse, case.id, "OR1", start, 60, f"book-{number}")
            acknowledge(f"book-{number}")
            if number % 2:
                move(theatre, nurse, case.id, "OR2", start, 45)
                acknowledge(f"moved {case.id}")
            act(theatre, nurse, case.id, StampMilestone("PIR"), f"in-{number}")
            acknowledge(f"in-{number}")
            for tick in range(plan.ticks):
                name = f"tick-{number}-{tick}"
                act(theatre, nurse, case.id, AnswerItem("SI.weight", State.DONE, str(50 + tick)), name)
                acknowledge(name)
        theatre.close()


def main() -> None:
    """Work on the database that the first argument names; print each acknowledgement at once."""
    plan = Plan(**json.loads(sys.argv[2]))
    run(Path(sys.argv[1]), plan, lambda name: os.write(1, f"ack {name}\n".encode()))


if __name__ == "__main__":
    main()
