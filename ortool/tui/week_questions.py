"""What the week screen does: pick, try a place, put down, swap, cancel, put back, confirm, take back, find."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ortool.errors import OrtoolError, Refused, StorageFault
from ortool.presentation.board_rows import operation
from ortool.presentation.identity import short_identity
from ortool.presentation.week_day import back_words, fits_words, place_words
from ortool.schedule.codes import CANCELLATIONS
from ortool.tui.choosing import plain
from ortool.tui.forms import Form, Question
from ortool.tui.identifying import carry_out
from ortool.tui.rows_view import RowsView
from ortool.tui.slot_reasons import coded_questions, reason_of
from ortool.tui.week_carrying import Carried, following, preceding

if TYPE_CHECKING:
    from datetime import date, datetime

    from ortool.caselog.board import BoardCase
    from ortool.caselog.case import Case, Slot
    from ortool.schedule.gaps import Gap
    from ortool.tui.app import OrtoolApp
    from ortool.tui.week import WeekScreen

MOVE_REASONS = ("earlier case over-ran", "emergency", "staff", "equipment", "patient's wish")
AHEAD = 14
"""Days through which gaps are looked for."""


async def pick(screen: WeekScreen) -> None:
    """Pick the case under the cursor. One that waits begins over the first gap of the day shown, else a later one."""
    if one := screen.slot:
        if one.case.state.has_started:
            raise Refused(f"Case {one.case.number} is {one.case.state.value}; a slot that has begun is not moved.")
        minutes = round(one.slot.length.total_seconds() / 60)
        carried = Carried(one.case, minutes, one.slot, one.slot.room_id, one.slot.start)
    elif waits := screen.waits:
        cell = screen.cell
        if cell is None:
            return
        gaps = await _gaps(screen, waits.case.id, screen.day, waits.minutes)
        here = [gap for gap in gaps if gap.room == screen.room and cell.span.start <= gap.first < cell.span.end]
        start = cell.opened[0].start if cell.opened else cell.span.start
        best = [*here, *(gap for gap in gaps if not gap.warnings), *gaps]
        room, start = next(((gap.room, gap.first) for gap in best), (screen.room, start))
        carried = Carried(waits.case, waits.minutes, None, room, start)
    else:
        return
    screen.query_one("#rooms").focus()
    screen.carry(carried)


async def _gaps(screen: WeekScreen, case_id: str, first: date, minutes: int, days: int = AHEAD) -> list[Gap]:
    verbs = screen.app.verbs
    return await screen.app.ask(partial(verbs.open_gaps, case_id, first, days, minutes))


async def try_place(screen: WeekScreen) -> None:
    """Say whether the carried case fits where it is; nothing is written."""
    carried = screen.carried
    if carried is None:
        return
    verbs = screen.app.verbs
    if carried.is_home:
        known = carried.found("It lies here now.", True)
    else:
        question = partial(verbs.would_fit, carried.case.id, carried.room, carried.start, carried.minutes)
        try:
            slot = await screen.app.ask(question)
        except StorageFault:
            raise
        except OrtoolError as refused:
            known = carried.found(str(refused), False)
        else:
            cell = screen.week.cell(carried.room, carried.day(verbs.zone)) if screen.week else None
            origin = carried.origin
            stays = origin is not None and cell is not None and cell.room_id == origin.room_id
            stays = stays and carried.came_from(verbs.zone) == carried.day(verbs.zone)
            known = carried.found(fits_words(cell, carried.minutes, stays, slot.warnings), True)
    if screen.carried is carried:
        screen.carried = known
        screen.draw()


async def next_gap(screen: WeekScreen) -> None:
    """Carry the case to the next place that works."""
    if carried := screen.carried:
        gaps = await _gaps(screen, carried.case.id, carried.day(screen.app.verbs.zone), carried.minutes)
        _to(screen, carried, following(carried, gaps, _rooms(screen)), f"within {AHEAD} days from here")


async def gap_before(screen: WeekScreen) -> None:
    """Carry the case to the gap before."""
    if carried := screen.carried:
        today, day = screen.app.verbs.today(), carried.day(screen.app.verbs.zone)
        days = (day - today).days + 1
        gaps = await _gaps(screen, carried.case.id, today, carried.minutes, min(days, 10 * AHEAD)) if days > 0 else []
        _to(screen, carried, preceding(carried, gaps, _rooms(screen)), "before it")


def _to(screen: WeekScreen, carried: Carried, place: tuple[datetime, str] | None, where: str) -> None:
    if screen.carried is None or screen.carried.case.id != carried.case.id:
        return
    if place is None:
        raise Refused(f"There is no gap of {carried.minutes} min {where}.")
    screen.carry(replace(carried, start=place[0], room=place[1], words="", fits=None))


def _rooms(screen: WeekScreen) -> list[str]:
    return list(screen.week.rooms) if screen.week else []


async def drop(screen: WeekScreen) -> None:
    """Put the carried case down where it is."""
    await _put_down(screen, hold=False)


async def drop_held(screen: WeekScreen) -> None:
    """Put a case that waits down where it is, without confirming it."""
    carried = screen.carried
    if carried and carried.origin and not carried.origin.held:
        raise Refused("A confirmed slot is moved as it is.", "Put it down with Enter; H then only holds it.")
    await _put_down(screen, hold=True)


async def _put_down(screen: WeekScreen, hold: bool) -> None:
    carried, app = screen.carried, screen.app
    if carried is None:
        return
    case_id, room, start, minutes = carried.case.id, carried.room, carried.start, carried.minutes
    if carried.is_home:
        screen.action_back()
        return
    if carried.origin is None:
        slot = await carry_out(app, lambda actor: app.verbs.book(actor, case_id, room, start, minutes, hold))
    else:
        reason = await _reason(app, [carried.origin], f"Move case {carried.case.number}")
        if reason is None:
            return
        slot = await carry_out(app, lambda actor: app.verbs.move(actor, case_id, room, start, minutes, reason))
    screen.carried = None
    done = "moved to" if carried.origin else "held in" if hold else "booked in"
    warned = "".join(f" But: {warning}" for warning in slot.warnings)
    screen.go_to(slot.room_id, slot.start.astimezone(app.verbs.zone).date(), case_id)
    screen.say(
        f"Case {carried.case.number} is {done} {place_words(slot, app.verbs.zone)}.{warned} u takes it back.", "done"
    )


async def _reason(app: OrtoolApp, slots: list[Slot], title: str) -> str | None:
    """Ask why, only where one of the slots is frozen. Returns None where it was left."""
    if not any(app.verbs.is_frozen(slot) for slot in slots):
        return ""
    hours = app.verbs.settings.freeze_hours
    words = [f"It begins within {hours} h; its slot changes only with a reason."]
    question = Question("reason", "Reason", presets=MOVE_REASONS)
    answers = await app.push_screen_wait(Form(title, [question], words, alarm=True))
    return answers["reason"] if answers else None


async def try_swap(screen: WeekScreen) -> None:
    """Say what an exchange with the case under the cursor would come to; nothing is written."""
    one, other = screen.swapping, screen.slot
    if one is None or other is None or one.case.id == other.case.id:
        return
    try:
        slots = await screen.app.ask(partial(screen.app.verbs.would_swap, one.case.id, other.case.id))
    except StorageFault:
        raise
    except OrtoolError as refused:
        words, role = str(refused), "override"
    else:
        role, zone = "done", screen.app.verbs.zone
        first, second = (place_words(slot, zone) for slot in slots)
        warnings = "".join(f" But: {warning}" for slot in slots for warning in slot.warnings)
        words = f"It fits: {one.case.number} goes to {first}, {other.case.number} to {second}.{warnings}"
    if screen.swapping is one and screen.slot is other:
        screen.say(words, role)


async def swap(screen: WeekScreen) -> None:
    """Exchange the picked case with the one under the cursor."""
    one, other, app = screen.swapping, screen.slot, screen.app
    if one is None or other is None:
        raise Refused("Go to the slot of the other case first.", "Tab leads to the slots of a day.")
    reason = await _reason(app, [one.slot, other.slot], f"Swap {one.case.number} and {other.case.number}")
    if reason is None:
        return
    await carry_out(app, lambda actor: app.verbs.swap(actor, one.case.id, other.case.id, reason))
    screen.swapping = None
    screen.say(f"Cases {one.case.number} and {other.case.number} are exchanged. u takes it back.", "done")


async def cancel(screen: WeekScreen) -> None:
    """Cancel the case under the cursor with a coded reason."""
    app, case = screen.app, screen.waits.case if screen.waits else _slot(screen).case
    if answers := await _coded(app, case, "Cancel case"):
        code, words = answers
        await carry_out(app, lambda actor: app.verbs.cancel(actor, case.id, words, code))
        screen.say(f"Case {case.number} is cancelled. u takes it back.", "done")


async def release(screen: WeekScreen) -> None:
    """Put the case under the cursor back on the waiting list with a coded reason."""
    one, app = _slot(screen), screen.app
    if answers := await _coded(app, one.case, "Back on the waiting list: case"):
        code, words = answers
        await carry_out(app, lambda actor: app.verbs.release(actor, one.case.id, words, code))
        screen.say(f"Case {one.case.number} waits again. u takes it back.", "done")


def _slot(screen: WeekScreen) -> BoardCase:
    if screen.slot is None:
        raise Refused("That is for a case with a slot.", "Tab or Enter leads to the slots of a day.")
    return screen.slot


async def _coded(app: OrtoolApp, case: Case, title: str) -> tuple[str, str] | None:
    """Ask the coded reason, or other words. Returns both, None where it was left."""
    groups = (
        "Codes begin with XP patient, XS surgeon, XA anaesthesia, XN staff, XE equipment, XF facility, XC scheduling."
    )
    words = [f"{operation(case)}, patient {short_identity(case)}, {case.surgeon}", groups]

    def accept(answers: dict[str, str]) -> str:
        return "" if answers["code"] or answers["words"] else "A code or some words say why."

    form = Form(f"{title} {case.number}", coded_questions(CANCELLATIONS), words, accept=accept, alarm=True)
    answers = await app.push_screen_wait(form)
    return reason_of(answers, CANCELLATIONS) if answers else None


async def confirm(screen: WeekScreen) -> None:
    """Confirm the held slot under the cursor."""
    one, app = _slot(screen), screen.app
    await carry_out(app, lambda actor: app.verbs.confirm(actor, one.case.id))
    screen.say(f"The slot of case {one.case.number} is confirmed. u takes it back.", "done")


async def hold(screen: WeekScreen) -> None:
    """Make the confirmed slot under the cursor one that is only held."""
    one, app = _slot(screen), screen.app
    await carry_out(app, lambda actor: app.verbs.hold(actor, one.case.id))
    screen.say(f"The slot of case {one.case.number} is only held now. u takes it back.", "done")


async def undo(screen: WeekScreen) -> None:
    """Take back the last change of the schedule that whoever is here made, and go where it was made."""
    cases = [one.case for one in (*screen.waiting, *(screen.week.all_cases if screen.week else ()))]
    slots, words = await take_back(screen.app, {case.id: case.number for case in cases})
    standing = next((slot for slot in slots if not slot.cancelled), None)
    if standing is not None:
        day = standing.start.astimezone(screen.app.verbs.zone).date()
        screen.go_to(standing.room_id, day, standing.case_id)
    screen.say(words, "done")


async def take_back(app: OrtoolApp, numbers: dict[str, int]) -> tuple[tuple[Slot, ...], str]:
    """Take back the last change of the schedule that whoever is here made; return what stands now, and in words."""
    slots = await carry_out(app, app.verbs.undo)
    return slots, back_words(slots, numbers, app.verbs.zone)


async def find(screen: WeekScreen) -> None:
    """Go to a case by its number, to a person's next slot, or to a room."""
    question = Question("text", "Case number, person or room")
    answers = await screen.app.push_screen_wait(Form("Find", [question], ["A person's next slot within eight weeks."]))
    if answers is None or screen.week is None:
        return
    text, app = answers["text"], screen.app
    room = next((one for one, name in screen.week.rooms.items() if plain(text) in (plain(one), plain(name))), "")
    if room:
        screen.go_to(room, screen.day)
        return
    slots = await app.ask(partial(app.verbs.find_slots, text, screen.first))
    if slots:
        # Asked again, it goes on to the one after.
        at = screen.slot.slot.start if screen.slot else None
        slot = next((one for one in slots if at is not None and one.start > at), slots[0])
        screen.go_to(slot.room_id, slot.start.astimezone(app.verbs.zone).date(), slot.case_id)
        return
    if waits := next((one.case for one in screen.waiting if _is_meant(one.case, text)), None):
        waiting = screen.query_one("#waiting", RowsView)
        waiting.go_to(waits.id)
        waiting.focus()
        return
    raise Refused(f"Neither a case nor a person with a slot nor a room is called {text[:30]!r}.")


async def plan(screen: WeekScreen) -> None:
    """Propose a plan for the week that is shown."""
    from ortool.tui.plan_week_marking import open_plan

    await open_plan(screen)


def _is_meant(case: Case, text: str) -> bool:
    wanted = plain(text).lstrip("#")
    return wanted == str(case.number) or (
        not wanted.isdigit() and wanted in plain(f"{case.surgeon} {case.anaesthetist}")
    )


DEEDS: dict[str, Callable[[WeekScreen], Awaitable[None]]] = {
    "pick": pick, "try_place": try_place, "next_gap": next_gap, "gap_before": gap_before, "drop": drop,
    "drop_held": drop_held, "try_swap": try_swap, "swap": swap, "cancel": cancel, "release": release, "hold": hold,
    "confirm": confirm, "undo": undo, "find": find,
    "plan": plan,
}  # fmt: skip
