"""What the schedule costs in a database of ten years and twenty rooms, against a new one in the same run.

Run by hand: python -m tests.benchmarks.years [years, 10 by default] [entries of the journal, 1000000] [postgresql]
Both databases hold the same three weeks around today; the old one holds the years before, too. The years are put into
the tables at once, without the triggers (they are made again, word for word) and without entries of their own: the
journal holds as many small entries of other streams instead, so `verify_journal` would name every row.
A tenth of the old cases was never carried out here and is still booked: so does a site that runs no checklists.
"""

import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import chain, count, islice
from pathlib import Path
from typing import Any

from sqlmodel import Session

from ortool.journal import log
from ortool.journal.entry import to_micros
from ortool.people.person import Actor
from ortool.services.boards import day_board, day_span
from ortool.services.booking import book, move
from ortool.services.cases import NewCase, add_case
from ortool.services.people import find_person
from ortool.services.setup import SYSTEM, load_theatre, read_theatre_file
from ortool.services.theatre import Theatre, open_theatre
from ortool.services.undoing import undo_last
from ortool.services.upgrading import upgrade_database
from ortool.services.waiting import picture_of, waiting_list, where_it_fits
from ortool.storage.store import Store, cursor_of
from tests.benchmarks.append import BODY
from tests.benchmarks.measure import timed
from tests.faults.place import POSTGRESQL, SQLITE, a_database, at_home
from tests.services.suite import Clock, settings

TODAY = datetime(2036, 11, 24, 6, 0, tzinfo=UTC)
ROOMS, PER_DAY, SURGEONS = 20, 11, 40  # so many slots in two days of a room
BEFORE, AFTER, WAITING = 7, 14, 40
LENGTH, EVERY = timedelta(minutes=75), timedelta(minutes=105)

Row = tuple[Any, ...]
COLUMNS = {
    "op_case": "id, number, hospital_number, patient_name, procedure_id, levels, side, surgeon_id, anaesthetist_id,"
    " urgency, allergies, notes, state, priority, needs, placed",
    "slot": "id, case_id, room_id, start_at, end_at, state, cancel_reason, revision, changed_at",
    "claim": "slot_id, resource, lane, start_at, end_at",
    "case_time": "case_id, stamp, occurred_at, recorded_at, seq",
    "series": "id, kind, resource, owner, title, first_day, starts, days, ends, rule, last_day, source, active,"
    " revision, changed_at",
}


def house() -> str:
    """Return the theatre: twenty rooms, forty surgeons with their anaesthetists, C-arms, sets, beds."""
    words = [f'[[rooms]]\nid = "R{n}"\nname = "Room {n}"\n' for n in range(ROOMS)]
    for n in range(SURGEONS):
        words.append(f'[[people]]\nid = "s{n}"\nname = "Dr S {n}"\ninitials = "S{n}"\nroles = ["surgeon"]\n')
        words.append(f'[[people]]\nid = "a{n}"\nname = "Dr A {n}"\ninitials = "A{n}"\nroles = ["anaesthetist"]\n')
    for name, kind, ready in (("c-arm", "equipment", 0), ("screws", "set", 240), ("pacu", "recovery", 0)):
        words.append(
            f'[[equipment]]\nid = "{name}"\nname = "{name}"\nkind = "{kind}"\nunits = {ROOMS}\nready_minutes = {ready}\n'
        )
    words.append(
        '[[procedures]]\nid = "long"\nname = "An operation"\nshort = "op"\nminutes = 75\n'
        'needs = ["c-arm"]\nrecovery_minutes = 60\n'
    )
    return "".join(words)


@dataclass
class Bulk:
    """The rows of the years, counted on from the first day."""

    first: date
    days: int
    today: date
    number: "count[int]" = field(default_factory=lambda: count(1_000_000))

    def slots(self) -> Iterator[tuple[int, int, int, datetime]]:
        """Yield (number, room, which of the day, start) of every slot."""
        for day in range(self.days):
            midnight = datetime.combine(self.first + timedelta(days=day), datetime.min.time(), UTC)
            for room in range(ROOMS):
                for nth in range(PER_DAY // 2 + (day + room) % 2):
                    yield next(self.number), room, nth, midnight + timedelta(hours=6) + nth * EVERY

    def rows(self) -> Iterator[tuple[str, Row]]:
        """Yield every row with its table."""
        for number, room, nth, start in self.slots():
            case, slot, patient = f"c{number}", f"t{number}", f"P{number}"
            surgeon = (room + start.toordinal()) % SURGEONS
            begin, end = to_micros(start), to_micros(start + LENGTH)
            past = start.date() < self.today
            state = "signed" if past and number % 10 else "booked"
            people = f"s{surgeon}", f"a{surgeon}"
            yield "op_case", (
                case, number, patient, "Made Up", "long", "", "", *people, "elective", "", "", state, 3, "", 1,
            )  # fmt: skip
            yield "slot", (slot, case, f"R{room}", begin, end, "booked", "", 0, begin)
            yield "claim", (slot, f"room:R{room}", 1, begin, to_micros(start + LENGTH + timedelta(minutes=15)))
            for resource in (f"person:{people[0]}", f"person:{people[1]}", f"patient:{patient}"):
                yield "claim", (slot, resource, 1, begin, end)
            yield "claim", (slot, "equipment:c-arm", room + 1, begin, end)
            yield "claim", (slot, "equipment:pacu", room + 1, end, to_micros(start + LENGTH + timedelta(hours=1)))
            if nth == 0:
                yield "claim", (slot, "equipment:screws", room + 1, begin, to_micros(start + timedelta(hours=6)))
            if past:
                yield "case_time", (case, "PIR", begin, begin, 1)
                yield "case_time", (case, "POR", end, end, 1)

    def series(self) -> Iterator[tuple[str, Row]]:
        """Yield the blocks of each room and year, the holidays and everybody's leave; only this year's have not ended."""
        for year in range(self.first.year, self.today.year + 1):
            ends = None if year == self.today.year else f"{year}-12-31"
            for room in range(ROOMS):
                for weekday in ("MO", "TU", "WE", "TH", "FR"):
                    rule, owner = f"FREQ=WEEKLY;BYDAY={weekday}", f"person:s{room}"
                    yield (
                        "series",
                        _series(f"b{year}-{room}-{weekday}", "block", f"room:R{room}", owner, year, rule, ends),
                    )
            for month in range(1, 13):
                day = f"{year}-{month:02}-25"
                yield "series", _series(f"h{year}-{month}", "closure", "all", "", year, "", day, day)
            for person in range(SURGEONS):
                day = f"{year}-{person % 12 + 1:02}-10"
                yield "series", _series(f"l{year}-{person}", "leave", f"person:s{person}", "", year, "", day, day)


def _series(
    name: str, kind: str, resource: str, owner: str, year: int, rule: str, last: str | None, first: str = ""
) -> Row:
    begins = first or f"{year}-01-01"
    return (name, kind, resource, owner, "", begins, "07:00", 0, "17:00", rule, last, "", 1, 0, 0)


def build(theatre: Theatre, years: float, entries: int = 0) -> int:
    """Fill a theatre with three weeks around today and the years before; return how many slots it has."""
    today = TODAY.date()
    before = BEFORE + round(years * 365.25)
    bulk = Bulk(today - timedelta(days=before), before + AFTER, today)
    with theatre.store.writing() as session:
        guards = _without_guards(session)
        rows: dict[str, list[Row]] = {table: [] for table in COLUMNS}
        everything = chain(bulk.series(), bulk.rows())
        while some := list(islice(everything, 10_000)):
            for table, row in some:
                rows[table].append(row)
            for table, many in rows.items():
                _insert(session, table, many)
                many.clear()
        _again(session, guards)
        _append(session, theatre.store.site_id, entries)
    return next(bulk.number) - 1_000_000


def _without_guards(session: Session) -> list[str]:
    cursor = cursor_of(session)
    if session.get_bind().dialect.name != "sqlite":
        cursor.execute("SET LOCAL statement_timeout = 0")
        return []
    cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'claim'")
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f"DROP TRIGGER {name}")
    return [str(sql) for _, sql in found]


def _again(session: Session, guards: list[str]) -> None:
    cursor = cursor_of(session)
    for sql in guards:
        cursor.execute(sql)
    if not guards:
        for table in COLUMNS:
            cursor.execute(f"ANALYZE {table}")


def _insert(session: Session, table: str, rows: list[Row]) -> None:
    if not rows:
        return
    if session.get_bind().dialect.name == "sqlite":
        marks = ", ".join("?" * len(rows[0]))
        cursor_of(session).executemany(f"INSERT INTO {table} ({COLUMNS[table]}) VALUES ({marks})", rows)
        return
    place = {"series": 12, "op_case": 15}.get(table)  # where a whole number stands for yes or no
    plain: Any = session.connection().connection.dbapi_connection
    with plain.cursor().copy(f"COPY {table} ({COLUMNS[table]}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row((*row[:place], bool(row[place]), *row[place + 1 :]) if place else row)


def _append(session: Session, site_id: str, entries: int) -> None:
    """Append small entries of many people and cases, a fifth of them of slots."""
    cursor = cursor_of(session)
    for number in range(entries):
        kind, actor = ("slot.moved" if number % 5 == 0 else "item.answered"), f"s{number % SURGEONS}"
        origin = log.Origin(actor, "chosen", "device", "boot", 1)
        draft = log.Draft(f"case:old{number // 50}", kind, BODY | {"slot": "x"}, TODAY, f"old-{number}")
        log.append(cursor, site_id, draft, origin, TODAY - timedelta(days=30))


@dataclass
class Place:
    """One database that is measured, and the cases that wait in it."""

    name: str
    theatre: Theatre
    reopen: Callable[[], Theatre]
    nurse: Actor
    waiting: list[str] = field(default_factory=list)

    def wait(self, many: int) -> None:
        """Let cases wait."""
        for n in range(many):
            new = NewCase(f"W{n}", "Made Up", "long", surgeon=f"s{n % SURGEONS}", anaesthetist=f"a{n % SURGEONS}")
            self.waiting.append(add_case(self.theatre, self.nurse, new).id)


def made(name: str, store: str, folder: Path, years: float, entries: int) -> Place:
    """Return a database of so many years."""
    clock = Clock(TODAY)
    if store == SQLITE:
        site, path = settings(turnover_minutes=15), folder / f"{name}.db"

        def reopen() -> Theatre:
            return open_theatre(site, path, clock)
    else:
        site = settings(turnover_minutes=15, database_url=a_database())
        upgrade_database(site)

        def reopen() -> Theatre:
            return open_theatre(site, None, clock)

    theatre = reopen()
    load_theatre(theatre, SYSTEM, read_theatre_file(house(), "house"))
    slots = build(theatre, years, entries)
    if isinstance(theatre.store, Store):
        theatre.store._checkpoint_when_large()
    place = Place(name, theatre, reopen, Actor(find_person(theatre, "s0")))
    place.wait(WAITING)
    print(f"{name}: {slots:,} slots, {theatre.newest():,} entries", flush=True)
    return place


NIGHT = datetime(2036, 11, 26, 20, 0, tzinfo=UTC)


def deeds(place: Place) -> dict[str, Callable[[], object]]:
    """Return what is measured, by name."""
    theatre, nurse, chance = place.theatre, place.nurse, random.Random(7)
    today, free = TODAY.date(), place.waiting[WAITING // 2 :]
    place_of = {case: n for n, case in enumerate(free)}
    placed: list[str] = []

    def open_all() -> None:
        again = place.reopen()
        day_board(again)
        again.close()

    def picture() -> None:
        with theatre.reading() as session:
            picture_of(theatre, session, day_span(theatre, today, 7))

    def book_one() -> None:
        case = next(case for case in free if case not in placed)
        book(theatre, nurse, case, f"R{place_of[case]}", NIGHT, 75)
        placed.append(case)

    def move_one() -> None:
        case = chance.choice(placed)
        start = NIGHT + timedelta(days=chance.randrange(1, 9), minutes=5 * chance.randrange(24))
        move(theatre, nurse, case, f"R{place_of[case]}", start, 75)

    return {
        "open the program and the board": open_all,
        "open the board": lambda: day_board(theatre),
        "the picture of a week": picture,
        "find the gaps of two weeks": lambda: where_it_fits(theatre, place.waiting[0], today),
        "the waiting list": lambda: waiting_list(theatre),
        "book": book_one,
        "move": move_one,
        "take back": lambda: undo_last(theatre, nurse),
    }


TIMES = {"find the gaps of two weeks": 5, "open the program and the board": 8, "the picture of a week": 8}


def compare(new: Place, old: Place) -> dict[str, tuple[float, float]]:
    """Return the medians of each deed in both databases, measured in turns."""
    took: dict[str, tuple[list[float], list[float]]] = {}
    each = deeds(new), deeds(old)
    for name in each[0]:
        took[name] = [], []
        for _ in range(TIMES.get(name, 16)):
            for n in (0, 1):
                took[name][n].extend(timed(each[n][name], 1))
    return {name: (statistics.median(one), statistics.median(two)) for name, (one, two) in took.items()}


def main() -> None:
    """Print the medians and their ratios."""
    words = sys.argv[1:]
    store = POSTGRESQL if "postgresql" in words else SQLITE
    years, entries = ([float(word) for word in words if word != "postgresql"] + [10, 1_000_000])[:2]
    with tempfile.TemporaryDirectory() as name, at_home(Path(name)):
        new = made("new", store, Path(name), 0, 0)
        old = made("old", store, Path(name), years, int(entries))
        for deed, (one, two) in compare(new, old).items():
            print(f"{deed:<32} new {one:8.2f} ms   old {two:8.2f} ms   ratio {two / one:5.2f}", flush=True)
        new.theatre.close()
        old.theatre.close()


if __name__ == "__main__":
    main()
