"""What stands on every screen for as long as it holds: a journal that is another one, a clock that jumped or lags."""

from datetime import timedelta

from ortool.people.person import Actor
from ortool.services.clocks import ClockGuard, doubt
from ortool.services.journals import recent_entries
from ortool.services.theatre import Theatre
from ortool.tui.app import OrtoolApp
from ortool.tui.case import CaseScreen
from ortool.tui.forms import Form
from tests.tui.conftest import TEN_PAST_TEN, Watch
from tests.tui.driver import Terminal, at_terminal

SPINE = 1014
ALARM = "THE JOURNAL IS NOT THE ONE THIS TERMINAL KNOWS: entry 12 is gone."


async def test_an_alarm_stands_above_every_screen_and_the_patient_stays_in_sight(sample: Theatre, nurse: Actor) -> None:
    sample.terminal.alarm = ALARM
    async with at_terminal(sample, nurse) as terminal:
        await terminal.until(lambda: ALARM in terminal.text, "the alarm on the board")
        case = await terminal.opens(SPINE)
        await terminal.until(lambda: ALARM in terminal.text, "the alarm on the case")
        lines = terminal.text.splitlines()
        assert ALARM in lines[0]
        assert "born 1988-05-12" in lines[1]
        assert isinstance(case, CaseScreen)
        await terminal.press("space")
        await terminal.until(lambda: recent_entries(sample)[-1].kind == "milestone.stamped", "the tick: care goes on")
        sample.terminal.alarm = ""
        await terminal.until(lambda: "THE JOURNAL" not in terminal.text, "its end")


async def test_a_clock_that_jumps_is_flagged_in_words_while_a_case_runs(
    sample: Theatre, nurse: Actor, watch: Watch
) -> None:
    steady = [1_000_000_000]
    sample.terminal.guard = ClockGuard(watch, lambda: steady[0], lambda: True)
    async with at_terminal(sample, nurse) as terminal:
        await terminal.opens(SPINE)
        watch.goes_on(hours=1)
        await terminal.until(lambda: "CLOCK JUMPED forward by 1 h" in terminal.text, "the flag")
        assert "wrong by that much" in " ".join(terminal.text.split())
        watch.goes_on(hours=-1)
        await terminal.until(lambda: "CLOCK JUMPED" not in terminal.text, "its end")


async def test_a_clock_in_the_past_is_asked_about_and_enter_goes_on(sample: Theatre, nurse: Actor) -> None:
    newest = TEN_PAST_TEN + timedelta(hours=1)
    micros = round(newest.timestamp() * 1_000_000)
    sample.terminal.doubt = doubt(micros, TEN_PAST_TEN, sample.settings.zone)
    app = OrtoolApp(lambda: sample, actor=nurse)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        terminal = Terminal(app, pilot)
        await terminal.until(lambda: isinstance(terminal.app.screen, Form), "the question")
        await terminal.press("escape")
        await terminal.until(lambda: not isinstance(terminal.app.screen, Form), "the board")
        await terminal.until(lambda: "This computer's clock says" in terminal.text, "the doubt stays in sight")
        terminal.app.action_clock()
        await terminal.until(lambda: isinstance(terminal.app.screen, Form), "the question again")
        await terminal.press("enter")
        await terminal.until(lambda: "This computer's clock" not in terminal.text, "its end")
        await terminal.opens(SPINE)
        await terminal.press("space")
        await terminal.until(lambda: recent_entries(sample)[-1].kind == "milestone.stamped", "the tick")
        assert "clock.acknowledged" in {entry.kind for entry in recent_entries(sample)}
