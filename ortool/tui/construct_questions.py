"""What is asked about implants before a command is sent: where, which size, who is the second person."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from ortool.checklist.barcodes import NEXT
from ortool.checklist.commands import (
    CheckImplant,
    Device,
    ExplantImplant,
    PlaceImplant,
    PlanImplant,
    Undo,
    WasteImplant,
)
from ortool.checklist.construct import Cell, CellState, Construct
from ortool.checklist.decide import subject
from ortool.checklist.implant_definition import Reading
from ortool.checklist.implant_values import checked_value
from ortool.checklist.places import read_place
from ortool.checklist.scan import Scan
from ortool.errors import BadInput, Refused
from ortool.presentation.construct import scan_words
from ortool.tui.choosing import person_question
from ortool.tui.construct_acting import Asker, construct_of, perform, second_of, tell_cell
from ortool.tui.forms import Form, Question

if TYPE_CHECKING:
    pass

WASTE_REASONS = ("dropped", "wrong size opened", "does not hold", "package damaged")
UNDO_REASONS = ("wrong place", "wrong implant", "wrong size", "not implanted after all")
OUT_REASONS = ("poor purchase", "wrong size", "malposition on image", "conversion")


async def scanned(screen: Asker, raw: str, hint: Cell | None = None) -> None:
    """A barcode was scanned: ask where it goes and its size, and place it."""
    construct = construct_of(screen)
    if construct is None:
        return
    scan = await screen.app.ask(lambda: screen.app.verbs.scan(raw))
    if not scan.faults and not scan.is_complete and (second := await _second_barcode(screen, scan)):
        raw = f"{raw}{NEXT}{second}"
        scan = await screen.app.ask(lambda: screen.app.verbs.scan(raw))
    cell = await _where(screen, construct, scan, hint)
    if cell is not None:
        await _place(screen, construct, cell, Device(raw), scan)


async def _second_barcode(screen: Asker, scan: Scan) -> str:
    """Ask for the other barcode of the package where one says only device or only batch. Empty: there is none."""
    words = [*scan_words(scan, screen.app.verbs.today()), "Scan the other barcode of the package, or Enter without."]
    form = Form("Second barcode", [Question("second", "Barcode", required=False, barcode=True)], words)
    answers = await screen.app.push_screen_wait(form)
    return answers["second"] if answers else ""


async def _where(screen: Asker, construct: Construct, scan: Scan, hint: Cell | None) -> Cell | None:
    today = screen.app.verbs.today()
    free = [cell for cell in construct.cells.values() if cell.state is not CellState.IMPLANTED]
    value = hint.title if hint is not None and hint.state is not CellState.IMPLANTED else ""
    question = Question("where", "Where", value, tuple(cell.title for cell in free), check=_place_check(construct))
    alarm = bool(scan.faults or (scan.expires and scan.expires < today))
    form = Form("Implant scanned: read it against the label", [question], scan_words(scan, today), alarm=alarm)
    answers = await screen.app.push_screen_wait(form)
    return cell_named(construct, answers["where"]) if answers else None


def cell_named(construct: Construct, text: str) -> Cell | None:
    """Return the cell that a text names: its title, or its place in or beyond the planned levels."""
    wanted = " ".join(text.split()).casefold()
    for cell in construct.cells.values():
        if wanted == cell.title.casefold():
            return cell
    for part in construct.parts:
        try:
            place = read_place(part, wanted.removeprefix(part.title.casefold()))
        except BadInput:
            continue
        return construct.cells.get((part.id, place.tag)) or Cell(part, place, within=False)
    return None


def _place_check(construct: Construct) -> Callable[[str], str]:
    def check(text: str) -> str:
        cell = cell_named(construct, text)
        if cell is None:
            return "! Which place? Write for example L4 left, or a number."
        if cell.state is CellState.IMPLANTED:
            return f"! {cell.title}: an implant is recorded there already."
        beyond = "" if cell.within else " · OUTSIDE THE PLANNED LEVELS"
        return f"→ {cell.title} · planned {cell.planned_size or 'no size'}{beyond}"

    return check


def reading_question(reading: Reading, planned: str = "", current: str = "", required: bool = False) -> Question:
    """Return the question for a reading, which says at once whether it is as planned."""

    def check(text: str) -> str:
        try:
            value = checked_value(reading, text)
        except Refused as error:
            return f"! {error.message}"
        if not planned:
            return ""
        return "→ as planned" if value == planned else f"→ DIFFERS: planned {planned} {reading.unit}".rstrip()

    unit = f" ({reading.unit})" if reading.unit else " (n/n)" if reading.kind == "ratio" else ""
    label = f"{reading.title}{unit}"
    return Question(reading.id, label, current, reading.choices, check, required)


async def _place(screen: Asker, construct: Construct, cell: Cell, device: Device, scan: Scan | None) -> None:
    planned = dict(cell.planned.values) if cell.planned else {}
    readings = construct.readings_of(cell.part)
    questions = [reading_question(r, planned.get(r.id, ""), required=r.size) for r in readings]
    questions += _device_questions(scan)
    if scan is None or scan.faults or not (scan.lot or scan.serial):
        people = list(screen.people.values())
        questions.append(
            person_question("second", "Read aloud with", people, screen.last_second, required=scan is None)
        )
    words = [f"Planned: {cell.planned_size or 'no size'}. Read the size off the label."]
    answers = await screen.app.push_screen_wait(Form(cell.title, questions, words))
    if answers is None:
        return
    device = replace(
        device,
        lot=answers.get("lot", ""),
        serial=answers.get("serial", ""),
        expires=_day(answers.get("expires", "")),
        description=answers.get("description", ""),
    )
    values = {reading.id: answers[reading.id] for reading in readings if answers[reading.id]}
    second = second_of(screen, answers.get("second", ""))
    command = PlaceImplant(cell.part.id, cell.place.tag, device, values, second=second)
    if await perform(screen, command):
        tell_cell(screen, cell)


def _device_questions(scan: Scan | None) -> list[Question]:
    """Return the questions for what the barcode does not say."""
    found: list[Question] = []
    if scan is None:
        found.append(Question("description", "Reference, maker", required=False))
    if scan is None or not (scan.lot or scan.serial):
        found += [Question("lot", "Lot", required=scan is None), Question("serial", "Serial", required=False)]
    if scan is None or scan.expires is None:
        found.append(Question("expires", "Expires (YYYY-MM-DD)", check=_day_check, required=False))
    return found


def _day_check(text: str) -> str:
    try:
        return f"→ {date.fromisoformat(text):%d %b %Y}"
    except ValueError:
        return "! Write the date as 2027-03-31."


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


async def by_hand(screen: Asker, cell: Cell) -> None:
    """Enter an implant that carries no barcode, such as a loose screw from a tray: two people read it aloud."""
    construct = construct_of(screen)
    if construct is not None:
        await _place(screen, construct, cell, Device(), None)


async def plan(screen: Asker, cell: Cell) -> None:
    """Ask for the planned size of a place."""
    current = dict(cell.planned.values) if cell.planned else {}
    questions = [reading_question(r, "", current.get(r.id, ""), required=True) for r in cell.part.sizes]
    context = cell.planned.regulatory_context if cell.planned else ""
    questions.append(Question("context", "Regulatory context", context, required=False))
    answers = await screen.app.push_screen_wait(Form(f"Plan: {cell.title}", questions))
    if answers is None:
        return
    values = {reading.id: answers[reading.id] for reading in cell.part.sizes}
    if await perform(screen, PlanImplant(cell.part.id, cell.place.tag, values, answers["context"])):
        screen.say(f"{cell.title}: planned.", "done")


async def take_back(screen: Asker, cell: Cell) -> None:
    """Undo the last record about a place: asked first, with a reason where more than a minute has gone."""
    construct = construct_of(screen)
    here = [r for r in construct.records if (r.part, r.place) == cell.key] if construct else []
    if not here:
        screen.say(f"{cell.title}: there is nothing to undo.", "warn")
        return
    reason = Question("reason", "Reason, after a minute", presets=UNDO_REASONS, required=False)
    answers = await screen.app.push_screen_wait(Form(f"Undo {subject(here[-1])}?", [reason]))
    if answers is not None and await perform(screen, Undo(here[-1].seq, answers["reason"])):
        screen.say(f"Undone: {subject(here[-1])}.", "warn")


async def check(screen: Asker, cell: Cell) -> None:
    """Ask for the readings of an implant in place: walls, EMG, purchase, set screws final."""
    construct = construct_of(screen)
    if construct is None:
        return
    asked = [reading for reading in construct.readings_of(cell.part) if not reading.size]
    questions = [reading_question(reading, "", cell.values.get(reading.id, "")) for reading in asked]
    answers = await screen.app.push_screen_wait(Form(f"Readings: {cell.title}", questions))
    if answers and await perform(screen, CheckImplant(cell.part.id, cell.place.tag, _given(answers))):
        tell_cell(screen, cell)


def _given(answers: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in answers.items() if text}


async def waste(screen: Asker, cell: Cell) -> None:
    """Ask for an implant that was opened and not used: its barcode or lot, and why."""
    questions = [
        Question("raw", "Barcode", required=False, barcode=True),
        Question("lot", "or lot, by two people", required=False),
        Question("reason", "Why", presets=WASTE_REASONS),
        person_question("second", "Read aloud with", list(screen.people.values()), "", required=False),
    ]
    title = f"Wasted: {cell.part.title}"
    answers = await screen.app.push_screen_wait(Form(title, questions, accept=_named))
    if answers is None:
        return
    device = Device(answers["raw"], lot=answers["lot"] if not answers["raw"] else "")
    second = second_of(screen, answers["second"])
    command = WasteImplant(cell.part.id, device, answers["reason"], cell.place.tag, second)
    if await perform(screen, command):
        screen.say(f"{cell.part.title} wasted: stored.", "done")


def _named(answers: dict[str, str]) -> str:
    return "" if answers["raw"] or answers["lot"] else "Scan its barcode, or type its lot."


async def take_out(screen: Asker, cell: Cell) -> None:
    """Ask why an implant is taken out; of earlier hardware also what it is."""
    questions = [Question("reason", "Why is it taken out", presets=OUT_REASONS)]
    if not cell.implanted:
        questions.insert(0, Question("description", "What is taken out"))
    answers = await screen.app.push_screen_wait(Form(f"Taken out: {cell.title}", questions, alarm=True))
    if answers is None:
        return
    device = Device(description=answers.get("description", ""))
    if await perform(screen, ExplantImplant(cell.part.id, cell.place.tag, answers["reason"], device)):
        screen.say(f"{cell.title}: taken out, stored.", "warn")


def cell_of_pause(construct: Construct, pause: str) -> Cell | None:
    """Return the first cell at the place of a repeated pause (`P8@L4-left`), None elsewhere."""
    tag = pause.partition("@")[2]
    return next((cell for cell in _here(construct.cells.values(), tag)), None) if tag else None


def _here(cells: Iterable[Cell], tag: str) -> Iterable[Cell]:
    return (cell for cell in cells if cell.place.tag == tag)
