"""A small theatre suite on a real database: three rooms, six people, one small checklist, a clock to set."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from ortool.caselog.case import Case
from ortool.checklist.commands import AnswerItem, RecordCount, StampMilestone
from ortool.checklist.levels import parse_levels
from ortool.checklist.loading import parse_checklist
from ortool.checklist.plan import Plan, facts_of, make_plan
from ortool.checklist.records import State
from ortool.people.person import Actor, Person
from ortool.services import cases, running, setup, upgrading
from ortool.services.people import find_person
from ortool.services.theatre import Theatre, open_theatre
from ortool.settings import Settings
from ortool.storage.store import Store

CHECKLISTS = Path(__file__).parents[1] / "checklist"
SMALL = (CHECKLISTS / "small.yaml").read_text("utf-8")
MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

SUITE = """
[[rooms]]
id = "OR1"
name = "Theatre 1"
[[rooms]]
id = "OR2"
name = "Theatre 2"
[[rooms]]
id = "OR3"
name = "Theatre 3"
[[people]]
id = "n1"
name = "Nora Nurse"
initials = "NN"
roles = ["circulating_nurse"]
[[people]]
id = "n2"
name = "Sam Scrub"
initials = "SS"
roles = ["scrub", "circulating_nurse"]
[[people]]
id = "s1"
name = "Dr Stone"
initials = "DS"
roles = ["surgeon"]
[[people]]
id = "s2"
name = "Dr Brook"
initials = "DB"
roles = ["surgeon"]
[[people]]
id = "a1"
name = "Dr Ether"
initials = "DE"
roles = ["anaesthetist"]
[[people]]
id = "b1"
name = "Dr Both"
initials = "BO"
roles = ["surgeon", "anaesthetist"]
[[procedures]]
id = "small-operation"
name = "A small operation"
short = "small op"
specialty = "spine"
aliases = ["small"]
checklist = "small"
minutes = 60
"""


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: datetime = MORNING

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, **length: float) -> datetime:
        """Let time pass and return what it is then."""
        self.now += timedelta(**length)
        return self.now


@dataclass
class Suite:
    """The theatre, its clock, and the people who work in it."""

    theatre: Theatre
    clock: Clock
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def person(self, name: str) -> Actor:
        """Return somebody at the terminal."""
        return Actor(find_person(self.theatre, name))

    @property
    def nurse(self) -> Actor:
        """The circulating nurse."""
        return self.person("n1")

    @property
    def nurse_known(self) -> Actor:
        """The circulating nurse as a terminal knows her that cannot ask the database."""
        return Actor(Person("n1", "Nora Nurse", "NN", frozenset({"circulating_nurse"})))

    def voice_known(self, name: str) -> running.Voice:
        """Return an anaesthetist as a second person, without asking the database."""
        return running.voice_of(Person(name, "Dr Ether", "DE", frozenset({"anaesthetist"})))

    @property
    def surgeon(self) -> Actor:
        """The surgeon of every case that names no other."""
        return self.person("s1")

    def case(self, **words: str) -> Case:
        """Add a case; every case is another patient unless the words say otherwise."""
        number = next(self.numbers)
        asked = {
            "procedure": "small-operation",
            "hospital_number": f"H{number}",
            "name": f"Patient {number}",
            "surgeon": "s1",
            "levels": "L4-5",
        }
        new = cases.NewCase(**(asked | words))
        return cases.add_case(self.theatre, self.nurse, new)

    def act(self, case: Case, *commands: object, who: str = "n1") -> None:
        """Carry out commands, one after another."""
        for command in commands:
            running.act(self.theatre, self.person(who), case.id, command)

    def voice(self, name: str) -> running.Voice:
        """Return somebody as a second person."""
        return running.voice_of(self.person(name).person)

    def through(self, case: Case, last: str = "POR") -> None:
        """Carry a case through to a stamp, everything answered."""
        for command in whole_case(self.voice("a1"), self.voice("n2")):
            self.act(case, command)
            if isinstance(command, StampMilestone) and command.stamp == last:
                return

    def elsewhere(self, clock: "Clock | None" = None, watched: bool = False, **site: object) -> "Suite":
        """Return the same suite, opened at another terminal; the caller closes its theatre."""
        clock, store = clock or self.clock, self.theatre.store
        if isinstance(store, Store):
            return Suite(open_theatre(settings(**site), store.path, clock, watched=watched), clock)
        url = {"database_url": self.theatre.settings.database_url}
        return Suite(open_theatre(settings(**url | site), None, clock, watched=watched), clock)

    def head(self) -> tuple[int, str]:
        """Return the number and the hash of the newest entry."""
        from ortool.services.journals import verify_journal

        found = verify_journal(self.theatre)
        assert found.faults == []
        return found.head_seq, found.head_hash


def done(item: str, value: str = "", **more: object) -> AnswerItem:
    """Answer an item done."""
    return AnswerItem(item, State.DONE, value, **more)  # type: ignore[arg-type]


def whole_case(anaesthetist: object, scrub: object) -> list[object]:
    """Return the commands of a whole case without incident."""
    return [
        StampMilestone("PIR"),
        RecordCount("baseline", {"sponges": 10, "needles": 4}, scrub),  # type: ignore[arg-type]
        done("SI.identity", second=anaesthetist), done("SI.consent"), done("SI.images", "IMG-1"),
        done("SI.weight", "81.5"), StampMilestone("AI"), done("dose", "cefazolin"),
        done("TO.side", "left"), done("TO.allergy", "none known"), done("TO.implants"), StampMilestone("PST"),
        done("LV.level"), done("LV.marker"), StampMilestone("PCB"),
        RecordCount("closing", {"sponges": 10, "needles": 4}, scrub),  # type: ignore[arg-type]
        done("SO.specimen"), StampMilestone("POR"),
    ]  # fmt: skip


def small_plan(levels: str = "L4-5", text: str = SMALL) -> Plan:
    """Return the plan that the small checklist makes."""
    wanted = parse_levels(levels)
    return make_plan(parse_checklist(text, "small.yaml"), wanted, facts_of(wanted))


def settings(**more: object) -> Settings:
    """Return settings with the small checklist in use."""
    return Settings.model_validate({"site": "Test site", "checklists": str(CHECKLISTS)} | more)


def furnish(path: Path, site: Settings, clock: Clock) -> Theatre:
    """Open the theatre on `path` and put its rooms and people in."""
    theatre = open_theatre(site, path, clock)
    setup.load_theatre(theatre, setup.SYSTEM, setup.read_theatre_file(SUITE, "suite"))
    return theatre


def furnish_server(site: Settings, clock: Clock) -> Theatre:
    """Make the tables on a server, open the theatre there and put its rooms and people in."""
    upgrading.upgrade_database(site)
    theatre = open_theatre(site, None, clock)
    setup.load_theatre(theatre, setup.SYSTEM, setup.read_theatre_file(SUITE, "suite"))
    return theatre
