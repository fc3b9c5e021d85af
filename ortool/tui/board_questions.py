"""What the board asks: booking, moving, cancelling, finding, exporting."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ortool.errors import BadInput, OrtoolError
from ortool.presentation.board_rows import operation
from ortool.presentation.forecast_lines import estimate_brief
from ortool.presentation.identity import short_identity
from ortool.presentation.words import clock
from ortool.schedule.codes import CANCELLATIONS, MOVES
from ortool.schedule.wall_time import read_date
from ortool.tui.choosing import match, person_question
from ortool.tui.forms import Form, Offer, Question
from ortool.tui.identifying import carry_out
from ortool.tui.slot_reasons import coded_questions, reason_of

if TYPE_CHECKING:
    from ortool.caselog.case import Case, Slot
    from ortool.people.person import Person
    from ortool.schedule.durations import Estimate
    from ortool.services.histories import Known
    from ortool.tui.board import BoardScreen

URGENCIES = ("elective", "urgent", "emergency")
CANCELLED, WAITS = "cancelled", "waits for another slot"


async def _actor_is_known(screen: BoardScreen) -> bool:
    return screen.app.actor is not None or await screen.app.choose_actor()


def _room_question(screen: BoardScreen, value: str) -> Question:
    assert screen.board is not None
    rooms = tuple(screen.board.rooms)

    def check(text: str) -> str:
        return f"→ {screen.board.rooms[text]}" if screen.board and text in rooms else f"! One of {', '.join(rooms)}."

    return Question("room", "Room", value, presets=rooms, check=check)


def _minutes_check(outlook: Callable[[], Estimate | None]) -> Callable[[str], str]:
    """Return a check of the minutes that also says what such a case takes, as far as it is known by then."""

    def check(text: str) -> str:
        if not (text.isdigit() and 5 <= int(text) <= 1440):
            return "! Whole minutes, 5 to 1440."
        found = outlook()
        return f"→ {estimate_brief(found, int(text))}" if found else ""

    return check


def _start(screen: BoardScreen, answers: dict[str, str]) -> datetime:
    return screen.app.verbs.local_instant(answers["day"], answers["start"])


def _start_questions(
    screen: BoardScreen, room: str, start: str, minutes: str, outlook: Callable[[], Estimate | None] = lambda: None
) -> list[Question]:
    assert screen.board is not None
    return [
        _room_question(screen, room),
        Question(
            "day", "Day (YYYY-MM-DD)", screen.board.day.isoformat(), check=_caught(lambda text: str(read_date(text)))
        ),
        Question("start", "Start (HH:MM)", start, check=_clock_check(screen)),
        Question("minutes", "Minutes", minutes, check=_minutes_check(outlook)),
    ]


def _caught(read: Callable[[str], str]) -> Callable[[str], str]:
    def check(text: str) -> str:
        try:
            return f"→ {read(text)}"
        except OrtoolError as error:
            return f"! {error}"

    return check


def _clock_check(screen: BoardScreen) -> Callable[[str], str]:
    assert screen.board is not None
    day = screen.board.day.isoformat()
    return _caught(lambda text: clock(screen.app.verbs.local_instant(day, text), screen.app.verbs.zone))


async def book(screen: BoardScreen) -> None:
    """Book a waiting case where there is one, or add a new one; a clash keeps the form open with its sentence."""
    if not await _actor_is_known(screen):
        return
    app = screen.app
    waiting = await app.ask(app.verbs.waiting)
    surgeons = await app.ask(lambda: app.verbs.people("surgeon"))
    anaesthetists = await app.ask(lambda: app.verbs.people("anaesthetist"))
    procedures = await app.ask(app.verbs.procedures)
    if waiting:
        names = "  ".join(f"{one.case.number} {one.case.procedure_short}" for one in waiting[:8])
        question = Question("case", "Case number; empty for a new case", required=False)
        answers = await app.push_screen_wait(Form("Book", [question], [f"Waiting for a slot: {names}"]))
        if answers is None:
            return
        if answers["case"]:
            asked = answers["case"].lstrip("#")
            chosen = next((one.case for one in waiting if str(one.case.number) == asked), None)
            if chosen is None:
                raise BadInput(f"Case {answers['case'][:20]} does not wait for a slot.")
            await _book_waiting(screen, chosen)
            return
    known = await app.ask(app.verbs.known_durations)
    await _book_new(screen, surgeons, anaesthetists, procedures, known)


async def _book_waiting(screen: BoardScreen, case: Case) -> None:
    app, case_id, number = screen.app, case.id, case.number
    found = (await app.ask(app.verbs.known_durations))[case.procedure_id].estimate(case.levels, case.surgeon_id)

    async def accept(answers: dict[str, str]) -> str:
        start = _start(screen, answers)
        slot = await carry_out(
            app, lambda actor: app.verbs.book(actor, case_id, answers["room"], start, int(answers["minutes"]))
        )
        return _with_warnings(screen, f"Case {number} is booked.", slot)

    questions = _start_questions(screen, _room_here(screen), "", "", lambda: found)
    await _insist(screen, f"Book case {number}", questions, accept)


async def _book_new(
    screen: BoardScreen,
    surgeons: list[Person],
    anaesthetists: list[Person],
    procedures: list[tuple[str, str, int, int]],
    durations: dict[str, Known],
) -> None:
    app = screen.app
    typed: dict[str, str] = {}

    def outlook() -> Estimate | None:
        """Return what is known by what was typed so far."""
        like, who = _like(procedures, typed.get("procedure", "")), match(surgeons, typed.get("surgeon", ""))
        return (
            durations[like[0][0]].estimate(typed.get("levels", ""), who.id if who else "") if len(like) == 1 else None
        )

    known = {name.casefold(): identifier for identifier, name, _, _ in procedures}
    surgeon_asked = person_question("surgeon", "Surgeon", surgeons)
    questions = [
        Question("hospital_number", "Hospital number"),
        Question("name", "Patient's name"),
        Question("born", "Born (YYYY-MM-DD)", required=False, check=_caught(lambda text: str(read_date(text)))),
        Question("allergies", "Allergies (or: none known)"),
        Question("procedure", "Procedure", check=_kept(typed, "procedure", _procedure_check(procedures))),
        Question("levels", "Levels (for example L4-5)", required=False, check=_kept(typed, "levels", _levels_check)),
        Question("side", "Side", presets=("left", "right", "both", "midline"), required=False),
        Question("urgency", "Urgency", presets=URGENCIES, required=False),
        replace(surgeon_asked, check=_kept(typed, "surgeon", surgeon_asked.check)),
        person_question("anaesthetist", "Anaesthetist", anaesthetists, required=False),
        *_start_questions(screen, _room_here(screen), "", "", outlook),
    ]

    async def accept(answers: dict[str, str]) -> str:
        from ortool.services.cases import NewCase

        surgeon, anaesthetist = match(surgeons, answers["surgeon"]), match(anaesthetists, answers["anaesthetist"])
        found = known.get(answers["procedure"].casefold()) or _like(procedures, answers["procedure"])[0][0]
        new = NewCase(
            answers["hospital_number"], answers["name"], found, surgeon.id if surgeon else "",
            born=read_date(answers["born"]) if answers["born"] else None,
            levels=answers["levels"], side=answers["side"],
            anaesthetist=anaesthetist.id if anaesthetist else "", allergies=answers["allergies"],
            urgency=answers["urgency"] or URGENCIES[0],
        )  # fmt: skip
        start, minutes = _start(screen, answers), int(answers["minutes"])
        slot = await carry_out(app, lambda actor: app.verbs.add_and_book(actor, new, answers["room"], start, minutes))
        return _with_warnings(screen, f"Booked: {slot.room_id}, {answers['day']} {answers['start']}.", slot)

    await _insist(screen, "New case", questions, accept)


def _kept(typed: dict[str, str], name: str, check: Callable[[str], str] | None) -> Callable[[str], str]:
    """Return the check, and note what it was asked about: a later field of the form may build on it."""

    def keep(text: str) -> str:
        typed[name] = text
        return check(text) if check else ""

    return keep


def _like(procedures: list[tuple[str, str, int, int]], text: str) -> list[tuple[str, str, int, int]]:
    wanted = text.casefold()
    exact = [row for row in procedures if wanted in (row[0].casefold(), row[1].casefold())]
    return exact or [row for row in procedures if wanted in row[1].casefold() or wanted in row[0].casefold()]


def _procedure_check(procedures: list[tuple[str, str, int, int]]) -> Callable[[str], str]:
    def check(text: str) -> str:
        found = _like(procedures, text)
        if len(found) == 1:
            _, name, one, two = found[0]
            usual = f"{one} min" if one == two else f"{one} min for one level, {two} for two"
            return f"→ {name}, usually {usual}"
        if not found:
            return f"! {text[:30]} is not known here."
        return "! Which: " + ", ".join(row[1] for row in found[:5]) + "?"

    return check


def _levels_check(text: str) -> str:
    from ortool.checklist.levels import parse_levels

    return _caught(lambda typed: str(parse_levels(typed)))(text)


def _room_here(screen: BoardScreen) -> str:
    return screen.selected.slot.room_id if screen.selected else ""


Accept = Callable[[dict[str, str]], Awaitable[str]]


async def _insist(screen: BoardScreen, title: str, questions: list[Question], accept: Accept) -> None:
    """Ask, try, and ask again with the draft kept for as long as the answer is refused.

    Where something is taken, the nearest start that works is offered.
    """
    words: list[str] = []
    offer: Offer | None = None
    while True:
        form = Form(title, questions, words, alarm=bool(words), offer=offer)
        if (answers := await screen.app.push_screen_wait(form)) is None:
            return
        try:
            done = await accept(answers)
        except OrtoolError as error:
            words, offer = [str(error)], _offered(screen, error)
            questions = [_filled(question, answers[question.name]) for question in questions]
            continue
        screen.app.tell(done)
        return


def _offered(screen: BoardScreen, error: OrtoolError) -> Offer | None:
    nearest: datetime | None = getattr(error, "nearest", None)
    if nearest is None:
        return None
    local = nearest.astimezone(screen.app.verbs.zone)
    return Offer(f"{local:%H:%M on %a %d %b}", {"day": f"{local:%Y-%m-%d}", "start": f"{local:%H:%M}"})


def _with_warnings(screen: BoardScreen, done: str, slot: Slot) -> str:
    """Tell what the site wants to be told of a slot, and return what was done."""
    for warning in slot.warnings:
        screen.app.tell(f"Note: {warning}", severe=True)
    return done


def _filled(question: Question, value: str) -> Question:
    return replace(question, value=value)


async def move(screen: BoardScreen) -> None:
    """Move a slot; the room, time and length that stand are filled in."""
    one = screen.selected
    if one is None or not await _actor_is_known(screen):
        return
    app = screen.app
    start = clock(one.slot.start, app.verbs.zone)
    length = str(int(one.slot.length.total_seconds() // 60))
    questions = _start_questions(screen, one.slot.room_id, start, length)
    questions += coded_questions(MOVES, needed=False)

    async def accept(answers: dict[str, str]) -> str:
        at, minutes = _start(screen, answers), int(answers["minutes"])
        code, words = reason_of(answers, MOVES)
        slot = await carry_out(
            app, lambda actor: app.verbs.move(actor, one.case.id, answers["room"], at, minutes, words, code)
        )
        done = f"Case {one.case.number} is moved to {answers['room']}, {answers['start']}."
        return _with_warnings(screen, done, slot)

    await _insist(screen, f"Move case {one.case.number}", questions, accept)


async def cancel(screen: BoardScreen) -> None:
    """Give a slot back with a coded reason: the case is cancelled, or waits for another slot."""
    one = screen.selected
    if one is None or not await _actor_is_known(screen):
        return
    app, number = screen.app, one.case.number
    questions = [*coded_questions(CANCELLATIONS), Question("then", "The case is", presets=(CANCELLED, WAITS))]
    words = [f"{operation(one.case)}, patient {short_identity(one.case)}, {one.case.surgeon}"]

    def accept(answers: dict[str, str]) -> str:
        if not answers["code"] and not answers["words"]:
            return "A code or some words say why."
        return "" if answers["then"] in (CANCELLED, WAITS) else f"Write 1 ({CANCELLED}) or 2 ({WAITS})."

    answers = await app.push_screen_wait(
        Form(f"Case {number}: give its slot back", questions, words, accept, alarm=True)
    )
    if answers is None:
        return
    code, reason = reason_of(answers, CANCELLATIONS)
    if answers["then"] == CANCELLED:
        await carry_out(app, lambda actor: app.verbs.cancel(actor, one.case.id, reason, code))
        app.tell(f"Case {number} is cancelled.")
    else:
        await carry_out(app, lambda actor: app.verbs.release(actor, one.case.id, reason, code))
        app.tell(f"Case {number} waits for another slot.")


async def find(screen: BoardScreen) -> None:
    """Put the cursor on the first case that has what was typed in its number, surgeon, procedure or levels."""
    answers = await screen.app.push_screen_wait(
        Form("Find on this day", [Question("text", "Number, surgeon, procedure")])
    )
    if answers is None or screen.board is None:
        return
    wanted = answers["text"].casefold().lstrip("#")
    for one in screen.board.all_cases:
        case = one.case
        words = f"{case.number} {case.surgeon} {case.procedure} {case.procedure_short} {case.levels}".casefold()
        if wanted in words:
            screen.rows.go_to(case.id)
            return
    screen.app.tell(f"Nothing on this day has {answers['text'][:30]!r}.", severe=True)


EXPORT_LEVELS = ("busy", "slot", "team")


def _days_check(text: str) -> str:
    return "" if text.isdigit() and 1 <= int(text) <= 400 else "! Whole days, 1 to 400."


def _level_check(text: str) -> str:
    return "" if text in EXPORT_LEVELS else "! One of busy, slot, team. What names patients: `ortool calendar export`."


async def export(screen: BoardScreen) -> None:
    """Write a calendar file from the day that is shown on, for an audience that reads of no patient."""
    assert screen.board is not None
    day: date = screen.board.day
    app = screen.app
    target = Path.cwd() / f"ortool-{day.isoformat()}.ics"
    words = ["busy: the room is taken; slot: specialty and case number; team: also staff. No patient data.",
             "Calendar programs look again only every few hours: this is no same-day channel."]  # fmt: skip
    questions = [
        Question("file", "File", str(target)),
        Question("days", "Days", "1", check=_days_check),
        Question("level", "Audience", "slot", presets=EXPORT_LEVELS, check=_level_check),
    ]
    answers = await app.push_screen_wait(Form("Calendar file", questions, words))
    if answers is None:
        return
    days, level = int(answers["days"]), answers["level"]
    content = await app.ask(lambda: app.verbs.export(day, days, level))
    try:
        await app.ask(lambda: Path(answers["file"]).expanduser().write_bytes(content))
    except OSError as error:
        raise BadInput(f"The file cannot be written: {error.strerror}.") from None
    app.tell(f"Written: {answers['file']}")


async def undo(screen: BoardScreen) -> None:
    """Take back the last change of the schedule that whoever is here made."""
    from ortool.tui.week_questions import take_back

    known = {one.case.id: one.case.number for one in screen.board.all_cases} if screen.board else {}
    screen.app.tell((await take_back(screen.app, known))[1])


async def replan(screen: BoardScreen) -> None:
    """Ask what happened, and show how the day could go on."""
    from ortool.tui.replan import ask

    await ask(screen)


QUESTIONS: dict[str, Callable[[BoardScreen], Awaitable[None]]] = {
    "book": book,
    "move": move,
    "cancel": cancel,
    "find": find,
    "export": export,
    "undo": undo,
    "replan": replan,
}
