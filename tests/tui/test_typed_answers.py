"""Times, labels and earlier answers on the case screen; and what a scan must never do to them."""

import string

import pytest

from ortool.caselog.case import Case
from ortool.checklist.records import State
from ortool.checklist.run import Run
from ortool.services import booking, journals, running
from ortool.tui.case import CaseScreen
from ortool.tui.forms import Form
from tests.services.suite import Suite, done
from tests.tui.driver import Terminal, at_terminal
from tests.tui.test_construct_screen import back_on, scan

GTIN = "05012345678900"
GOOD = f"01{GTIN}1728070710A213B1\x1d21S1"
OLD = f"01{GTIN}1726100110A213B1"


@pytest.fixture
def case(suite: Suite) -> Case:
    """A case in theatre now, the side planned as left."""
    case = suite.case()
    booking.book(suite.theatre, suite.nurse, case.id, "OR1", suite.clock.now, 60)
    suite.act(case, done("planned", "left"))
    return case


def run_of(suite: Suite, case: Case) -> Run:
    run = running.refold(suite.theatre, case.id)
    assert run is not None
    return run


async def answered(terminal: Terminal, suite: Suite, case: Case, item: str) -> None:
    await terminal.until(lambda: item in run_of(suite, case).answers, f"{item} stored")
    await terminal.saved()


async def test_a_time_is_typed_and_a_doubtful_one_is_asked_again(suite: Suite, case: Case) -> None:
    async with at_terminal(suite.theatre, suite.nurse) as terminal:
        await terminal.opens(case.number)
        await terminal.goes_to("Cuff inflated")
        await terminal.press("space")
        await terminal.form_shown("HH:MM, now, -5")
        await terminal.type("25:00")
        await terminal.press("enter")
        assert isinstance(terminal.app.screen, Form)
        assert "cuff" not in run_of(suite, case).answers
        await terminal.form("08:05")
        await terminal.form_shown("Is it meant?")
        await terminal.leave_form()
        await terminal.press("space")
        await terminal.form("0752")
        await answered(terminal, suite, case, "cuff")
        assert terminal.row_of("Cuff inflated").middle == "07:52"


async def test_space_confirms_the_earlier_answer_and_enter_asks(suite: Suite, case: Case) -> None:
    async with at_terminal(suite.theatre, suite.nurse) as terminal:
        screen = await terminal.opens(case.number)
        await terminal.goes_to("Side")
        assert "earlier: left" in terminal.text
        await terminal.press("enter")
        await terminal.form_shown("it stays as it was said earlier")
        await terminal.leave_form()
        assert "TO.side" not in run_of(suite, case).answers
    suite.act(case, *_signed_in(suite))
    async with at_terminal(suite.theatre, suite.nurse) as terminal:
        screen = await terminal.opens(case.number)
        await terminal.ticks("Side")
        answer = run_of(suite, case).answers["TO.side"]
        assert (answer.value, answer.confirms) == ("left", "planned")
        suite.act(case, done("planned", "right", reason="misread"))
        await screen.reload()
        await terminal.until(lambda: "earlier answer changed: right" in terminal.row_of("Side").middle, "asked again")
        await terminal.goes_to("Side")
        await terminal.press("enter")
        await terminal.form("left")
        await terminal.form_shown("Is it meant?")
        await terminal.leave_form()
        await terminal.ticks("Side")
        assert run_of(suite, case).answers["TO.side"].value == "right"


def _signed_in(suite: Suite) -> list[object]:
    from tests.services.suite import whole_case

    return whole_case(suite.voice("a1"), suite.voice("n2"))[:7]


async def test_a_prefixed_scan_answers_its_line_after_enter(suite: Suite, case: Case) -> None:
    async with at_terminal(suite.theatre, suite.nurse) as terminal:
        await terminal.opens(case.number)
        await terminal.goes_to("Graft")
        await terminal.press("b")
        await scan(terminal, GOOD)
        await terminal.form_shown("lot A213B1")
        assert "graft" not in run_of(suite, case).answers
        await terminal.goes_on()
        await answered(terminal, suite, case, "graft")
        assert run_of(suite, case).answers["graft"].scan["serial"] == "S1"
        await terminal.goes_to("Tray label")
        await terminal.press("space")
        await terminal.form_shown("Scan or type the label")
        await scan(terminal, "TRAY-7")
        await answered(terminal, suite, case, "tray")
        assert run_of(suite, case).answers["tray"].value == "TRAY-7"


async def test_an_expired_label_is_overridden_by_two(suite: Suite, case: Case) -> None:
    async with at_terminal(suite.theatre, suite.nurse) as terminal:
        await terminal.opens(case.number)
        await terminal.goes_to("Graft")
        await terminal.press("b")
        await scan(terminal, OLD)
        await terminal.form_shown("It expired on")
        await terminal.goes_on()
        await terminal.form_shown("HARD STOP")
        assert "graft" not in run_of(suite, case).answers
        await terminal.form("no other in the house", "DS")
        await answered(terminal, suite, case, "graft")
        answer = run_of(suite, case).answers["graft"]
        assert (answer.state, answer.second, answer.stops) == (
            State.OVERRIDDEN, "s1", ("It expired on 2026-10-01.",)
        )  # fmt: skip


@pytest.mark.parametrize("first", [string.digits, string.ascii_lowercase, string.ascii_uppercase, "]+=(*.-/$%"])
async def test_no_unprefixed_scan_ever_answers_a_line(suite: Suite, case: Case, first: str) -> None:
    """Every character begins a scan once, twice in a row, on the very line that takes any label."""
    async with at_terminal(suite.theatre, suite.nurse) as terminal:
        screen = await terminal.opens(case.number)
        assert isinstance(screen, CaseScreen)
        before = len(journals.case_entries(suite.theatre, case.id))
        for char in first:
            await terminal.goes_to("Tray label")
            await scan(terminal, f"{char}12at {GTIN}")
            await scan(terminal, f"{char}12at {GTIN}")
            await back_on(terminal, screen)
            assert len(journals.case_entries(suite.theatre, case.id)) == before, f"{char!r} wrote"
