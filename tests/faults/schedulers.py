"""Forty people change one schedule at once, in every way that there is."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any
from unittest import mock

import psycopg
from sqlcipher3 import dbapi2

from ortool.errors import BadInput, Refused, Unanswered
from ortool.people.permissions import Verb
from ortool.people.person import Actor
from ortool.services import arranging, setup
from ortool.services.booking import book, cancel, confirm, move, release, swap
from ortool.services.journals import verify_journal
from ortool.services.people import find_person
from ortool.services.theatre import Theatre
from ortool.services.undoing import undo_last
from tests.faults import accepted, crowd
from tests.faults.accepted import MINUTE
from tests.faults.crowd import Say
from tests.faults.deeds import Wait, at_desk
from tests.faults.outcome import Outcome
from tests.faults.place import SQLITE, Where, place, where_is
from tests.services.suite import MORNING, Suite

ROOMS, PEOPLE, TURNOVER, ROOM_TURNOVER = 6, 12, 15, {"OR2": 30}
SITE = {"rooms_per_surgeon": 2, "turnover_minutes": TURNOVER}
# Of each procedure: what it needs and how many, its own turnover, its minutes in a recovery bed.
PROCEDURES: dict[str, tuple[dict[str, int], int | None, int]] = {
    "plain": ({}, None, 0),
    "imaged": ({"c-arm": 1}, None, 0),
    "doubly": ({"c-arm": 2}, 45, 0),
    "screwed": ({"screws": 1}, None, 45),
    "slept": ({}, 5, 90),
}
KINDS = {"c-arm": ("equipment", 2, 0), "screws": ("set", 3, 120), "pacu": ("recovery", 3, 10)}
UNITS = {"person": 2} | {f"equipment:{name}": units for name, (_, units, _) in KINDS.items()}
WAYS = {"book": 8, "hold": 3, "confirm": 2, "move": 5, "swap": 3, "release": 2, "cancel": 2, "undo": 3}
SHORT = 1_000  # with fewer commands, chance may leave a way or two without success


def house() -> str:
    """Return the suite's rooms, surgeons, equipment and procedures."""
    words = [
        f'[[rooms]]\nid = "OR{n}"\nname = "Theatre {n}"\n'
        + (f"turnover = {ROOM_TURNOVER[f'OR{n}']}\n" if f"OR{n}" in ROOM_TURNOVER else "")
        for n in range(1, ROOMS + 1)
    ]
    for n in range(PEOPLE):
        words.append(f'[[people]]\nid = "x{n}"\nname = "Dr X {n}"\ninitials = "X{n}"\nroles = ["surgeon"]\n')
    for name, (kind, units, ready) in KINDS.items():
        words.append(
            f'[[equipment]]\nid = "{name}"\nname = "{name}"\nkind = "{kind}"\nunits = {units}\nready_minutes = {ready}\n'
        )
    for name, (needs, turnover, recovery) in PROCEDURES.items():
        listed = ", ".join(f'"{many}x {what}"' for what, many in needs.items())
        words.append(
            f'[[procedures]]\nid = "{name}"\nname = "{name}"\nshort = "{name}"\nminutes = 60\nneeds = [{listed}]\n'
            f"recovery_minutes = {recovery}\n" + (f"turnover = {turnover}\n" if turnover is not None else "")
        )
    return "".join(words)


def wanted(room: str, start: int, end: int, procedure: str, surgeon: str, patient: str) -> set[tuple[Any, ...]]:
    """Return what a slot must hold: (resource, how many, from, until)."""
    needs, turnover, recovery = PROCEDURES[procedure]
    free = ROOM_TURNOVER.get(room, TURNOVER) if turnover is None else turnover
    found = {
        (f"room:{room}", 1, start, end + free * MINUTE),
        (f"person:{surgeon}", 1, start, end),
        (f"patient:{patient}", 1, start, end),
    }
    found |= {(f"equipment:{what}", many, start, end + KINDS[what][2] * MINUTE) for what, many in needs.items()}
    if recovery:
        found.add(("equipment:pacu", 1, end, end + (recovery + KINDS["pacu"][2]) * MINUTE))
    return found


def furnished(suite: Suite, cases: int) -> list[str]:
    """Put the house into a suite, and cases of all procedures; every third patient has two."""
    setup.load_theatre(suite.theatre, setup.SYSTEM, setup.read_theatre_file(house(), "house"))
    names = list(PROCEDURES)
    with suite.theatre.writing(suite.nurse, Verb.KEEP):
        return [
            suite.case(
                surgeon=f"x{n % PEOPLE}", procedure=names[n % len(names)], hospital_number=f"P{n % (cases * 3 // 4)}"
            ).id
            for n in range(cases)
        ]


def change(theatre: Theatre, who: Actor, case: str, other: str, chance: random.Random, what: str) -> None:
    """Change the schedule once, in one way."""
    room = f"OR{chance.randrange(ROOMS) + 1}"
    start = MORNING + timedelta(minutes=5 * chance.randrange(0, 12 * 20))
    minutes = chance.choice((30, 45, 60, 90, 120))
    ways: dict[str, Callable[[], object]] = {
        "book": lambda: book(theatre, who, case, room, start, minutes),
        "hold": lambda: book(theatre, who, case, room, start, minutes, hold=True),
        "confirm": lambda: confirm(theatre, who, case),
        "move": lambda: move(theatre, who, case, room, start, minutes),
        "swap": lambda: swap(theatre, who, case, other),
        "release": lambda: release(theatre, who, case, "other"),
        "cancel": lambda: cancel(theatre, who, case, "other"),
        "undo": lambda: undo_last(theatre, who),
    }
    ways[what]()


def at_random(theatre: Theatre, name: str, cases: list[str], times: int, seed: int) -> Counter[str]:
    """Change the schedule at random as one person, mostly what is their own; return how often each way succeeded."""
    chance, who, done = random.Random(seed), Actor(find_person(theatre, name)), Counter[str]()
    mine: list[str] = []
    held = ""
    for _ in range(times):
        what = chance.choices(list(WAYS), list(WAYS.values()))[0]
        case = chance.choice(mine if mine and what not in ("book", "hold") and chance.random() < 0.7 else cases)
        if held and chance.random() < 0.5:
            what, case, held = "confirm", held, ""
        try:
            change(theatre, who, case, chance.choice(cases), chance, what)
        except (Refused, BadInput):
            done["refused"] += 1
        except Unanswered:
            done["gave up"] += 1
        else:
            done[what] += 1
            mine += [case] if what in ("book", "hold") else []
            held = case if what == "hold" else held
    return done


def several(
    where: Where, wait: Wait, say: Say, cases: list[str], first: int, desks: int, times: int, seed: int
) -> None:
    """Be several people, each at a terminal of their own."""
    told: list[Counter[str]] = []

    def one(number: int) -> None:
        with at_desk(where, f"x{number % PEOPLE}", **SITE) as (theatre, _):
            ready.wait()
            told.append(at_random(theatre, f"x{number % PEOPLE}", cases, times, seed + number))

    ready = threading.Barrier(desks + 1)
    threads = [threading.Thread(target=one, args=(first + n,)) for n in range(desks)]
    for thread in threads:
        thread.start()
    wait()
    ready.wait(60)
    for thread in threads:
        thread.join()
    assert len(told) == desks
    say(dict(sum(told, Counter[str]())))


def breaches(theatre: Theatre) -> list[str]:
    """Return what is held twice, at any time of the journal and now, and what differs."""
    claims = accepted.standing(theatre)
    found = [f"claims: {one}" for one in accepted.overlapping(claims, UNITS)]
    found += [f"entries: {one}" for one in accepted.ever_overlapping(theatre, UNITS)]
    if accepted.last_told(theatre) != {one for one in claims if not one.resource.startswith("patient:")}:
        found.append("the claims are not those of the entries")
    return found + accepted.lacking(theatre, wanted)


def rush(processes: int, desks: int, times: int, seed: int, store: str = SQLITE, cases: int = 60) -> Outcome:
    """T9: so many processes with so many terminals each book, hold, move, swap, release, cancel and take back."""
    holds = "overlaps 0 after every command, never more than there is, tables == journal"
    outcome = Outcome("T9 every change at once", holds, seed=seed, store=store)
    with place(store, **SITE) as suite:
        names = furnished(suite, cases)
        where = where_is(suite)
        workers = [
            crowd.start(several, where, names, number * desks, desks, times, seed) for number in range(processes)
        ]
        done = sum((Counter(words) for lines in crowd.all_of(workers) for (words,) in lines), Counter[str]())
        outcome.breaches += breaches(suite.theatre)
        outcome.breaches += verify_journal(suite.theatre).faults
        held = len(accepted.standing(suite.theatre))
    never = [way for way in WAYS if not done[way]]
    if len(never) > (2 if sum(done.values()) < SHORT else 0):
        outcome.breaches.append(f"never succeeded: {', '.join(never)}")
    outcome.reached = (
        f"{processes * desks} writers in {processes} processes, {sum(done.values()):,} commands; {held} claims; "
        f"{dict(done)}"
    )
    return outcome


TEETH = ("claims: ", "are held at once", "entries: ", "held twice")


def unguarded(times: int, seed: int, store: str = SQLITE) -> Outcome:
    """Negative control of T9: no guard in the database, and nobody looks what is taken."""
    outcome = Outcome("T9 control: nobody looks", "overlaps 0", seed=seed, store=store, control=True)
    with place(store, **SITE) as suite:
        names = furnished(suite, 60)
        _drop_guards(suite)
        with (
            mock.patch.object(arranging, "first_clash", return_value=None),
            mock.patch.object(arranging, "free_lanes", lambda claim, held: tuple(range(1, claim.count + 1))),
        ):
            # Each way of looking must have teeth: pairs and numbers, in the claims and in the entries. What few
            # commands do not meet by chance, more of them do.
            done, found, blind = Counter[str](), list[str](), ["nothing yet"]
            for more in range(10):
                done += at_random(suite.theatre, "x0", names, times, seed + more) if blind else Counter()
                found = breaches(suite.theatre) if blind else found
                blind = [way for way in TEETH if not any(way in one for one in found)]
    outcome.reached = f"{sum(done.values()):,} commands, {len(found):,} breaches"
    if blind:
        outcome.reached += f"; nothing was found by {', '.join(blind)}"
        return outcome
    outcome.breaches = found
    return outcome


def _drop_guards(suite: Suite) -> None:
    where = where_is(suite)
    if isinstance(where, str):
        with psycopg.connect(where, autocommit=True) as owner:
            owner.execute("ALTER TABLE claim DROP CONSTRAINT claim_is_free")
        return
    with closing(dbapi2.connect(str(where), isolation_level=None)) as base:
        base.execute("DROP TRIGGER claim_is_free_on_insert")
        base.execute("DROP TRIGGER claim_is_free_on_update")
