"""The one door from the screens to the services. Imported in a thread: it brings the database along.

What the board does not need (checklists, calendars, booking) is imported by the verb that does, or by `warm_up`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from ortool.services import boards, people, seals
from ortool.services.clocks import steady_ns
from ortool.tui.schedule_verbs import ScheduleVerbs
from ortool.tui.watching import Sight

if TYPE_CHECKING:
    from ortool.caselog.board import Board
    from ortool.caselog.case import Case, Slot
    from ortool.caselog.dossier import Dossier
    from ortool.caselog.found import FoundList
    from ortool.caselog.replay import Replay
    from ortool.caselog.statistics import Statistics
    from ortool.checklist.commands import Command, Voice
    from ortool.checklist.run import Run
    from ortool.checklist.scan import Scan
    from ortool.people.person import Actor, Person
    from ortool.schedule.expected import DayForecast
    from ortool.services.boards import ToSign
    from ortool.services.forecasts import Inputs
    from ortool.services.histories import Known
    from ortool.services.theatre import Theatre

    Opener = Callable[[], Theatre]


LATER = (
    "ortool.services.running", "ortool.services.answering", "ortool.services.implants",
    "ortool.services.booking", "ortool.services.calendars", "ortool.services.forecasts", "ortool.services.weeks",
    "ortool.services.undoing", "ortool.tui.week", "ortool.tui.week_questions",
    "ortool.tui.case", "ortool.tui.board_questions", "ortool.tui.log", "ortool.tui.help", "ortool.tui.counts",
    "ortool.tui.construct", "ortool.tui.case_scans", "ortool.tui.who", "textual.command", "textual.widgets._input",
)  # fmt: skip


REMEMBER_EVERY_NS, SEAL_LOOKED_EVERY_NS = 5 * 1_000_000_000, 60 * 1_000_000_000


class Verbs(ScheduleVerbs):
    """What the screens may ask for. Every method may block on the disk: call it in the clerk's thread."""

    def __init__(self, theatre: Theatre) -> None:
        self.theatre = theatre
        self.settings = theatre.settings
        self.zone = theatre.settings.zone
        self._remembered, self._again, self._seal_at = -1, 0, 0
        self._version, self._newest = -1, 0

    def now(self) -> datetime:
        """Return the time (UTC)."""
        return self.theatre.now()

    def today(self) -> date:
        """Return the day in the theatre's zone."""
        return self.now().astimezone(self.zone).date()

    def warm_up(self) -> None:
        """Import what opening a case, booking and exporting will need, while nobody waits for it."""
        for name in LATER:
            importlib.import_module(name)

    def notices(self) -> list[str]:
        """Return what opening the database had to do, as sentences."""
        return [*self.theatre.store.notices, *self.theatre.terminal.notices]

    def changes(self) -> int:
        """Return a number that changes when anything was written, here or at another terminal."""
        return self.theatre.store_version()

    def watch(self) -> Sight:
        """Return what is to be seen of the database.

        On the way the terminal remembers what it has seen, and seals what has waited for five minutes.
        """
        version, terminal, now = self.changes(), self.theatre.terminal, steady_ns()
        if version != self._version:
            # In this order: what is written between the two is told once more, never missed.
            self._version, self._newest = version, self.theatre.newest()
        if version != self._remembered and now > self._again:
            terminal.remember(self.theatre)
            self._remembered, self._again = version, now + REMEMBER_EVERY_NS
        if now > self._seal_at:
            seals.seal_rest(self.theatre, seals.LATEST)
            self._seal_at = now + SEAL_LOOKED_EVERY_NS
        return Sight(version, self._newest, tuple(terminal.standing(self.theatre)), bool(self.theatre.news))

    def clock_doubt(self) -> str:
        """Return the doubt about this terminal's clock, empty where there is none or somebody has answered it."""
        terminal = self.theatre.terminal
        return "" if terminal.doubt is None or terminal.doubt_taken else terminal.doubt.message

    def accept_clock(self) -> None:
        """Somebody says that the clock is right."""
        self.theatre.terminal.accept_clock()

    def prove_it_saves(self) -> None:
        """Raise StorageFault where the database does not save now."""
        self.theatre.prove_it_saves()

    def news(self) -> list[str]:
        """Return, once, what came of what was saved at this terminal."""
        news = list(self.theatre.news)
        self.theatre.news.clear()
        return news

    def kept_here(self) -> tuple[int, int]:
        """Return how much is saved at this terminal alone, and how much of it the rules refused. Asks nobody."""
        return self.theatre.kept_here

    def people(self, role: str = "") -> list[Person]:
        """Return the active people."""
        return people.list_people(self.theatre, role)

    def board(self, day: date | None = None) -> Board:
        """Return a day's board."""
        return boards.day_board(self.theatre, day)

    def forecast_inputs(self, board: Board) -> Inputs | None:
        """Return what a board's forecast is made of, None for a day that is over."""
        from ortool.services import forecasts

        return forecasts.inputs_of(self.theatre, board)

    def forecast(self, inputs: Inputs) -> DayForecast:
        """Return a forecast. It reads nothing: any thread may call it."""
        from ortool.services import forecasts

        return forecasts.forecast_of(self.theatre, inputs)

    def known_durations(self) -> dict[str, Known]:
        """Return what is known of every procedure's minutes, by its id."""
        from ortool.services import cases, histories

        return histories.known_of(self.theatre, [row[0] for row in cases.list_procedures(self.theatre)])

    def companions(self) -> list[tuple[str, str]]:
        """Return the id and title of each review or follow-up that can run beside an operation."""
        from ortool.services import checklists

        return [(one.checklist.id, one.checklist.title) for one in checklists.companions(self.settings)]

    def case(self, case_id: str, list_id: str = "") -> Dossier:
        """Return a case."""
        from ortool.services import running

        return running.open_case(self.theatre, case_id, list_id)

    def case_log(self, case_id: str) -> Dossier:
        """Return a case with the reviews and follow-ups that have begun beside it."""
        from ortool.services import running

        return running.open_log(self.theatre, case_id)

    def find(self, text: str) -> FoundList:
        """Return the case logs that a line of search asks for."""
        from ortool.services import finding, searching

        return finding.find_cases(self.theatre, searching.wanted_from(self.theatre, text))

    def behind(self, ids: tuple[str, ...], figure: str) -> FoundList:
        """Return the cases behind a figure, which is named by its id."""
        from ortool.services import finding

        return finding.cases_behind(self.theatre, ids, figure)

    def statistics(self, text: str) -> Statistics:
        """Return the statistics of the cases that a line of search asks for."""
        from ortool.services import searching, statistics

        return statistics.statistics_of(self.theatre, searching.wanted_from(self.theatre, text))

    def version(self, case_id: str, list_id: str = "") -> int:
        """Return the version of a case's newest entry."""
        from ortool.services import running

        return running.version_of(self.theatre, case_id, list_id)

    def act(self, actor: Actor, case_id: str, command: Command, command_id: str, list_id: str = "") -> Dossier:
        """Carry out a command on a run."""
        from ortool.services import running

        return running.act(self.theatre, actor, case_id, command, command_id, list_id)

    def understood(self, run: Run, command: Command) -> Command:
        """Return a command with its typed time or scanned label understood. Raises BadInput."""
        from ortool.services import answering

        return answering.understood(self.theatre, run, command)

    def scan(self, raw: str) -> Scan:
        """Return what a barcode says today."""
        from ortool.services import implants

        return implants.scan(self.theatre, raw)

    def keep_backups(self) -> None:
        """Take the backup that is due, if one is. It has connections of its own: any thread may call it."""
        from ortool.services import backups

        backups.keep_backups(self.theatre)

    def keep_spool(self) -> None:
        """Print the forms for a dead screen where they are due. Any thread may call it."""
        from ortool.services import downtime

        downtime.keep_spool_apart(self.theatre)

    @property
    def identifies(self) -> bool:
        """Whether people prove who they are here."""
        return self.theatre.identifies

    def take_reader(self, actor: Actor | None) -> None:
        """Say who reads at this terminal from now on."""
        from ortool.people.person import NOBODY

        self.theatre.reader = actor or NOBODY

    def identify(self, person_id: str, pin: str, badge: bool = False, now: bool = False) -> Actor:
        """Return a person proven by PIN."""
        from ortool.services import identity

        return identity.identify(self.theatre, person_id, pin, badge, now)

    def identify_badge(self, badge: str) -> Actor:
        """Return the person whose badge was read."""
        from ortool.services import identity

        return identity.identify_badge(self.theatre, badge)

    def break_glass(self, actor: Actor, case_id: str, reason: str) -> None:
        """Open a case that is not the actor's own."""
        from ortool.services import running

        running.break_glass(self.theatre, actor, case_id, reason)

    def claim(self, actor: Actor, case_id: str, list_id: str = "") -> Dossier:
        """Claim the entries that nobody known has made."""
        from ortool.services import running

        return running.claim(self.theatre, actor, case_id, list_id)

    def note(
        self, actor: Actor, case_id: str, text: str, list_id: str = "", about: int = 0, after: str = ""
    ) -> Dossier:
        """Add a note, or an addendum to a signed log; with `list_id`, to a list beside the operation."""
        from ortool.services import running

        return running.add_note(self.theatre, actor, case_id, text, list_id=list_id, about=about, after=after)

    def replay(self, case_id: str) -> Replay:
        """Return a case to be stepped through."""
        from ortool.services import replaying

        return replaying.replay_of(self.theatre, case_id)

    def signable(self) -> dict[str, int]:
        """Return the ids of the cases whose logs wait for a signature, each with the version of its newest entry."""
        return boards.signable(self.theatre)

    def to_sign(self, ids: Sequence[str]) -> list[ToSign]:
        """Return what still stands open in these case logs. Each is read whole: ask for a few."""
        return boards.to_sign(self.theatre, ids)

    def sign(self, actor: Actor, case_id: str) -> Dossier:
        """Sign a case log."""
        from ortool.services import running

        return running.sign(self.theatre, actor, case_id)

    def procedures(self) -> list[tuple[str, str, int, int]]:
        """Return each procedure's id, name, and planned minutes for one and two levels."""
        from ortool.services import cases

        return cases.list_procedures(self.theatre)

    def logs(self, first: date, days: int) -> list[tuple[Case, Slot | None]]:
        """Return the cases of some days."""
        return boards.case_list(self.theatre, first, days)

    def export(self, first: date, days: int, level: str) -> bytes:
        """Return a calendar file for an audience that reads of no patient. Raises BadInput for any other."""
        from ortool.calendar import Audience
        from ortool.errors import BadInput
        from ortool.services import calendars

        if level not in (Audience.BUSY, Audience.SLOT, Audience.TEAM):
            raise BadInput(f"{level[:20]!r} is no audience here.", "busy, slot or team.")
        return calendars.export_calendar(self.theatre, first, days, Audience(level))

    def local_instant(self, day_text: str, time_text: str) -> datetime:
        """Return the UTC instant of a day and a time as typed. Raises BadInput."""
        from ortool.errors import BadInput
        from ortool.schedule.wall_time import read_date, read_instant

        instant = read_instant(time_text, read_date(day_text), self.zone)
        if instant is None:
            raise BadInput("A day and a time are needed.")
        return instant

    def close(self) -> None:
        """Seal, remember, and let go of the database."""
        self.theatre.terminal.leave(self.theatre)
        self.theatre.close()


def voice(person: Person) -> Voice:
    """Return a person as a run knows one."""
    from ortool.services import running

    return running.voice_of(person)
