"""How long a nurse waits for a tick to be saved, against the bare append of one entry in the same run.

Run by hand: python -m tests.benchmarks.tick [ticks, 400 by default]
"""

import sys
import tempfile
from pathlib import Path

from ortool.checklist.commands import AnswerItem, StampMilestone
from ortool.checklist.records import State
from ortool.journal import log
from ortool.services.booking import book
from ortool.services.running import act, open_case
from ortool.storage.store import cursor_of
from tests.benchmarks.append import BODY, ORIGIN
from tests.benchmarks.measure import line, timed
from tests.services.suite import MORNING, Clock, Suite, furnish, settings


def main() -> None:
    """Print the latency of a tick, in a short and in a long case."""
    ticks = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock()
        suite = Suite(furnish(Path(folder) / "or" / "ortool.db", settings(), clock), clock)
        case, store = suite.case(), suite.theatre.store
        book(suite.theatre, suite.nurse, case.id, "OR1", MORNING, 120)
        nurse = suite.nurse
        act(suite.theatre, nurse, case.id, StampMilestone("PIR"))
        count = iter(range(10**9))

        def tick() -> None:
            answer = AnswerItem("SI.weight", State.DONE, str(50 + next(count) % 100))
            act(suite.theatre, nurse, case.id, answer)

        def append() -> None:
            with store.writing() as session:
                draft = log.Draft("bench", "k", BODY, MORNING, f"b{next(count)}")
                log.append(cursor_of(session), store.site_id, draft, ORIGIN, MORNING)

        bare: list[float] = []
        for length in range(0, ticks, 100):
            bare += timed(append, 100)
            print(line(f"act: ticks {length + 1} to {length + 100} of a case", timed(tick, 100), bare))
        print(line("bare durable append", bare))
        print(line("open_case", timed(lambda: open_case(suite.theatre, case.id), 200)))
        suite.theatre.close()


if __name__ == "__main__":
    main()
