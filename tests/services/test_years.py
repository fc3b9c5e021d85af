"""The schedule costs in a later year what it costs in the first: counted in steps of the database, not in seconds."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from ortool.services.theatre import Theatre
from tests.benchmarks.years import Place, deeds, made
from tests.faults.place import SQLITE

SMALL = ("room", "person", "equipment", "procedure", "meta", "CONSTANT")
EACH = 20


class Watch:
    """What a theatre's database does: its statements, and how many steps of its machine they took."""

    def __init__(self, theatre: Theatre) -> None:
        self.steps = 0
        self.asked: dict[str, Any] = {}
        for engine in (theatre.store._writer, theatre.store._reader):  # type: ignore[attr-defined]
            event.listen(engine, "checkout", self._begun)
            event.listen(engine, "before_cursor_execute", self._asks)
        theatre.store._leave_writing()  # type: ignore[attr-defined]  # the kept connection is taken anew, and counted

    def _begun(self, connection: Any, *_: object) -> None:
        connection.set_progress_handler(self._step, EACH)

    def _step(self) -> int:
        self.steps += EACH
        return 0

    def _asks(self, _link: object, _cursor: object, statement: str, words: Any, *_: object) -> None:
        self.asked[statement] = words


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, Place]]:
    """A new database, and one that holds a few months more: 10,000 slots."""
    folder: Path = tmp_path_factory.mktemp("years")
    new, old = (made(name, SQLITE, folder, years, 0) for name, years in (("new", 0), ("old", 0.2)))
    yield new, old
    new.theatre.close()
    old.theatre.close()


@contextmanager
def counted(watch: Watch) -> Iterator[list[int]]:
    watch.asked.clear()
    before, found = watch.steps, [0]
    yield found
    found[0] = watch.steps - before


def walked(theatre: Theatre, asked: dict[str, Any]) -> list[str]:
    """Return the statements that walk through a table which grows."""
    found = []
    with theatre.reading() as session:
        connection: Any = session.connection().connection.dbapi_connection
        for statement, words in asked.items():
            if statement.startswith("SELECT"):
                plan = [str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", words).fetchall()]
                found += [f"{one}: {statement}" for one in plan if "SCAN" in one and one.split()[1] not in SMALL]
    return found


def test_no_deed_of_the_schedule_takes_more_steps_in_a_later_year(places: tuple[Place, Place]) -> None:
    watches = [Watch(place.theatre) for place in places]
    each = [deeds(place) for place in places]
    for name in each[0]:
        if name == "open the program and the board":
            continue
        steps = []
        for watch, deed, place in zip(watches, each, places, strict=True):
            with counted(watch) as taken:
                deed[name]()
            steps.append(taken[0])
            assert walked(place.theatre, dict(watch.asked)) == [], name
        assert 0 < steps[1] < 1.1 * steps[0] + 20 * EACH, (name, steps)
