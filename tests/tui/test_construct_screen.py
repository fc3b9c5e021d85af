"""Implants by barcode: scanned, placed, stopped, overridden by two; and what a scan must never do."""

import string
from collections.abc import Callable
from dataclasses import replace

import pytest
from textual import events

from ortool.checklist.construct import Construct
from ortool.checklist.records import Action
from ortool.people.person import Actor
from ortool.services import implants, journals, running
from ortool.services.theatre import Theatre
from ortool.tui.case import CaseScreen
from ortool.tui.construct import ConstructScreen
from ortool.tui.forms import Form
from tests.tui.driver import Terminal, at_terminal

SPINE = 1014
GS = "\x1d"
DEVICE = "51022222233336"


def barcode(serial: str, expires: str = "280707") -> str:
    return f"01{DEVICE}17{expires}10A213B1{GS}21{serial}"


async def scan(terminal: Terminal, text: str, pause: bool = True) -> None:
    """Type like a scanner: every key at once, and Enter behind them."""
    driver = terminal.app._driver
    assert driver is not None
    for char in text:
        name = {" ": "space", GS: "ctrl+right_square_bracket"}.get(char, char)
        driver.send_message(events.Key(name, char))
    driver.send_message(events.Key("enter", "\r"))
    for _ in range(3 if pause else 0):
        await terminal.pilot.pause(0.02)


def construct_of(theatre: Theatre, case_id: str) -> Construct:
    run = running.refold(theatre, case_id) or running.open_case(theatre, case_id).run
    assert run is not None
    return Construct(run)


async def until_stored(terminal: Terminal, theatre: Theatre, case_id: str, what: Callable[[Construct], object]) -> None:
    await terminal.until(lambda: what(construct_of(theatre, case_id)), "stored")


async def back_on(terminal: Terminal, case: CaseScreen) -> None:
    """Leave with Esc whatever a key or a scan has opened."""
    for _ in range(6):
        await terminal.pilot.pause(0.02)
        if terminal.app.screen is case and terminal.app._scanner.text is None:
            return
        await terminal.press("escape")
    raise AssertionError(f"not back on the case\n{terminal.text}")


async def test_a_scan_with_the_prefix_is_placed_and_left_and_right_are_compared(sample: Theatre, nurse: Actor) -> None:
    sample.settings = sample.settings.model_copy(update={"scanner_prefix": "~"})
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        await terminal.press("v")
        await terminal.until(lambda: isinstance(terminal.app.screen, ConstructScreen), "the construct")
        await terminal.press("p")
        await terminal.form("6.4", "45", "adjunct to fusion")
        await terminal.until(lambda: "plan 6.4 × 45" in terminal.text, "the plan")
        await scan(terminal, "~" + barcode("S1"))
        await terminal.form("")
        await terminal.form("6.4", "45", "5", "good", "14")
        await until_stored(terminal, sample, case.case_id, lambda c: c.of(Action.PLACED))
        await terminal.until(lambda: "✓ 6.4 × 45" in terminal.text, "it shown")
        record = construct_of(sample, case.case_id).of(Action.PLACED)[0]
        assert (record.device_identifier, record.lot, record.serial) == (DEVICE, "A213B1", "S1")
        assert (record.entry, record.regulatory_context) == ("scan", "adjunct to fusion")

        await terminal.press("right")
        await scan(terminal, "~" + barcode("S2"))
        await terminal.form("")
        await terminal.form("6.4", "40", *[""] * 3)
        await until_stored(terminal, sample, case.case_id, lambda c: len(c.of(Action.PLACED)) == 2)
        await terminal.until(lambda: "the sides differ" in terminal.text, "the difference told")
        await terminal.press("escape")
        assert isinstance(terminal.app.screen, CaseScreen)


async def test_an_expired_implant_is_stopped_and_overridden_by_two(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        await terminal.press("b")
        await scan(terminal, barcode("S1", "261001"))
        await terminal.until(lambda: isinstance(terminal.app.screen, Form), "the scan")
        assert "EXPIRED on 2026-10-01" in terminal.text
        await terminal.form("L4 left")
        await terminal.form("6.4", "45", *[""] * 3)
        await terminal.until(lambda: "HARD STOP" in terminal.text, "the stop")
        await terminal.leave_form()
        assert not construct_of(sample, case.case_id).records

        await terminal.press("b")
        await scan(terminal, barcode("S1", "261001"))
        await terminal.form("L4 left")
        await terminal.form("6.4", "45", *[""] * 3)
        await terminal.until(lambda: "HARD STOP" in terminal.text, "the stop again")
        await terminal.form("1", "MM")
        await until_stored(terminal, sample, case.case_id, lambda c: c.of(Action.PLACED))
        record = construct_of(sample, case.case_id).of(Action.PLACED)[0]
        assert (record.second, record.reason) == ("sp2", "no other in the house")
        assert record.stops == ("It expired on 2026-10-01.",)


async def test_a_used_serial_is_refused(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        for place in ("L4 left", "L4 right"):
            await scan(terminal, barcode("S1"))
            await terminal.form(place)
            await terminal.form("6.4", "45", *[""] * 3)
            if place == "L4 left":
                await until_stored(terminal, sample, case.case_id, lambda c: c.of(Action.PLACED))
        await terminal.until(lambda: "recorded in this case already" in " ".join(terminal.text.split()), "the stop")
        await terminal.leave_form()
        await terminal.until(lambda: "nothing was entered" in terminal.text, "told")
        assert len(implants.trace(sample, serial="S1")) == 1


async def test_the_two_barcodes_of_one_package(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        await scan(terminal, f"01{DEVICE}")
        await terminal.until(lambda: "Second barcode" in terminal.text, "asked for the second")
        await scan(terminal, f"1728070710A213B1{GS}21S1")
        await terminal.until(lambda: "read it against the label" in terminal.text, "both")
        assert "A213B1" in terminal.text, terminal.text
        await terminal.form("L4 left")
        await terminal.form("6.4", "45", *[""] * 3)
        await until_stored(terminal, sample, case.case_id, lambda c: c.of(Action.PLACED))
        record = construct_of(sample, case.case_id).of(Action.PLACED)[0]
        assert (record.device_identifier, record.serial, record.entry) == (DEVICE, "S1", "scan")


async def test_a_loose_screw_is_entered_by_two_and_taken_out_and_another_wasted(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        await terminal.press("v")
        await terminal.until(lambda: isinstance(terminal.app.screen, ConstructScreen), "the construct")
        await terminal.press("m")
        await terminal.form("6.4", "45", "", "", "", "tray 3", "LOT7", "", "", "MM")
        await until_stored(terminal, sample, case.case_id, lambda c: c.of(Action.PLACED))
        await terminal.press("f")
        await terminal.form("4", "poor", "9")
        await terminal.until(lambda: "walls intact 4 of 5" in terminal.text, "the readings")
        await terminal.press("u")
        await terminal.form("2")
        await terminal.until(lambda: "Undone" in terminal.text, "the readings undone")
        assert not construct_of(sample, case.case_id).of(Action.CHECKED)
        await terminal.press("r")
        await terminal.form("1")
        await until_stored(terminal, sample, case.case_id, lambda c: c.of(Action.EXPLANTED))
        await terminal.press("s")
        await terminal.form("", "LOT8", "2", "MM")
        await until_stored(terminal, sample, case.case_id, lambda c: c.of(Action.WASTED))
        taken, wasted = construct_of(sample, case.case_id).records[-2:]
        assert (taken.lot, taken.reason) == ("LOT7", "poor purchase")
        assert (wasted.lot, wasted.reason, wasted.entry) == ("LOT8", "wrong size opened", "manual")


@pytest.mark.parametrize("first", [string.digits, string.ascii_lowercase, string.ascii_uppercase, "]+=(*.-/$%"])
async def test_no_unprefixed_scan_ever_changes_an_answer(sample: Theatre, nurse: Actor, first: str) -> None:
    """Every character begins a scan once, on a line that a tick, a refusal, a deferral or an undo could change."""
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        await terminal.ticks("Who are you?")
        before = len(journals.case_entries(sample, case.case_id))
        for char in first:
            await terminal.goes_to("Implant set and back-up")
            await scan(terminal, f"{char}nuxo d{char}12at {DEVICE}")
            await back_on(terminal, case)
            assert len(journals.case_entries(sample, case.case_id)) == before, f"{char!r} wrote"


async def test_no_unprefixed_scan_ever_changes_a_construct(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        await terminal.press("v")
        await terminal.until(lambda: isinstance(terminal.app.screen, ConstructScreen), "the construct")
        panel = terminal.app.screen
        before = len(journals.case_entries(sample, case.case_id))
        for char in "pmfsruih0A]":
            await scan(terminal, f"{char}pmr 1{char}12at {DEVICE}")
            for _ in range(6):
                await terminal.pilot.pause(0.02)
                if terminal.app.screen is panel and terminal.app._scanner.text is None:
                    break
                await terminal.press("escape")
            assert terminal.app.screen is panel
            assert len(journals.case_entries(sample, case.case_id)) == before, f"{char!r} wrote"


async def test_no_letter_writes_by_itself_and_enter_does_not_either(sample: Theatre, nurse: Actor) -> None:
    """However slowly they come: each single letter, and Enter, ends in a question that Esc leaves."""
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        await terminal.ticks("Who are you?")
        before = len(journals.case_entries(sample, case.case_id))
        for title in ("Who are you?", "Implant set and back-up", "Imaging review done"):
            for key in (*string.ascii_lowercase, *string.digits, "enter"):
                await terminal.goes_to(title)
                await terminal.press(key)
                await back_on(terminal, case)
        assert len(journals.case_entries(sample, case.case_id)) == before


async def test_a_barcode_is_no_reason(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        await terminal.goes_to("Who are you?")
        await terminal.press("n")
        await terminal.until(lambda: isinstance(terminal.app.screen, Form), "the reason")
        await terminal.type(f"(01){DEVICE}(10)A213B1")
        await terminal.press("enter")
        assert "That is a barcode" in terminal.text
        assert all(entry.kind != "item.answered" for entry in journals.case_entries(sample, case.case_id))


async def test_nothing_scanned_is_read_as_markup(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        await terminal.opens(SPINE)
        await terminal.press("b")
        await scan(terminal, "[red]x[/")
        await terminal.until(lambda: isinstance(terminal.app.screen, Form), "the scan")
        assert "FAULT" in terminal.text


async def test_a_case_without_implants_says_so(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        dossier = case.dossier
        assert dossier is not None
        assert dossier.run is not None
        bare = dossier.run.plan.checklist.model_copy(update={"implants": ()})
        case.dossier = replace(dossier, run=replace(dossier.run, plan=replace(dossier.run.plan, checklist=bare)))
        await terminal.press("v")
        assert "has no implants" in terminal.text
