"""What the case screen asks of its clocks: answer the first that is due, put it off, start one, type a reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ortool.caselog.milestones import CaseState
from ortool.checklist.clocks import CALLS, ClockPhase, ClockState, clocks
from ortool.checklist.commands import AnswerTimer, SnoozeTimer, StartTimer, TakeReading
from ortool.checklist.timers import BY_HAND, BY_READING
from ortool.presentation.clock_lines import clock_sentence
from ortool.presentation.words import plural
from ortool.tui.case_questions import refusal_of, time_question
from ortool.tui.forms import Form, Question

if TYPE_CHECKING:
    from ortool.tui.case import CaseScreen
    from ortool.tui.case_display import CaseDisplay

LATER_REASONS = ("not possible at this moment", "being done now", "surgeon's decision", "anaesthetist's decision")
LATER = {False: ("5", "Minutes", 1), True: ("1", "Days", 24 * 60)}
"""What is offered first, how it is asked, and how many minutes one of it is: by the clock, and by the calendar."""


def clocks_of(screen: CaseDisplay) -> tuple[ClockState, ...]:
    """Return the clocks of the case as they stand now; none in a case that is signed or cancelled."""
    dossier = screen.dossier
    over = dossier is None or dossier.history.is_signed or dossier.case.state is CaseState.CANCELLED
    run = None if dossier is None or over else dossier.run
    settings = screen.app.verbs.settings
    return clocks(run, screen.app.now(), settings.site_values, settings.zone) if run else ()


async def ask(screen: CaseScreen, what: str) -> None:
    """Carry out `done`, `later` or `start` on the clock that is due, or on one that is chosen."""
    await {"done": _done, "later": _later, "start": _start}[what](screen)


async def _done(screen: CaseScreen) -> None:
    clock = await _called(screen, "Which clock is answered?")
    if clock is None:
        return
    # Asked, because the letter may come from a scanner; one that was chosen has been asked for already.
    form = Form(f"{clock.title}: answered?", [], [_words(screen, clock), clock.timer.acknowledge], confirm=True)
    if clock.state in CALLS and await screen.app.push_screen_wait(form) is None:
        return
    if await screen.carry_out(AnswerTimer(clock.id), ""):
        _say(screen, f"{clock.title}: {clock.timer.acknowledge}.")


async def _later(screen: CaseScreen) -> None:
    clock = await _called(screen, "Which clock is put off?")
    if clock is None:
        return
    first, asked, each = LATER[clock.timer.is_calendar]
    questions = [
        Question("number", asked, first, check=lambda text: "" if text.isdigit() else "! A whole number."),
        Question("reason", "Reason", presets=LATER_REASONS),
    ]
    answers = await screen.app.push_screen_wait(Form(f"Later: {clock.title}", questions))
    if answers is None:
        return
    number = int(answers["number"])
    if await screen.carry_out(SnoozeTimer(clock.id, number * each, answers["reason"]), ""):
        _say(screen, f"{clock.title} is put off by {f'{number} min' if each == 1 else plural(number, 'day')}.")


async def _start(screen: CaseScreen) -> None:
    by_hand = [
        clock
        for clock in clocks_of(screen)
        if clock.timer.starts in (BY_HAND, BY_READING) and clock.state is not ClockPhase.STOPPED
    ]
    clock = await _chosen(
        screen, by_hand, "Which clock is started, or which reading typed?", "No clock here is started by hand."
    )
    if clock is not None and clock.timer.reading:
        await _read(screen, clock)
    elif clock is not None and await screen.carry_out(StartTimer(clock.id), ""):
        _say(screen, f"{clock.title}: started{_missing(screen, clock)}.")


async def _read(screen: CaseScreen, clock: ClockState) -> None:
    """Ask for a reading and its time. What it does to the clock is computed; what is typed is kept as it is."""
    asked = clock.timer.reading
    assert asked is not None
    questions = [Question("value", f"Value ({asked.unit})" if asked.unit else "Value"), time_question(screen)]

    def command(given: dict[str, str]) -> TakeReading:
        # The time that was offered means now: seconds count where minutes do.
        untouched = given["time"] == questions[1].value
        return TakeReading(clock.id, given["value"], None if untouched else screen.at(given["time"]))

    def accept(given: dict[str, str]) -> str:
        return refusal_of(screen, command(given))

    answers = await screen.app.push_screen_wait(Form(asked.title, questions, [_words(screen, clock)], accept=accept))
    if answers is not None and await screen.carry_out(command(answers), ""):
        _say(screen, f"{asked.title} {answers['value']} {asked.unit}{_missing(screen, clock)}.")


def _missing(screen: CaseScreen, clock: ClockState) -> str:
    """Return that a clock cannot run: where six others do, its line has no room to say so."""
    now = next((one for one in clocks_of(screen) if one.id == clock.id), clock)
    return f", {now.state.value}: watch the time yourself" if now.state is ClockPhase.MISSING else ""


async def _called(screen: CaseScreen, title: str) -> ClockState | None:
    """Return the first clock that is due, or soon; where none is, the one that is chosen."""
    live = [clock for clock in clocks_of(screen) if clock.is_live]
    if live and live[0].state in CALLS:
        return live[0]
    return await _chosen(screen, live, title, "No clock is running.")


async def _chosen(screen: CaseScreen, among: Sequence[ClockState], title: str, nothing: str) -> ClockState | None:
    if not among:
        screen.say(nothing, "warn")
        return None
    words = [f"{number} {_words(screen, clock)}" for number, clock in enumerate(among, 1)]
    names = [clock.title.casefold() for clock in among]

    def place(text: str) -> int | None:
        if text.isdigit():
            return int(text) - 1 if 1 <= int(text) <= len(among) else None
        found = [number for number, name in enumerate(names) if text.casefold() in name]
        return found[0] if len(found) == 1 else None

    def check(text: str) -> str:
        found = place(text)
        return f"! A number from 1 to {len(among)}." if found is None else f"→ {among[found].title}"

    first = "1" if len(among) == 1 else ""
    answers = await screen.app.push_screen_wait(Form(title, [Question("clock", "Number", first, check=check)], words))
    found = place(answers["clock"]) if answers else None
    return None if found is None else among[found]


def _words(screen: CaseScreen, clock: ClockState) -> str:
    return clock_sentence(clock, screen.app.verbs.zone)


def _say(screen: CaseScreen, sentence: str) -> None:
    screen.call_after_refresh(screen.say, sentence, "done")
