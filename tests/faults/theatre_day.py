"""Whole days of a theatre from a seed: eight terminals, a clock that only the day moves, and faults.

The faults: a command that arrives twice, a reply that is lost and asked for again, a terminal that decides on what it
saw long ago. One thread, no sleep, and every source of chance comes from the seed: the same seed gives the same head.
"""

import os
import random
import shutil
import tempfile
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from ortool.caselog.dossier import Dossier
from ortool.checklist.commands import AddToCount, AnswerItem, Command, StampMilestone, Undo
from ortool.checklist.records import State
from ortool.errors import BadInput, Refused
from ortool.journal import log
from ortool.people.person import Actor
from ortool.services import clocks
from ortool.services import terminal as seat
from ortool.services.booking import book, cancel, move
from ortool.services.cases import NewCase, add_case
from ortool.services.people import find_person
from ortool.services.running import act, add_note, open_case, refold, sign, voice_of
from ortool.services.theatre import Repeated, Theatre, open_theatre
from ortool.storage.store import cursor_of
from tests.faults.audit import audit, rows
from tests.faults.outcome import Outcome
from tests.faults.power import FAST
from tests.services.suite import MORNING, Clock, furnish, settings, whole_case

TERMINALS = ("n1", "n1", "n2", "n2", "s1", "s2", "a1", "b1")


@contextmanager
def no_other_chance(chance: random.Random) -> Iterator[None]:
    """Take every id, salt and reading of the machine's clock from the seed."""
    steps = count(1)
    before = uuid.uuid4, os.urandom, clocks.steady_ns, seat.boot_id
    uuid.uuid4 = lambda: uuid.UUID(int=chance.getrandbits(128), version=4)
    os.urandom = chance.randbytes
    clocks.steady_ns = lambda: next(steps)
    seat.boot_id = lambda: "seeded"
    try:
        yield
    finally:
        uuid.uuid4, os.urandom, clocks.steady_ns, seat.boot_id = before


@dataclass
class Terminal:
    """One terminal: its own store and caches, the person there, and what it last saw of each case."""

    theatre: Theatre
    who: Actor
    seen: dict[str, Dossier] = field(default_factory=dict)


@dataclass
class Day:
    """A day: its terminals, its cases, and what became of each command."""

    chance: random.Random
    clock: Clock
    terminals: list[Terminal]
    script: list[Any]
    cases: list[str] = field(default_factory=list)
    became: Counter[str] = field(default_factory=Counter)
    accepted: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    breaches: list[str] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: count(1))

    def step(self) -> None:
        """Let some time pass, and one terminal do something."""
        self.clock.pass_time(seconds=self.chance.randrange(1, 240))
        terminal = self.chance.choice(self.terminals)
        if not self.cases or self.chance.random() < 0.06:
            self.add(terminal)
            return
        case = self.chance.choice(self.cases)
        if case not in terminal.seen or self.chance.random() < 0.6:
            terminal.seen[case] = open_case(terminal.theatre, case)
        deed = self.chance.choices(("act", "plan", "note", "sign"), (20, 4, 1, 1))[0]
        if deed == "act":
            command = self.command(terminal.seen[case])
            self.carry_out(lambda name: act(terminal.theatre, terminal.who, case, command, name), repeatable=True)
        elif deed == "plan":
            self.carry_out(self.planned(terminal, case))
        elif deed == "note":
            self.carry_out(lambda name: add_note(terminal.theatre, terminal.who, case, f"A note {name}."))
        else:
            self.carry_out(lambda name: sign(terminal.theatre, terminal.who, case))

    def add(self, terminal: Terminal) -> None:
        """Add a case and book it where it fits."""
        number, surgeon = len(self.cases), self.chance.choice(("s1", "s2"))
        new = NewCase(f"H{number}", f"Patient {number}", "small-operation", surgeon, levels="L4-5")
        case = add_case(terminal.theatre, terminal.who, new)
        self.cases.append(case.id)
        room, start = f"OR{self.chance.randrange(3) + 1}", self.when()
        self.carry_out(lambda name: book(terminal.theatre, terminal.who, case.id, room, start, 60, name), True)

    def when(self) -> Any:
        """Return some start on this day."""
        return MORNING + timedelta(minutes=15 * self.chance.randrange(0, 40))

    def planned(self, terminal: Terminal, case: str) -> Any:
        """Return a change of the schedule."""
        room, start, length = f"OR{self.chance.randrange(3) + 1}", self.when(), self.chance.choice((30, 60, 90))
        if self.chance.random() < 0.15:
            return lambda name: cancel(terminal.theatre, terminal.who, case, "other")
        return lambda name: move(terminal.theatre, terminal.who, case, room, start, length)

    def command(self, dossier: Dossier) -> Command:
        """Choose a command by what this terminal saw: mostly the next of the case, sometimes an undo or a value."""
        run = dossier.run
        assert run is not None
        luck = self.chance.random()
        if luck < 0.1:
            entries = rows_of(self.terminals[0].theatre, dossier.case.id)
            return Undo(self.chance.choice(entries) if entries else 1, "slip")
        if luck < 0.2:
            return AnswerItem("SI.weight", State.DONE, str(self.chance.randrange(40, 120)), reason="corrected")
        if luck < 0.25:
            return AddToCount("sponges", self.chance.randrange(1, 4))
        open_ones = [one for one in self.script if not is_done(run, one)]
        return self.chance.choice(open_ones[:2] or self.script)

    def carry_out(self, deed: Any, repeatable: bool = False) -> None:
        """Carry a command out; a repeated one, or one whose reply was lost, is sent again and must count once."""
        name, luck = f"day-{next(self.numbers)}", self.chance.random()
        answer = self.answered(deed, name)
        self.became[answer] += 1
        if not repeatable:
            return
        (self.accepted if answer == "done" else self.refused).append(name)
        if answer == "done" and luck < 0.25:
            self.became["sent again"] += 1
            if (again := self.answered(deed, name)) != "repeated":
                self.breaches.append(f"{name} was sent again and {again}")

    @staticmethod
    def answered(deed: Any, name: str) -> str:
        """Return what a command was answered."""
        try:
            deed(name)
        except Repeated:
            return "repeated"
        except (Refused, BadInput):
            return "refused"
        return "done"

    def check(self) -> None:
        """Check what must hold at the end of the day."""
        first = self.terminals[0].theatre
        self.breaches += audit(first, self.accepted, self.refused)
        for case in self.cases:
            afresh = refold(first, case)
            for number, terminal in enumerate(self.terminals):
                seen = open_case(terminal.theatre, case).run
                if afresh is not None and seen != afresh:
                    self.breaches.append(f"terminal {number} sees another run of {case}")


def rows_of(theatre: Theatre, case: str) -> list[int]:
    """Return the numbers of a case's newest entries."""
    newest = rows(theatre, "SELECT seq FROM entry WHERE stream = ? ORDER BY seq DESC LIMIT 4", f"case:{case}")
    return [row[0] for row in newest]


def is_done(run: Any, command: Any) -> bool:
    """Whether a run shows a command of the script as done."""
    if isinstance(command, AnswerItem):
        return command.item in run.answers
    if isinstance(command, StampMilestone):
        return command.stamp in run.stamps
    return False


def live(seed: int, template: Path, folder: Path, steps: int) -> tuple[str, Day]:
    """Live one day from its seed; return the journal's head and the day."""
    chance, clock = random.Random(seed), Clock()
    path = folder / "ortool.db"
    folder.mkdir()
    shutil.copy(template, path)
    with no_other_chance(chance):
        terminals = []
        for who in TERMINALS:
            theatre = open_theatre(settings(turnover_minutes=10), path, clock)
            theatre.device = f"t{len(terminals)}"
            terminals.append(Terminal(theatre, Actor(find_person(theatre, who))))
        voices = [voice_of(find_person(terminals[0].theatre, who)) for who in ("a1", "n2")]
        day = Day(chance, clock, terminals, whole_case(*voices))
        for _ in range(steps):
            day.step()
        day.check()
        with terminals[0].theatre.reading() as session:
            seq, link = log.head(cursor_of(session), terminals[0].theatre.store.site_id)
        for terminal in terminals:
            terminal.theatre.close()
    shutil.rmtree(folder)
    return f"{seq}:{link.hex()}", day


def simulate(days: int, seed: int, steps: int = 60, twice: int = 10) -> Outcome:
    """T21: live many days; every `twice`-th is lived a second time and must end with the same head."""
    outcome = Outcome("T21 simulated theatre days", "invariants hold; same seed, same head", seed=seed)
    became: Counter[str] = Counter()
    again = 0
    with tempfile.TemporaryDirectory(dir=FAST if FAST.is_dir() else None) as name:
        template = Path(name) / "template.db"
        furnish(template, settings(), Clock()).close()
        for number in range(days):
            head, day = live(seed + number, template, Path(name) / "day", steps)
            became += day.became
            outcome.breaches += [f"day {seed + number}: {one}" for one in day.breaches]
            if number % twice == 0:
                again += 1
                second, _ = live(seed + number, template, Path(name) / "day", steps)
                if second != head:
                    outcome.breaches.append(f"day {seed + number}: {head} and then {second}")
    outcome.reached = (
        f"{days:,} days x {steps} steps x {len(TERMINALS)} terminals: {became['done']:,} done, "
        f"{became['refused']:,} refused, {became['sent again']:,} sent again; {again} lived twice"
    )
    if min(became["done"], became["refused"], became["sent again"]) == 0:
        outcome.breaches.append(f"a day without done, refused and repeated commands: {dict(became)}")
    return outcome
