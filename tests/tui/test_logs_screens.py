"""All case logs, a search, and the statistics with the cases behind a figure, by keys alone."""

import pytest

from ortool.caselog.found import Wanted
from ortool.exchange.past_map import built_in
from ortool.presentation.statistics import value_words
from ortool.services.finding import find_cases
from ortool.services.history import import_past
from ortool.services.setup import SYSTEM
from ortool.services.statistics import statistics_of
from ortool.tui.board import BoardScreen
from ortool.tui.log import LogScreen
from ortool.tui.logs import LogsScreen
from ortool.tui.statistics import StatisticsScreen
from tests import reference
from tests.tui.driver import at_terminal


@pytest.fixture
def past(sample):
    """The sample theatre with a list of the past."""
    import_past(sample, SYSTEM, reference.utilisation(days=10), built_in("or-utilization"))
    return sample


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_from_the_board_to_the_cases_behind_a_figure(past, nurse, size):
    async with at_terminal(past, nurse, size) as terminal:
        await terminal.press("a")
        await terminal.until(lambda: isinstance(terminal.app.screen, LogsScreen) and terminal.rows.rows, "the list")
        everything = len(find_cases(past, Wanted()).cases)
        assert len(terminal.rows.rows) == everything
        await terminal.press("slash")
        await terminal.form("room:2")
        await terminal.until(lambda: 0 < len(terminal.rows.rows) < everything, "the search")
        assert len(terminal.rows.rows) == len(find_cases(past, Wanted(room="past-2")).cases)
        assert "room:2" in terminal.text
        await terminal.press("slash")
        await terminal.form("rom:2")
        told = terminal.app._notifications
        await terminal.until(lambda: any("Did you mean room:?" in one.message for one in told), "a sentence")
        assert "search: room:2" in terminal.text
        await terminal.press("s")
        await terminal.until(
            lambda: isinstance(terminal.app.screen, StatisticsScreen) and terminal.rows.rows, "figures"
        )
        figure = statistics_of(past, Wanted(room="past-2")).find("first_starts_0")
        assert terminal.rows.row.key == "first_starts_0"
        assert value_words(figure) in terminal.text
        assert "no later than the" in terminal.text
        await terminal.press("p")
        assert terminal.app.screen.query_one("#plot").display
        await terminal.press("enter")
        await terminal.until(lambda: isinstance(terminal.app.screen, LogsScreen) and terminal.rows.rows, "the cases")
        assert [row.key for row in terminal.rows.rows] == list(figure.cases)
        await terminal.press("enter")
        await terminal.until(lambda: isinstance(terminal.app.screen, LogScreen), "the case log")
        await terminal.until(
            lambda: any("PIR Patient in room" in row.text.plain for row in terminal.rows.rows), "its milestones"
        )
        assert any("FROM A LIST OF THE PAST" in row.text.plain for row in terminal.rows.rows)
        assert "sign" not in terminal.text.splitlines()[-1]
        for _ in range(4):
            await terminal.press("escape")
        await terminal.until(lambda: isinstance(terminal.app.screen, BoardScreen), "the board")
