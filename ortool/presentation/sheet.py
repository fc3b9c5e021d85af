"""A checklist or a case as a downtime sheet: what paper says when there is no screen."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from ortool.caselog.dossier import Dossier
from ortool.caselog.remarks import SHORT_HASH
from ortool.caselog.sheet import APPROVAL_MISSING, Sheet, SheetBlock, SheetCounts, SheetLine, form_number
from ortool.checklist.counts import moment_title
from ortool.checklist.definition import Checklist, Item, ItemType, Pause
from ortool.checklist.extras import as_pause
from ortool.checklist.levels import Levels
from ortool.checklist.plan import PlannedPause, PlannedStep, applies, make_plan
from ortool.checklist.records import Answer, Count, Record, State
from ortool.checklist.run import Run
from ortool.checklist.timers import SiteValues
from ortool.presentation.answers import value_words
from ortool.presentation.identity import initials
from ortool.presentation.sheet_tables import construct_tables, sheet_clocks
from ortool.presentation.words import ASCII_GLYPHS, STATE_WORDS, clock, day
from ortool.text import clean

COPIES = 4
"""How often a pause that is repeated for each pedicle stands on a sheet that does not know the levels."""
NO_VALUES: SiteValues = MappingProxyType({})
UNNAMED = ("Label, or name: _____________________", "born ______________ hospital number ______________")
LONGEST = 4_000
"""What is printed of one line of text: as much as may be entered, so that nothing is cut."""


def blank_sheet(
    checklist: Checklist, sha256: str, site: str, printed_at: datetime, zone: ZoneInfo, values: SiteValues = NO_VALUES
) -> Sheet:
    """Return the blank sheet of a checklist, as printed at `printed_at` (UTC), with the `values` of the site."""
    run = Run(make_plan(checklist, Levels(()), {}))
    return _sheet(_Writer(run, {}, printed_at, zone, values), checklist, sha256, site, ("", (), "blank"))


def case_sheet(
    dossier: Dossier, site: str, printed_at: datetime, zone: ZoneInfo, values: SiteValues = NO_VALUES
) -> Sheet | None:
    """Return the sheet of a case as far as its run has come; None for a procedure without a checklist."""
    run = dossier.run
    if run is None:
        return None
    state = f"as entered until {clock(printed_at, zone)}" if run.live else "blank: nothing is entered yet"
    about = (str(dossier.case.number), _identity(dossier, zone), state)
    return _sheet(
        _Writer(run, dossier.names, printed_at, zone, values), run.plan.checklist, dossier.sha256, site, about
    )


def _sheet(
    writer: "_Writer", checklist: Checklist, sha256: str, site: str, about: tuple[str, tuple[str, ...], str]
) -> Sheet:
    subject, identity, state = about
    return Sheet(
        clean(checklist.title),
        checklist.id,
        clean(checklist.version),
        sha256[:SHORT_HASH],
        _approval(checklist),
        clean(checklist.based_on),
        clean(site),
        f"{day(writer.now, writer.zone)} {writer.now.astimezone(writer.zone):%H:%M %Z}",
        form_number(writer.now, sha256, subject),
        state,
        identity,
        tuple(writer.blocks()),
        writer.counts(),
        tuple(construct_tables(writer.run, writer.names, writer.zone)),
        tuple(sheet_clocks(writer.run, writer.site, writer.now, writer.zone)),
        tuple(writer.events()),
    )


def _approval(checklist: Checklist) -> str:
    if not checklist.approved_by:
        return APPROVAL_MISSING
    when = f" on {clean(checklist.approved_on)}" if checklist.approved_on else ""
    return f"approved by {clean(checklist.approved_by)}{when}"


def _identity(dossier: Dossier, zone: ZoneInfo) -> tuple[str, ...]:
    case, slot = dossier.case, dossier.slot
    born = f"born {case.born.isoformat()}" if case.born else "born: not known"
    levels = " ".join(part for part in (case.levels, case.side) if part)
    planned = f"{slot.room}, {day(slot.start, zone)} {clock(slot.start, zone)}" if slot else "no slot"
    whose = (case.patient_name, f"{born}, hospital number {case.hospital_number}")
    lines = (
        *(whose if case.patient_name else UNNAMED),
        f"{case.procedure} {levels}",
        f"Allergies: {case.allergies or 'not recorded'}",
        f"Case {case.number}, {planned}, {case.surgeon}",
    )
    return tuple(clean(line, LONGEST) for line in lines)


class _Writer:
    """Writes the lines of one run: every value in the theatre's zone, every person by initials."""

    def __init__(self, run: Run, names: dict[str, str], now: datetime, zone: ZoneInfo, site: SiteValues) -> None:
        self.run = run
        self.names = names
        self.now = now
        self.zone = zone
        self.site = site

    def blocks(self) -> Iterator[SheetBlock]:
        """Yield each phase's stamps and records, and each pause, in the order of the day."""
        waiting: list[SheetLine] = []
        phase = heading = ""
        for step in self.run.plan.steps:
            if step.phase.id != phase:
                if waiting:
                    yield _stretch(heading, waiting)
                phase, heading, waiting = step.phase.id, step.phase.title, []
            if step.pause is None:
                waiting.append(self._step(step))
                continue
            # A phase that begins with a pause still says its name.
            yield _stretch(heading, waiting)
            heading, waiting = "", []
            yield from self._pauses(step.pause)
        if waiting:
            yield _stretch(heading, waiting)

    def _pauses(self, pause: PlannedPause) -> Iterator[SheetBlock]:
        if pause.definition.for_each is None or pause.target:
            yield self._pause(pause, pause.title)
            return
        for number in range(1, COPIES + 1):
            yield self._pause(pause, f"{pause.title} {number}: level and side ______________")

    def _pause(self, pause: PlannedPause, title: str) -> SheetBlock:
        lines = tuple(self._item(item, pause.id) for item in self.run.items_of(pause))
        passed = self.run.passes.get(pause.id)
        notes = [*_how(pause), *_gate(pause, self.run)]
        if passed:
            notes.append(
                f"PASSED INCOMPLETE at {clock(passed.occurred_at, self.zone)}: {clean(passed.reason, LONGEST)}"
            )
        return SheetBlock(f"{pause.definition.id} {title}", tuple(notes), lines, clean(pause.definition.closing_words))

    def _step(self, step: PlannedStep) -> SheetLine:
        if step.record:
            return self._item(step.record)
        assert step.stamp is not None
        found = self.run.stamps.get(step.stamp.id)
        optional = "" if step.stamp.required else " (optional)"
        return SheetLine(
            step.stamp.id,
            f"{step.stamp.title}{optional}",
            who=_role(step.stamp.by),
            time=clock(found.occurred_at, self.zone) if found else "",
            initials=self._initials(found) if found else "",
            is_stamp=True,
        )

    def _item(self, item: Item, pause: str = "") -> SheetLine:
        state = self.run.state_of(item, self.now, pause)
        answer = self.run.answers.get(item.id) if state is not State.OPEN else None
        count = self.run.ledger.last(item.moment) if item.moment else None
        record: Record | None = answer or count
        is_found = state is State.AUTO and record is None
        return SheetLine(
            item.id.partition("@")[0],
            item.prompt,
            item.response,
            ", ".join(_role(role) for role in item.responders),
            _to_write(item),
            "" if state is State.OPEN else ASCII_GLYPHS[state],
            "" if state is State.OPEN else self._said(item, state, answer),
            clock(record.occurred_at, self.zone) if record else "-" * is_found,
            self._initials(record) if record else "auto" * is_found,
            item.hard_stop,
            item.second_reader,
        )

    def _said(self, item: Item, state: State, answer: Answer | None) -> str:
        if state is State.AUTO and item.type is ItemType.AUTO:
            return self.run.auto_result(item, self.now).sentence
        if answer is None:
            return {State.AUTO: "count correct", State.NO: "COUNT DOES NOT AGREE"}.get(state, "")
        word = STATE_WORDS[state] if state is not State.DONE else ""
        value = value_words(item, answer, self.zone, answer.occurred_at.astimezone(self.zone).date())
        where = f"to {answer.defer_to}" if state is State.DEFERRED else ""
        told = " ".join(part for part in (word, where, value) if part)
        return clean(": ".join(part for part in (told, answer.reason) if part), LONGEST)

    def _initials(self, record: Record) -> str:
        people = [record.actor, str(getattr(record, "second", ""))]
        return " / ".join(initials(self.names.get(person, person)) for person in people if person)

    def counts(self) -> SheetCounts | None:
        """Return the count table, None for a checklist that counts nothing."""
        checklist = self.run.plan.checklist
        if not checklist.counts:
            return None
        ledger = self.run.ledger
        planned = [moment.id for moment in checklist.counts]
        reliefs = {count.moment for count in ledger.counts} - set(planned)
        moments = [*planned, *sorted(reliefs)]
        last = [ledger.last(moment) for moment in moments]
        return SheetCounts(
            tuple(moment_title(checklist, moment) for moment in moments),
            tuple(category.title for category in checklist.count_categories),
            tuple(tuple(_counted(count, one.id) for count in last) for one in checklist.count_categories),
            tuple(f"{clock(one.occurred_at, self.zone)} {self._initials(one)}" if one else "" for one in last),
            tuple(self._added(one.id) for one in checklist.count_categories),
        )

    def _added(self, category: str) -> str:
        ledger = self.run.ledger
        numbers = [added.number for added in ledger.added if added.category == category]
        return f"{sum(numbers):+d}, now {ledger.expected()[category]}" if numbers else ""

    def events(self) -> Iterator[SheetBlock]:
        """Yield what is read and done when something happens, each list blank: it may happen again."""
        checklist = self.run.plan.checklist
        blank = _Writer(Run(self.run.base), {}, self.now, self.zone, self.site)
        if checklist.count_path:
            yield blank._event(checklist.count_path, "")
        for event in checklist.events:
            yield blank._event(as_pause(event), event.priority)

    def _event(self, pause: Pause, priority: str) -> SheetBlock:
        items = [item for item in pause.items if applies(item, self.run.plan.facts)]
        lines = [replace(self._item(item), detail=clean(item.detail, LONGEST)) for item in items]
        happened = SheetLine("", "It happened, and was said aloud", who=_role(pause.reader), is_stamp=True)
        rank = f" ({priority})" if priority else ""
        notes = (f"Read by {_role(pause.reader)}; read a line, do it, answer. Holds nothing back.",)
        return SheetBlock(
            f"{pause.id} {pause.title}{rank}", notes, (happened, *lines), clean(pause.closing_words), is_large=True
        )


def _stretch(heading: str, lines: list[SheetLine]) -> SheetBlock:
    return SheetBlock(heading, (), tuple(lines), is_pause=False)


def _how(pause: PlannedPause) -> list[str]:
    definition = pause.definition
    read = "read a line, do it, answer" if definition.mode.value == "read-do" else "work, then stop and confirm"
    leader = f", led by {_role(definition.leader)}" if definition.leader else ""
    present = ", ".join(_role(role) for role in definition.present)
    return [
        f"Read by {_role(definition.reader)}{leader}; {read}; {definition.target_seconds} s."
        + (f" There: {present}." if present else "")
    ]


def _gate(pause: PlannedPause, run: Run) -> list[str]:
    named = {stamp.id: stamp.title for stamp in run.plan.checklist.stamps}
    named |= {one.id: one.title for one in run.plan.checklist.pauses}
    gates = [f"{named.get(gate, gate)} ({gate})" for gate in pause.definition.gates]
    whole = " Never passed as a whole." if pause.definition.never_whole else ""
    return [f"Complete before: {', '.join(gates)}.{whole}"] if gates else []


def _role(role: str) -> str:
    return str(role).replace("_", " ")


def _to_write(item: Item) -> str:
    """Return what is written by hand beside an item, with the room for it."""
    match item.type:
        case ItemType.NUMBER:
            return f"_________ {item.unit}"
        case ItemType.CHOICE:
            return "   ".join(_whole(f"( ) {choice}") for choice in item.choices)
        case ItemType.TEXT:
            return "______________________________" + (f" {item.unit}" if item.unit else "")
        case ItemType.TIME:
            return "time ____ : ____"
        case ItemType.SCAN:
            return (
                "label _________________" if item.code == "any" else "lot _________ serial _________ expires _________"
            )
        case ItemType.IMAGE:
            return "image number _________________"
        case ItemType.COUNT:
            return f"{_whole('( ) correct')}   {_whole('( ) not correct')}   numbers: count table"
        case ItemType.AUTO:
            return "found out by the program; on paper: write what and when ______________"
        case _:
            return ""


def _whole(words: str) -> str:
    """Return words that no line break parts."""
    return words.replace(" ", "\N{NO-BREAK SPACE}")


def _counted(count: Count | None, category: str) -> str:
    if count is None or category not in count.found:
        return ""
    found, expected = count.found[category], count.expected.get(category, count.found[category])
    return str(found) if found == expected else f"{found} (expected {expected})"
