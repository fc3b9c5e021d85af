"""Every service that writes in somebody's name or reads a patient, ready to be called by anybody on a small theatre.

The theatre has one person of each grant, and cases that each of them is of the team of (`own`), is not (`other`), or
has opened with a reason (`opened`): one under way, one of another day, one whose patient is out, one signed.
"""

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from ortool import services
from ortool.calendar import Audience
from ortool.calendar.feed import FeedKind
from ortool.caselog.case import Case
from ortool.caselog.found import FoundList, Wanted
from ortool.checklist.commands import DeclareEmergency, EndEmergency, JoinTeam, PassGate, StampMilestone
from ortool.errors import NeedsGlass, NeedsIdentity, NeedsPin, NotPermitted, Refused
from ortool.exchange import past_map
from ortool.journal.entry import Entry
from ortool.people.permissions import Grant
from ortool.people.person import CHOSEN, NOBODY, Actor, Person
from ortool.schedule import proposals
from ortool.schedule.planner.problem import Placed
from ortool.schedule.proposals import Cost, Plan, Proposal
from ortool.schedule.recurrence import Series
from ortool.schedule.resources import Equipment, Kind
from ortool.schedule.slots import Span
from ortool.schedule.windows import WindowKind
from ortool.services import (
    backups,
    boards,
    booking,
    calendar_parts,
    calendars,
    cases,
    downtime,
    drilling,
    feeds,
    finding,
    furnishing,
    furniture_lists,
    heads,
    history,
    identity,
    implants,
    importing,
    inviting,
    journals,
    log_export,
    people,
    planning,
    pushing,
    replanning,
    replaying,
    restoring,
    running,
    sealing,
    series,
    setup,
    sheets,
    sources,
    statistics,
    teams,
    undoing,
    waiting,
    weeks,
)
from ortool.services.theatre import Theatre
from tests.services.suite import Clock, Suite, done, furnish, settings

ROLE = {Grant.NURSE: "circulating_nurse", Grant.ANAESTHESIA: "anaesthetist", Grant.SURGEON: "surgeon",
        Grant.SCHEDULER: "coordinator"}  # fmt: skip
ADMIN_PIN = "480261"
STATES = ("proven", "now", "locked", "unidentified", "unidentified, another day")
LIST = """date,room,start,planned minutes,hospital number,name,born,procedure,side,surgeon,anaesthetist
2026-12-20,OR1,09:00,60,H-900,"Nine, Hundred",1950-01-02,small,left,Dr Stone,Dr Ether
"""
ROOMS, EQUIPMENT = "id,name\nOR9,Nine\n", "id,name\nmill,Mill\n"
WAITS = """priority,since,hospital number,name,procedure,surgeon
1,2026-10-01,H-901,"Nine, Waiting",small,Dr Stone
"""
PAST = "Encounter ID,OR Suite,Service,Booked Time (min),OR Schedule,Wheels In,Start Time,End Time,Wheels Out\n"
ADDS = past_map.built_in("or-utilization")
CLOSURE = Series("", WindowKind.CLOSURE, "all", date(2027, 1, 1), "00:00", "24:00", rule="FREQ=YEARLY")
CALENDAR = sources.Source("", "Holidays", sources.Feeds.CLOSURES, "all", "/holidays.ics")
FEED = b"BEGIN:VCALENDAR\nEND:VCALENDAR\n"
LEAVE = Series("", WindowKind.LEAVE, "", date(2027, 1, 1), "00:00", "24:00")
NOTHING_MOVES = Plan("", "", "F01", Proposal(proposals.Kind.SHIFT, (), (), (), (), Cost(*[0] * 8, 0.0)), (), {})
SHEET = setup.read_theatre_file('[[rooms]]\nid = "OR9"\nname = "Theatre 9"\n', "more.toml")


class Noted(dict[tuple[str, str, str], datetime]):
    """Everything was read by everybody just now: a reading that is permitted writes no entry of its own."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __contains__(self, key: object) -> bool:
        """Whether it was noted: it was."""
        return True

    def __getitem__(self, key: tuple[str, str, str]) -> datetime:
        """When it was noted."""
        return self.at


class Passed(Exception):
    """The service came through: nothing of it is kept."""


@dataclass
class World:
    """The small theatre, its people by grant, and its cases by stage and bond."""

    suite: Suite
    folder: Path
    people: dict[Grant, Person] = field(default_factory=dict)
    cases: dict[tuple[str, str], Case] = field(default_factory=dict)
    me: str = ""
    feed: str = ""

    @property
    def theatre(self) -> Theatre:
        """The theatre."""
        return self.suite.theatre

    def case(self, stage: str, bond: str) -> str:
        """Return the id of a case."""
        return self.cases[stage, bond].id

    def planned(self) -> Placed:
        """Return where a plan puts the case that waits."""
        case, start = self.cases["waiting", "other"], self.suite.clock.now + timedelta(days=9)
        return Placed(case.number, case.id, "OR3", Span(start, start + timedelta(hours=1)))


@dataclass(frozen=True)
class Door:
    """One service, called with who acts, the bond to what it is about, and the stage of the case.

    `bonds` are those that it knows; `at_the_gate`: it is stopped once it was permitted, because it handles files.
    """

    name: str
    call: Callable[[World, Actor, str, str], Any]
    bonds: tuple[str, ...] = ("-",)
    stage: str = ""
    at_the_gate: bool = False

    @property
    def service(self) -> str:
        """The function behind it."""
        return self.name.split(" ")[0]


CASE = ("own", "other", "opened")


def _act(command: Callable[[World, Actor], Any]) -> Callable[[World, Actor, str, str], Any]:
    return lambda w, a, bond, stage: running.act(w.theatre, a, w.case(stage, bond), command(w, a))


def _of(call: Callable[..., Any], *more: Any) -> Callable[[World, Actor, str, str], Any]:
    return lambda w, a, bond, stage: call(w.theatre, a, w.case(stage, bond), *more)


def _read(call: Callable[[Theatre, str], Any]) -> Callable[[World, Actor, str, str], Any]:
    return lambda w, _a, bond, stage: call(w.theatre, w.case(stage, bond))


def _own_calendar(w: World) -> sources.Source:
    (w.folder / "feed.ics").write_bytes(FEED)
    return replace(CALENDAR, id="cal1", origin=str(w.folder / "feed.ics"))


def _whom(w: World, bond: str) -> str:
    return w.me if bond == "own" else "b1"


def _pushed(w: World, bond: str) -> pushing.Target:
    return pushing.Target(address="http://127.0.0.1:9/", kind=FeedKind.PERSON, subject=_whom(w, bond))


DOORS = (
    Door("running.act tick", _act(lambda _w, _a: done("planned", "left")), CASE, "running"),
    Door("running.act override", _act(lambda w, _a: PassGate("SI", "AI", "why", w.suite.voice("b1"))), CASE, "running"),
    Door("running.act join", _act(lambda w, _a: JoinTeam(w.suite.voice("n2"), "scrub")), CASE, "running"),
    Door("running.add_note before signing", _of(running.add_note, "words"), CASE, "running"),
    Door("running.add_note addendum", _of(running.add_note, "words"), CASE, "signed"),
    Door("running.break_glass", _of(running.break_glass, "called to help"), CASE, "running"),
    Door("running.claim", _of(running.claim), CASE, "running"),
    Door("running.sign", _of(running.sign), CASE, "out"),
    Door("running.open_case", _read(running.open_case), CASE, "running"),
    Door("running.open_log", _read(running.open_log), CASE, "running"),
    Door("journals.case_entries", _read(journals.case_entries), CASE, "running"),
    Door("sheets.of_case", lambda w, _a, bond, stage: sheets.of_case(w.theatre, w.case(stage, bond)), CASE, "running"),
    Door("cases.find_case", lambda w, _a, _b, _s: cases.find_case(w.theatre, w.case("running", "other"))),
    Door("boards.day_board", lambda w, _a, _b, _s: boards.day_board(w.theatre)),
    Door("boards.case_list", lambda w, _a, _b, _s: boards.case_list(w.theatre)),
    Door("boards.to_sign", lambda w, _a, _b, _s: [(one.case, one.lacks) for one in boards.to_sign(w.theatre)]),
    Door("replaying.replay_of", _read(replaying.replay_of), CASE, "running"),
    Door("implants.trace", lambda w, _a, _b, _s: implants.trace(w.theatre, "LOT1")),
    Door(
        "calendars.export_calendar named",
        lambda w, _a, _b, _s: calendars.export_calendar(w.theatre, w.suite.clock.now.date(), 1, Audience.NAMED),
    ),
    Door(
        "calendars.export_pieces named",
        lambda w, _a, _b, _s: calendars.export_pieces(w.theatre, w.suite.clock.now.date(), 1, Audience.NAMED),
    ),
    Door(
        "calendar_parts.visits",
        lambda w, _a, bond, stage: calendar_parts.visits(w.theatre, w.case(stage, bond), Audience.SLOT, ""),
        CASE,
        "running",
    ),
    Door("journals.recent_entries", lambda w, _a, _b, _s: journals.recent_entries(w.theatre)),
    Door(
        "journals.export_journal",
        lambda w, a, _b, _s: journals.export_journal(w.theatre, a, w.folder / "out.ndjson", "asked for"),
    ),
    Door(
        "cases.add_case",
        lambda w, a, _b, _s: cases.add_case(w.theatre, a, cases.NewCase("H800", "New One", "small-operation", "s1")),
    ),
    Door(
        "booking.book",
        lambda w, a, _b, _s: booking.book(
            w.theatre, a, w.case("waiting", "other"), "OR3", w.suite.clock.now + timedelta(days=9), 60
        ),
    ),
    Door(
        "booking.move",
        lambda w, a, _b, _s: booking.move(
            w.theatre, a, w.case("later", "other"), "OR3", w.suite.clock.now + timedelta(days=8), 60
        ),
    ),
    Door(
        "booking.cancel", lambda w, a, _b, _s: booking.cancel(w.theatre, a, w.case("later", "other"), "patient unwell")
    ),
    Door("booking.release", lambda w, a, _b, _s: booking.release(w.theatre, a, w.case("later", "other"), "no bed")),
    Door("booking.hold", lambda w, a, _b, _s: booking.hold(w.theatre, a, w.case("later", "other"))),
    Door("booking.confirm", lambda w, a, _b, _s: booking.confirm(w.theatre, a, w.case("held", "other"))),
    Door(
        "booking.swap",
        lambda w, a, _b, _s: booking.swap(w.theatre, a, w.case("later", "own"), w.case("later", "other"), "why"),
    ),
    Door("replanning.apply", lambda w, a, _b, _s: replanning.apply(w.theatre, a, NOTHING_MOVES), at_the_gate=True),
    Door("weeks.week_of", lambda w, _a, _b, _s: weeks.week_of(w.theatre)),
    Door("undoing.last_change", lambda w, a, _b, _s: undoing.last_change(w.theatre, a), at_the_gate=True),
    Door("undoing.undo_last", lambda w, a, _b, _s: undoing.undo_last(w.theatre, a), at_the_gate=True),
    Door("planning.apply_week", lambda w, a, _b, _s: planning.apply_week(w.theatre, a, [w.planned()])),
    Door("waiting.waiting_list", lambda w, _a, _b, _s: waiting.waiting_list(w.theatre)),
    Door("teams.change_team", lambda w, a, _b, _s: teams.change_team(w.theatre, a, w.case("waiting", "other"), "b1")),
    Door(
        "waiting.change_waiting",
        lambda w, a, _b, _s: waiting.change_waiting(w.theatre, a, w.case("waiting", "other"), waiting.Urgency(1)),
    ),
    Door(
        "furnishing.change_room",
        lambda w, a, _b, _s: furnishing.change_room(w.theatre, a, "OR1", furnishing.RoomWords(hours="mon 08:00-16:00")),
    ),
    Door(
        "furnishing.change_equipment",
        lambda w, a, _b, _s: furnishing.change_equipment(w.theatre, a, Equipment("mill", "Mill", Kind.SET, 1)),
    ),
    Door("series.set_series closure", lambda w, a, _b, _s: series.set_series(w.theatre, a, CLOSURE)),
    Door(
        "series.set_series leave",
        lambda w, a, b, _s: series.set_series(w.theatre, a, replace(LEAVE, resource=f"person:{_whom(w, b)}")),
        CASE[:2],
    ),
    Door("series.change_day", lambda w, a, _b, _s: series.change_day(w.theatre, a, "c1", CLOSURE.first_day, None)),
    Door("series.end_series", lambda w, a, _b, _s: series.end_series(w.theatre, a, "c1", CLOSURE.first_day)),
    Door("series.remove_series", lambda w, a, _b, _s: series.remove_series(w.theatre, a, "c1")),
    Door("sources.take_in closures", lambda w, a, _b, _s: sources.take_in(w.theatre, a, CALENDAR, FEED)),
    Door(
        "sources.take_in leave",
        lambda w, a, b, _s: sources.take_in(
            w.theatre, a, replace(CALENDAR, feeds=sources.Feeds.LEAVE, resource=f"person:{_whom(w, b)}"), FEED
        ),
        CASE[:2],
    ),
    Door("sources.refresh", lambda w, a, _b, _s: sources.refresh(w.theatre, a, _own_calendar(w))),
    Door("sources.withdraw", lambda w, a, _b, _s: sources.withdraw(w.theatre, a, _own_calendar(w))),
    Door("importing.import_list", lambda w, a, _b, _s: importing.import_list(w.theatre, a, LIST)),
    Door("importing.import_waiting", lambda w, a, _b, _s: importing.import_waiting(w.theatre, a, WAITS)),
    Door("furniture_lists.import_rooms", lambda w, a, _b, _s: furniture_lists.import_rooms(w.theatre, a, ROOMS)),
    Door(
        "furniture_lists.import_equipment",
        lambda w, a, _b, _s: furniture_lists.import_equipment(w.theatre, a, EQUIPMENT),
    ),
    Door("waiting.export_waiting", lambda w, _a, _b, _s: waiting.export_waiting(w.theatre)),
    Door(
        "history.import_past",
        lambda w, a, _b, _s: history.import_past(w.theatre, a, PAST, ADDS.model_copy(update={"add": past_map.Add()})),
        at_the_gate=True,
    ),
    Door(
        "history.import_past adding",
        lambda w, a, _b, _s: history.import_past(w.theatre, a, PAST, ADDS),
    ),
    Door("finding.find_cases", lambda w, _a, _b, _s: finding.find_cases(w.theatre, Wanted())),
    Door(
        "finding.cases_behind",
        lambda w, _a, _b, _s: finding.cases_behind(w.theatre, [w.case("running", "other")], "turnover_median"),
    ),
    Door(
        "finding.cases_behind event",
        lambda w, _a, _b, _s: finding.cases_behind(w.theatre, [w.case("running", "other")], "event_x"),
    ),
    Door(
        "finding.find_cases event",
        lambda w, _a, _b, _s: finding.find_cases(w.theatre, Wanted(event="intra.dural-tear")),
        at_the_gate=True,
    ),
    Door(
        "finding.find_cases words",
        lambda w, _a, _b, _s: finding.find_cases(w.theatre, Wanted(words="word")),
        at_the_gate=True,
    ),
    Door(
        "finding.find_cases lot",
        lambda w, _a, _b, _s: finding.find_cases(w.theatre, Wanted(lot="LOT1")),
        at_the_gate=True,
    ),
    Door(
        "statistics.statistics_of",
        lambda w, _a, _b, _s: statistics.statistics_of(w.theatre, Wanted()),
        at_the_gate=True,
    ),
    Door(
        "log_export.export_logs",
        lambda w, _a, _b, _s: log_export.export_logs(w.theatre, Wanted(), log_export.Form.CSV),
        at_the_gate=True,
    ),
    Door(
        "log_export.export_logs identified",
        lambda w, _a, _b, _s: log_export.export_logs(w.theatre, Wanted(), log_export.Form.CSV, identified=True),
        at_the_gate=True,
    ),
    Door(
        "feeds.add_feed",
        lambda w, a, b, _s: feeds.add_feed(w.theatre, a, FeedKind.PERSON, _whom(w, b), Audience.BUSY),
        CASE[:2],
    ),
    Door("feeds.revoke_feed", lambda w, a, _b, _s: feeds.revoke_feed(w.theatre, a, w.feed)),
    Door("feeds.rotate_feed", lambda w, a, _b, _s: feeds.rotate_feed(w.theatre, a, w.feed)),
    Door("setup.load_theatre", lambda w, a, _b, _s: setup.load_theatre(w.theatre, a, SHEET)),
    Door(
        "people.add_person",
        lambda w, a, _b, _s: people.add_person(w.theatre, a, Person("x9", "X Nine", "XN", frozenset(["scrub"]))),
    ),
    Door(
        "pushing.push",
        lambda w, a, b, _s: pushing.push(w.theatre, a, _pushed(w, b), "user", "password"),
        ("own", "other"),
        at_the_gate=True,
    ),
    Door("pushing.plan_push", lambda w, a, b, _s: pushing.plan_push(w.theatre, a, _pushed(w, b)), ("own", "other")),
    Door("inviting.invite", _of(inviting.invite, None), ("own", "other"), "later", at_the_gate=True),
    Door("people.set_email", lambda w, a, _b, _s: people.set_email(w.theatre, a, "n1", "n1@hospital.example")),
    Door("people.grant", lambda w, a, _b, _s: people.grant(w.theatre, a, "n1", ["charge"])),
    Door("people.retire_person", lambda w, a, _b, _s: people.retire_person(w.theatre, a, "s2")),
    Door("identity.set_pin", lambda w, a, b, _s: identity.set_pin(w.theatre, a, _whom(w, b), "739105"), CASE[:2]),
    Door("identity.set_badge", lambda w, a, b, _s: identity.set_badge(w.theatre, a, _whom(w, b), "B-77"), CASE[:2]),
    Door(
        "downtime.print_day",
        lambda w, _a, _b, _s: downtime.print_day(w.theatre, w.suite.clock.now.date(), to=w.folder),
        at_the_gate=True,
    ),
    Door(
        "drilling.record_drill",
        lambda w, a, _b, _s: drilling.record_drill(w.theatre, a, timedelta(minutes=2), timedelta(minutes=9), 8),
    ),
    Door("identity.unlock", lambda w, a, _b, _s: identity.unlock(w.theatre, a, "n1")),
    Door("heads.record_restored", lambda w, a, _b, _s: heads.record_restored(w.theatre, a, "by hand")),
    Door("sealing.next_key", lambda w, a, _b, _s: sealing.next_key(w.theatre, a), at_the_gate=True),
    Door("sealing.first_key", lambda w, a, _b, _s: sealing.first_key(w.theatre, a), at_the_gate=True),
    Door("backups.back_up", lambda w, _a, _b, _s: backups.back_up(w.theatre), at_the_gate=True),
    Door("backups.drill", lambda w, _a, _b, _s: backups.drill(w.theatre), at_the_gate=True),
    Door(
        "restoring.restore",
        lambda w, _a, _b, _s: restoring.restore(w.theatre.settings, w.folder / "none.db", w.theatre),
        at_the_gate=True,
    ),
)

WITHOUT = {
    "access.names_patients": "the gate itself", "access.seen": "the gate itself", "access.shown": "the gate itself",
    "access.shown_while_away": "the gate itself, while the server is away",
    "keeping.keep": "asks the table by what was last known; running.send asks again",
    "keeping.send_waiting": "by running.send, each in its own person's name", "keeping.settle": "by running.add_note",
    "running.send": "the other half of running.act, whose rows it has",
    "downtime.is_spool_due": "names nobody", "downtime.keep_spool": "the program's own, without names",
    "downtime.keep_spool_apart": "the program's own, without names", "downtime.spool_child": "the program's own",
    "series.find_series": "names no patient", "series.list_series": "names no patient",
    "series.permit": "asks the table", "series.tried": "asks the table, and writes nothing",
    "series.windows": "names no patient",
    "sources.find_source": "names no patient", "sources.list_sources": "names no patient",
    "sheets.witness_of": "a number and a hash", "boards.signable": "ids and versions",
    "forecasts.day_forecast": "case numbers and staff", "forecasts.inputs_of": "of a board that was read already",
    "histories.estimates": "minutes", "histories.known_of": "minutes",
    "identity.identify": "proves somebody", "identity.identify_badge": "proves somebody",
    "identity.take_over": "takes over who was proven by the server",
    "backups.keep_backups": "the program's own, no patient leaves", "seals.seal_rest": "the program's own",
    "sample.fill_sample": "the demonstration's own", "rehearsal.rehearse": "the demonstration's own",
    "rehearsal.rehearse_morning": "the demonstration's own",
    "searching.wanted_from": "names nobody", "finding.surgeon_called": "the team's names", "finding.procedure_called": "names nobody",
    "finding.room_called": "names nobody", "indexing.follow": "the program's own index, by who asks it",
    "log_export.case_logs": "by log_export.export_logs, which asks by it", "statistics.numbers_of": "numbers",
    "site_key.site_key_if_any": "the program's own key",
    "site_key.site_key": "the program's own key", "statistics.past_cases": "times and codes, without a patient",
    "calendar_parts.phases": "by calendars.export_pieces", "renderings.stream": "what it names was permitted by calendars.export_pieces; a feed names no patient",
    "renderings.fill": "the program's own, names no patient", "renderings.fingerprint": "a hash",
    "renderings.rendered_events": "names no patient: the level named is never stored",
    "pushing.named": "rooms, times and case numbers",
    "feeds.list_feeds": "names no patient and no token", "feeds.find_feed": "asks for the token itself",
    "feeds.etag_of": "a hash, of a feed that was found by its token", "feeds.pieces_of": "by a token, names no patient",
    "feeds.changed_since": "a time",
    "publishing.publish": "a forecast, no entry and no patient", "publishing.publish_today": "by publishing.publish",
    "publishing.expected_today": "times only", "publishing.milestones_seen": "a number",
    "calendars.services_of": "names nobody", "cases.list_rooms": "names nobody",
    "booking.would_fit": "writes nothing", "booking.preview": "writes nothing",
    "replanning.propose": "names nobody", "replanning.asked": "names nobody", "replanning.worked_out": "names nobody",
    "replanning.possible": "writes nothing",
    "waiting.where_it_fits": "names nobody", "furnishing.furniture": "names nobody",
    "resources.resources": "the team's names, no reason of a leave",
    "booking.standing_minutes": "names nobody", "weeks.find_slots": "names nobody", "weeks.open_gaps": "names nobody",
    "importing.all_or_nothing": "asks the table for the verb of its caller",
    "planning.propose_week": "case numbers and staff", "planning.week_problem": "case numbers and staff",
    "cases.list_procedures": "names nobody", "cases.procedure_names": "names nobody",
    "journals.newest_seq": "names nobody", "journals.verify_journal": "names nobody",
    "heads.own_restored": "by heads.record_restored",
    "people.find_person": "the team's names", "people.list_people": "the team's names",
    "people.keep_an_administrator": "a rule", "restoring.open_rehearsed": "opens a file",
    "restoring.rehearse": "names nobody", "restoring.seconded": "asks the second person's own PIN",
    "running.progress_dossier": "no more of the patient than the line that it is given",
    "running.refold": "the run only, no patient", "running.version_of": "a number",
    "sheets.compare": "checklists only", "terminal.take_seat": "names nobody", "theatre.open_theatre": "opens a file",
}  # fmt: skip
"""Services that open the database and ask for nobody, each with its reason."""


def found() -> set[str]:
    """Return every public service that opens the database or asks the table, directly or by another service."""
    names: dict[str, ast.FunctionDef] = {}
    calls: dict[str, set[str]] = {}
    reach: set[str] = set()
    for path in sorted(Path(services.__file__).parent.glob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        own = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        known = {
            alias.asname or alias.name: alias.name if node.module == "ortool.services" else f"{str(node.module)[16:]}."
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("ortool.services")
            for alias in node.names
        }
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                name = f"{path.stem}.{node.name}"
                names[name], calls[name] = node, set(_called(node, path.stem, own, known))
                if any(call in calls[name] for call in (".writing", ".reading", ".permit")):
                    reach.add(name)
    while more := {name for name in names if name not in reach and calls[name] & reach}:
        reach |= more
    return {name for name in reach if not name.split(".")[1].startswith("_")}


def _called(node: ast.AST, module: str, own: set[str], known: dict[str, str]) -> Iterator[str]:
    for one in ast.walk(node):
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute):
            yield f".{one.func.attr}"
            if isinstance(one.func.value, ast.Name) and one.func.value.id in known:
                yield f"{known[one.func.value.id]}.{one.func.attr}"
        elif isinstance(one, ast.Name):  # called, or handed over to be called
            yield f"{module}.{one.id}" if one.id in own else f"{known.get(one.id, '')}{one.id}"


def furnished(folder: Path) -> World:
    """Make the theatre; its people have PINs from the end on."""
    clock = Clock()
    suite = Suite(furnish(folder / "doors.db", settings(pepper_file=str(folder / "pepper.key")), clock), clock)
    world = World(suite, folder)
    boss = suite.nurse
    for number, grant in enumerate(Grant):
        new = Person(f"g{number}", f"Grant {grant}", f"G{number}", frozenset([ROLE.get(grant, "implant_rep")]))
        world.people[grant] = people.add_person(suite.theatre, boss, new)
        if grant not in ROLE:
            world.people[grant] = people.grant(suite.theatre, boss, new.id, [grant])
    for number, (stage, bond) in enumerate((s, b) for s in ("running", "later", "out", "signed") for b in CASE):
        world.cases[stage, bond] = _case(world, stage, bond, number)
    world.cases["waiting", "other"] = suite.case()
    world.feed = feeds.add_feed(suite.theatre, boss, FeedKind.ROOM, "OR1", Audience.BUSY).feed.id
    world.cases["held", "other"] = held = suite.case()
    booking.book(suite.theatre, boss, held.id, "OR1", clock.now + timedelta(days=5), 60, hold=True)
    series.set_series(suite.theatre, suite.nurse, CLOSURE)
    sources.take_in(suite.theatre, suite.nurse, CALENDAR, FEED)
    _with_pins(world)
    for bond in CASE:
        running.act(suite.theatre, NOBODY, world.case("running", bond), done("SI.consent"))
    return world


def _case(world: World, stage: str, bond: str, number: int) -> Case:
    suite, now = world.suite, world.suite.clock.now
    surgeon = world.people[Grant.SURGEON].id if bond == "own" else "s1"
    case = suite.case(surgeon=surgeon)
    start = now + (timedelta(days=3) if stage == "later" else timedelta()) + timedelta(hours=2 * number)
    booking.book(suite.theatre, suite.nurse, case.id, f"OR{number % 3 + 1}", start, 60)
    for person in world.people.values():
        role = next(iter(person.roles))
        if bond == "own" and role != "surgeon":
            suite.act(case, JoinTeam(running.voice_of(person), role))
        if bond == "opened":
            running.break_glass(suite.theatre, Actor(person), case.id, "called to help")
    stamps = {"running": ("PIR",), "later": ()}.get(stage, ("PIR", "AI", "PST", "PCB", "POR"))
    if stamps:
        suite.act(case, DeclareEmergency(), *(StampMilestone(stamp) for stamp in stamps), EndEmergency())
    if stage == "signed":
        running.sign(suite.theatre, suite.person(surgeon), case.id)
    return case


def _with_pins(world: World) -> None:
    theatre, admin = world.theatre, world.people[Grant.ADMIN]
    identity.set_pin(theatre, Actor(admin), admin.id, ADMIN_PIN)
    proven = identity.identify(theatre, admin.id, ADMIN_PIN, now=True)
    identity.set_pin(theatre, proven, "n1", "618342")
    for _ in range(3):
        try:
            identity.identify(theatre, "n1", ADMIN_PIN)
        except Refused:
            continue


def outcome(world: World, door: Door, grant: Grant, bond: str, state: str) -> str:
    """Call a service as somebody in some state, keep nothing of it, and return what became of it in one word."""
    theatre, person = world.theatre, world.people[grant]
    actor = {"proven": Actor(person, "pin"), "now": Actor(person, "pin", now=True), "locked": Actor(person, CHOSEN)}
    acting = actor.get(state, NOBODY)
    theatre.reader = NOBODY if state == "locked" else acting
    theatre.noted = Noted(theatre.now())
    world.me = person.id
    stage = "later" if state.endswith("another day") and door.stage == "running" else door.stage
    passed: list[str] = []
    with _kept_from_the_disk(theatre, door, passed):
        try:
            result = door.call(world, acting, bond, stage)
        except NeedsIdentity:
            return "who"
        except NeedsPin:
            return "pin"
        except NeedsGlass:
            return "reason"
        except NotPermitted:
            return "no"
        except Passed:
            assert passed
            return "yes"
    theatre.runs.clear()
    names = _names(result)
    return "yes" if names is None else ("yes" if names else "nameless")


def _names(result: Any) -> bool | None:
    """Whether what was read names a patient; None where it is nothing that could."""
    if isinstance(result, list) and result and isinstance(result[0], Entry):
        return any(entry.body.get("name") for entry in result) or None
    if isinstance(result, FoundList):
        result = result.cases[0]
    found = getattr(result, "case", result if isinstance(result, Case) else None)
    if found is None and hasattr(result, "all_cases"):
        found = result.all_cases[0].case
    if found is None and isinstance(result, list) and result and isinstance(result[0], tuple):
        found = result[0][0]
    if found is None and isinstance(result, list) and result and hasattr(result[0], "case"):
        found = result[0].case
    return None if found is None else bool(found.patient_name)


@contextmanager
def _kept_from_the_disk(theatre: Theatre, door: Door, passed: list[str]) -> Iterator[None]:
    transaction, permit = theatre.store.transaction, theatre.permit

    @contextmanager
    def unwritten() -> Iterator[Any]:
        with transaction() as opened:
            yield opened
            raise Passed

    def asked(*args: Any, **named: Any) -> None:
        permit(*args, **named)
        passed.append(str(args[1]))
        if door.at_the_gate:
            raise Passed

    theatre.store.transaction, theatre.permit = unwritten, asked  # type: ignore[method-assign]
    try:
        yield
    finally:
        theatre.store.transaction, theatre.permit = transaction, permit  # type: ignore[method-assign]
