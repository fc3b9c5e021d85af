"""The tamper campaign: somebody owns the database file, drops its guards and alters something. Is it found, and by what?

Run by hand, it prints the table: python -m tests.journal.tamper [mutations of each class, 200 by default] [seed]
Each mutation happens in a transaction that is rolled back. What the chain and the tables find by themselves is counted
first; only what they do not find is shown to a terminal that knows the signing key, and then to one that remembers the
newest entry too.
"""

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

from ortool.checklist.commands import StampMilestone
from ortool.journal.canonical import decode, encode
from ortool.journal.entry import Header, chain_hash
from ortool.journal.log import COLUMNS, head
from ortool.journal.signing import CHECKPOINT, to_text
from ortool.people.permissions import Verb
from ortool.services import booking, heads, running
from ortool.services.journals import verify_journal
from ortool.services.sealing import first_key
from ortool.services.setup import SYSTEM
from ortool.storage.store import cursor_of
from tests.faults.outcome import Outcome
from tests.services.suite import MORNING, Clock, Suite, done, furnish, settings

WITNESSES = ("chain and tables", "+ signed checkpoints", "+ remembered head")
TABLES = ("room", "person", "procedure", "op_case", "slot", "claim", "implant")
PLACES = ",".join("?" * 17)
HOUR = 3_600_000_000


class _Undone(Exception):
    """Takes a mutation back."""


def a_theatre(folder: Path) -> Suite:
    """Return a suite with a sealed journal: people, slots, a case with texts and implants, and a tail of plain ticks."""
    clock = Clock()
    suite = Suite(furnish(folder / "ortool.db", settings(signing_key_file=str(folder / "key")), clock), clock)
    first_key(suite.theatre, SYSTEM)
    cases = [suite.case(notes=f"Note {number}", surgeon=f"s{number % 2 + 1}") for number in range(4)]
    for number, case in enumerate(cases):
        start = MORNING.replace(hour=9 + 2 * (number // 2))
        booking.book(suite.theatre, suite.nurse, case.id, f"OR{number % 2 + 1}", start, 60)
    booking.move(suite.theatre, suite.nurse, cases[3].id, "OR3", MORNING.replace(hour=15), 60, "later")
    booking.cancel(suite.theatre, suite.nurse, cases[2].id, "unwell")
    suite.through(cases[0])
    running.sign(suite.theatre, suite.surgeon, cases[0].id)
    suite.act(cases[1], StampMilestone("PIR"))
    implants(suite, cases[1].id)
    suite.act(cases[1], done("SI.consent"))
    for number in range(60):
        running.add_note(suite.theatre, suite.nurse, cases[1].id, f"Word {number}")
    return suite


def implants(suite: Suite, case_id: str) -> None:
    """Write two implants, as the construct screen's verbs do."""
    from ortool.services import implants as verbs

    with suite.theatre.writing(suite.nurse, Verb.SCHEDULE) as desk:
        for lot in ("LOT-1", "LOT-2"):
            body = {"part": "screw", "place": f"L4 {lot}", "device_identifier": "0123", "lot": lot, "serial": f"S{lot}"}
            entry = desk.append(f"case:{case_id}", "implant.placed", body | {"expires": "2030-01-31"})
            verbs.follow(desk, case_id, entry)


class Campaign:
    """One journal, and everything that can be done to it."""

    def __init__(self, suite: Suite, seed: int) -> None:
        self.theatre, self.seed, self.dice = suite.theatre, seed, random.Random(seed)
        terminal = self.theatre.terminal
        assert terminal.signer is not None
        with self.theatre.reading() as session:
            seq, link = head(cursor_of(session), self.theatre.store.site_id)
        self.head = seq
        bare = heads.Memory(Path("nowhere"))
        keyed = replace(bare, keys={terminal.signer.id: terminal.signer.public})
        self.memories = bare, keyed, replace(keyed, seen=heads.Seen(seq, link, "before", ""))
        self.cursor: Any = None

    @property
    def classes(self) -> dict[str, Callable[[], None]]:
        """What can be done, by name."""
        return {
            "change a field of one entry": self.change,
            "delete one entry": self.delete,
            "swap two entries": self.swap,
            "insert a forged entry": self.insert,
            "cut the tail": self.cut,
            "edit and hash anew": self.rehash,
            "edit, drop checkpoints, hash anew": self.rehash_without_checkpoints,
            "edit or remove a table's row": self.project,
            "alter a text beside the journal": self.secret,
            "drop or change a guard": self.guard,
        }

    def attempt(self, mutate: Callable[[], None]) -> str:
        """Do one thing, and return the weakest witness that found it; empty where none did."""
        found = ""
        try:
            with self.theatre.store.writing() as session:
                self.cursor = cursor_of(session)
                self.sql("PRAGMA defer_foreign_keys = ON")
                guards = self.sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
                for name, _ in guards:
                    self.sql(f"DROP TRIGGER {name}")
                self.guards = dict(guards)
                self.insist(mutate)
                for text in self.guards.values():
                    self.sql(text)
                self.theatre._open.desk = _At(session)
                found = next(
                    (name for name, memory in zip(WITNESSES, self.memories, strict=True) if self.sees(memory)), ""
                )
                raise _Undone
        except _Undone:
            return found
        finally:
            self.theatre._open.desk = None

    def insist(self, mutate: Callable[[], None]) -> None:
        """Do it until it is something that the shape of the tables lets in."""
        self.sql("SAVEPOINT before")
        while True:
            try:
                mutate()
                return
            except dbapi2.IntegrityError:
                self.sql("ROLLBACK TO before")

    def sees(self, memory: heads.Memory) -> bool:
        """Whether a terminal with this memory finds something wrong."""
        self.theatre.terminal.memory = None if not memory.keys else memory
        trusted = self.theatre.terminal.trust
        try:
            self.theatre.terminal.trust = lambda _keys: None  # type: ignore[method-assign]
            faults = verify_journal(self.theatre).faults
        finally:
            self.theatre.terminal.trust = trusted  # type: ignore[method-assign]
            self.theatre.terminal.memory = None
        # Without a memory the journal's own key is all there is: what only its signature tells is no finding yet.
        if not memory.keys:
            faults = [fault for fault in faults if "checkpoint" not in fault and "signing key" not in fault]
        return bool(faults)

    def sql(self, statement: str, *values: Any) -> list[Any]:
        """Do what no rule allows."""
        self.cursor.execute(statement, values)
        return list(self.cursor.fetchall())

    def anywhere(self, last: int = 1) -> int:
        """Return the number of an entry, not among the last ones."""
        return self.dice.randint(2, self.head - last)

    def other(self, value: Any) -> Any:
        """Return another value of the same type."""
        if value is None:
            return "x"
        if isinstance(value, int):
            return value + self.dice.choice((-1, 1))
        if isinstance(value, bytes):
            place = self.dice.randrange(len(value))
            return value[:place] + bytes([value[place] ^ 1 << self.dice.randrange(8)]) + value[place + 1 :]
        place = self.dice.randrange(len(value) + 1)
        return value[:place] + "x" + value[place:]

    def change(self) -> None:
        """Change any field of any entry, its number aside."""
        name = self.dice.choice([field.strip() for field in COLUMNS.split(",")][1:])
        seq = self.dice.randint(1, self.head)
        ((value,),) = self.sql(f"SELECT {name} FROM entry WHERE seq = ?", seq)
        self.sql(f"UPDATE entry SET {name} = ? WHERE seq = ?", self.other(value), seq)

    def delete(self) -> None:
        """Remove one entry with its texts; now and then the rest moves up."""
        seq = self.anywhere()
        self.sql("DELETE FROM secret_text WHERE seq = ?", seq)
        self.sql("DELETE FROM entry WHERE seq = ?", seq)
        if self.dice.random() < 0.5:
            self.move(seq + 1, -1)

    def move(self, first: int, by: int) -> None:
        """Renumber all entries from one on."""
        numbers = range(first, self.head + 1) if by < 0 else range(self.head, first - 1, -1)
        for seq in numbers:
            self.sql("UPDATE entry SET seq = ? WHERE seq = ?", seq + by, seq)
            self.sql("UPDATE secret_text SET seq = ? WHERE seq = ?", seq + by, seq)

    def swap(self) -> None:
        """Put two entries into each other's place."""
        one = self.anywhere(2)
        two = self.dice.randint(one + 1, self.head)
        for old, new in ((one, -1), (two, one), (-1, two)):
            self.sql("UPDATE entry SET seq = ? WHERE seq = ?", new, old)

    def insert(self) -> None:
        """Put an entry that nobody wrote between two."""
        seq = self.anywhere()
        self.move(seq, 1)
        ((prev,),) = self.sql("SELECT hash FROM entry WHERE seq = ?", seq - 1)
        header = Header(seq, "case:forged", 1, "forged", "note.added", 1, 1, 1, 1, "", 0, "s1", "chosen", "d")
        body = encode({"text": "the count was correct"})
        row = (*header.as_list(), body, prev, chain_hash(prev, header, body))
        self.sql(f"INSERT INTO entry ({COLUMNS}) VALUES ({PLACES})", *row)

    def cut(self) -> None:
        """Remove the newest entries with their texts."""
        self.cut_after(self.head - self.dice.randint(1, 20))

    def cut_after(self, seq: int) -> None:
        """Remove everything after an entry."""
        self.sql("DELETE FROM secret_text WHERE seq > ?", seq)
        self.sql("DELETE FROM entry WHERE seq > ?", seq)

    def rehash(self) -> None:
        """Put another name under an entry and seal everything after it again."""
        self.seal_anew(self.anywhere(), drop=False)

    def rehash_without_checkpoints(self) -> None:
        """The same by somebody who takes the checkpoints out that would tell."""
        self.seal_anew(self.anywhere(), drop=True)

    def seal_anew(self, first: int, drop: bool) -> None:
        """Hash everything again from an edited entry on, numbers and versions in order."""
        rows = self.sql(f"SELECT {COLUMNS} FROM entry WHERE seq >= ? ORDER BY seq", first)
        if drop:
            rows = [rows[0], *(row for row in rows[1:] if row[4] != CHECKPOINT)]
        versions: dict[str, int] = {}
        texts = self.sql("SELECT id, seq FROM secret_text WHERE seq >= ?", first)
        ((prev,),) = self.sql("SELECT hash FROM entry WHERE seq = ?", first - 1)
        self.sql("DELETE FROM entry WHERE seq >= ?", first)
        numbers: dict[int, int] = {}
        for seq, row in enumerate(rows, first):
            header, body = Header(*row[:14]), row[14]
            version = versions.get(header.stream, header.version - 1) + 1
            versions[header.stream] = version
            actor = "s2" if seq == first else header.actor
            if seq == first and header.kind == CHECKPOINT:
                body = encode(decode(body) | {"head": to_text(b"x" * 32)})
            header = replace(header, seq=seq, version=version, actor=actor)
            link = chain_hash(prev, header, body)
            self.sql(f"INSERT INTO entry ({COLUMNS}) VALUES ({PLACES})", *header.as_list(), body, prev, link)
            numbers[row[0]], prev = seq, link
        for identifier, seq in texts:
            self.sql("UPDATE secret_text SET seq = ? WHERE id = ?", numbers[seq], identifier)
        for old, new in numbers.items():
            self.sql("UPDATE implant SET seq = ? WHERE seq = ?", new, old)

    def project(self) -> None:
        """Change or remove a row of a table beside the journal."""
        table = self.dice.choice(TABLES)
        self.cursor.execute(f"SELECT rowid, * FROM {table}")
        names = [column[0] for column in self.cursor.description]
        row = self.dice.choice(self.cursor.fetchall())
        if self.dice.random() < 0.15:
            self.sql(f"DELETE FROM {table} WHERE rowid = ?", row[0])
            return
        place = self.dice.randrange(1, len(names))
        value = row[place] + HOUR if names[place] == "changed_at" else self.other(row[place])
        if (names[place], row[place]) == ("neuromonitoring", None):
            value = 1
        self.sql(f"UPDATE {table} SET {names[place]} = ? WHERE rowid = ?", value, row[0])

    def secret(self) -> None:
        """Change a text, its salt or its place, or slip one in."""
        rows = self.sql("SELECT id, salt, txt, seq FROM secret_text")
        identifier, salt, text, seq = self.dice.choice(rows)
        way = self.dice.randrange(4)
        if way == 0:
            self.sql("UPDATE secret_text SET txt = ? WHERE id = ?", self.other(text), identifier)
        elif way == 1:
            self.sql("UPDATE secret_text SET salt = ? WHERE id = ?", self.other(salt), identifier)
        elif way == 2:
            self.sql("UPDATE secret_text SET seq = ? WHERE id = ?", seq % self.head + 1, identifier)
        else:
            self.sql("INSERT INTO secret_text (id, seq, salt, txt) VALUES ('x', ?, x'00', 'slipped in')", seq)

    def guard(self) -> None:
        """Leave a guard out, or put one there that lets everything through."""
        name = self.dice.choice(sorted(self.guards))
        text = self.guards.pop(name)
        if self.dice.random() < 0.5:
            start = text.index("BEGIN")
            self.guards[name] = f"{text[:start]}BEGIN SELECT 1; END"


class _At:
    """Lets a verification look at an open transaction."""

    def __init__(self, session: Any) -> None:
        self.session = session


def run(folder: Path, each: int, seed: int) -> dict[str, Counter[str]]:
    """Return how often each witness was the first to find each class; the empty name counts what nobody found."""
    suite = a_theatre(folder)
    campaign = Campaign(suite, seed)
    assert not campaign.sees(campaign.memories[-1]), "the untouched journal must be sound"
    table = {name: Counter(campaign.attempt(mutate) for _ in range(each)) for name, mutate in campaign.classes.items()}
    assert not campaign.sees(campaign.memories[-1]), "every mutation must have been taken back"
    suite.theatre.close()
    return table


def so_far(found: Counter[str]) -> list[int]:
    """Return how many are found with each witness and the weaker ones."""
    return [sum(found[witness] for witness in WITNESSES[: place + 1]) for place in range(len(WITNESSES))]


def rows(each: int, seed: int) -> Iterator[Outcome]:
    """T13: one row for each class, and the control: the chain and the tables without any other witness."""
    with tempfile.TemporaryDirectory() as folder:
        table = run(Path(folder), each, seed)
    for name, found in table.items():
        outcome = Outcome(f"T13 {name}", "found 100 % with a remembered head", seed=seed)
        outcome.breaches += ["one was not found"] * found[""]
        counted = ", ".join(f"{witness} {n:,}" for witness, n in zip(WITNESSES, so_far(found), strict=True))
        outcome.reached = f"{found.total():,} alterations, found by {counted}"
        yield outcome
    control = Outcome("T13 control: the chain without witnesses", "found 100 %", seed=seed, control=True)
    missed = {name: found.total() - found[WITNESSES[0]] for name, found in table.items()}
    control.breaches += [f"not found: {name}" for name, number in missed.items() for _ in range(number)]
    control.reached = f"{sum(missed.values()):,} of {sum(found.total() for found in table.values()):,} not found"
    yield control


def show(table: dict[str, Counter[str]]) -> None:
    """Print how many of each class are found with each witness, and how many only with a stronger one."""
    print(f"{'what was done':<36}{'n':>6}" + "".join(f"{name:>22}" for name in WITNESSES) + f"{'missed':>9}")
    for name, found in table.items():
        print(
            f"{name:<36}{found.total():>6}" + "".join(f"{number:>22}" for number in so_far(found)) + f"{found['']:>9}"
        )
    total = sum(found.total() for found in table.values())
    print(f"{total} mutations, {sum(found[''] for found in table.values())} not found with every witness")


def main() -> None:
    """Run the campaign and print its table."""
    each = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(2**32)
    print(f"seed {seed}")
    with tempfile.TemporaryDirectory() as folder:
        show(run(Path(folder), each, seed))


if __name__ == "__main__":
    main()
