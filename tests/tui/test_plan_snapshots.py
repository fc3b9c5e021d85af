"""What the plan of a week looks like; the README shows one of these pictures."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import cast

import pytest

from ortool.presentation.identity import short_identity
from ortool.schedule.planner.problem import WeekPlan
from ortool.services import plan_apart, setup
from ortool.services.setup import SYSTEM
from ortool.services.theatre import Theatre, open_theatre
from ortool.tui.app import OrtoolApp
from ortool.tui.plan_week import PlanScreen
from ortool.tui.rows_view import RowsView
from tests.tui.a_plan import MONDAY, one_plan, with_a_long_list
from tests.tui.a_week import coordinator, waits
from tests.tui.conftest import SAMPLE, TEN_PAST_TEN, Watch
from tests.tui.driver import Terminal


@pytest.fixture(scope="module")
def long_list(tmp_path_factory: pytest.TempPathFactory, sample_file: Path) -> Iterator[Theatre]:
    """The sample theatre with a long waiting list; nothing is written in these pictures."""
    path = shutil.copy(sample_file, tmp_path_factory.mktemp("plan") / "plan.db")
    theatre = open_theatre(SAMPLE, path, Watch(TEN_PAST_TEN))
    with_a_long_list(theatre)
    yield theatre
    theatre.close()


@pytest.fixture
def searchless(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search finds one plan, at once."""

    async def found(_: plan_apart.Search, asked: plan_apart.Asked) -> WeekPlan:
        return one_plan(asked.problem)

    monkeypatch.setattr(plan_apart.Search, "run", found)
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")


@pytest.fixture
def app(long_list: Theatre, searchless: None) -> OrtoolApp:
    """The program on that list, with a coordinator at the terminal."""
    return OrtoolApp(lambda: long_list, demo=True, actor=coordinator(long_list))


def pressing(*keys: str):
    """Return a run_before that opens the plan and presses keys."""

    async def run(pilot) -> None:
        async def until(condition) -> None:
            for _ in range(500):
                await pilot.pause(0.01)
                if condition(pilot.app.screen):
                    return
            raise AssertionError("never there")

        await until(lambda screen: getattr(screen, "board", None))
        await pilot.press("W")
        await until(lambda screen: getattr(screen, "week", None))
        await pilot.press("right_square_bracket", "right_square_bracket")
        await until(lambda screen: screen.week.days[0] == MONDAY)
        await pilot.press("P")
        await until(lambda screen: getattr(screen, "plan", None) and not screen.is_searching)
        await pilot.press(*keys)
        await pilot.pause(0.1)

    return run


def test_the_plan_as_it_is_first_seen(app: OrtoolApp, snap_compare) -> None:
    assert snap_compare(app, terminal_size=(80, 24), run_before=pressing("down", "left"))


def test_a_case_that_is_not_to_lie_there(app: OrtoolApp, snap_compare) -> None:
    keys = ("shift+tab", "f", "down", "x")
    assert snap_compare(app, terminal_size=(80, 24), run_before=pressing(*keys))


def test_the_plan_with_marks(app: OrtoolApp, snap_compare) -> None:
    keys = ("shift+tab", "f", "down", "x", "shift+tab")
    assert snap_compare(app, terminal_size=(120, 40), run_before=pressing(*keys))


def test_the_plan_on_a_small_screen(app: OrtoolApp, snap_compare) -> None:
    keys = ("shift+tab", "f", "down", "x")
    assert snap_compare(app, terminal_size=(60, 15), run_before=pressing(*keys))


async def test_hostile_names_any_size_and_the_mouse(sample: Theatre, searchless: None) -> None:
    rooms = "".join(f'[[rooms]]\nid = "X{n}"\nname = "[/] room {n} {"手術" * 9}"\n' for n in range(12))
    name = "Dr [bold]Ünlaut[/] " + "手" * 30
    people = f'[[people]]\nid = "xx"\nname = "{name}"\ninitials = "[/]"\nroles = ["surgeon"]\n'
    setup.load_theatre(sample, SYSTEM, setup.read_theatre_file(rooms + people, "more"))
    waits(sample, 300, "microdiscectomy", "xx", levels="L4-5", side="left", priority=1, since=date(2026, 1, 1))
    app = OrtoolApp(lambda: sample, actor=coordinator(sample))
    async with app.run_test(size=(60, 20)) as pilot:
        await pressing()(pilot)
        terminal = Terminal(app, pilot)
        for size in ((60, 20), (80, 24), (200, 60), (100, 30)):
            await pilot.resize_terminal(*size)
            await pilot.press("tab")
            await terminal.until(lambda: "no plan has more than" in terminal.text, "the plan")
        app.screen.go("X0", MONDAY)  # type: ignore[attr-defined]
        await terminal.until(lambda: "[/] room 0" in terminal.text, "the name as it is written")
        await pilot.click("#rooms", offset=(6 + 13 * 3, 0))
        assert (app.screen.room, app.screen.day.isoformat()) == ("OR1", "2026-12-10")  # type: ignore[attr-defined]


@pytest.mark.parametrize("size", [(80, 24), (60, 15)])
async def test_nothing_that_tells_a_case_is_cut_away(app: OrtoolApp, size: tuple[int, int]) -> None:
    async with app.run_test(size=size) as pilot:
        await pressing("shift+tab", "f")(pilot)
        terminal, screen = Terminal(app, pilot), cast("PlanScreen", app.screen)
        case = next(one.case for one in screen.waiting if one.case.number == screen.number)
        for words in (case.surgeon, short_identity(case), f"Case {case.number} is fixed to"):
            await terminal.until(lambda words=words: words in " ".join(terminal.text.split()), words)


async def test_every_list_is_reached_and_seen_on_a_small_screen(app: OrtoolApp) -> None:
    async with app.run_test(size=(60, 15)) as pilot:
        await pressing("down")(pilot)
        terminal, screen = Terminal(app, pilot), cast("PlanScreen", app.screen)

        def is_seen(pane: str) -> bool:
            view = screen.query_one(f"#{pane}", RowsView)
            one = getattr(view.row, "one", None)
            lines = terminal.text.split("\n")[view.region.y : min(view.region.bottom, 12)]
            return view.has_focus and f" {one.case.number if one else screen.room} " in "\n".join(lines)

        steps = [("enter", "day"), ("tab", "waiting"), ("tab", "placed"), ("enter", "day"), ("shift+tab", "rooms")]
        for key, pane in steps:
            await pilot.press(key)
            await terminal.until(lambda pane=pane: is_seen(pane), pane)


async def test_a_placed_case_is_shown_on_its_day_however_fast_the_keys_come(app: OrtoolApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await pressing("shift+tab")(pilot)
        terminal, screen = Terminal(app, pilot), cast("PlanScreen", app.screen)
        assert (screen.room, screen.day.day) == ("OR1", 8)  # where it was, and not where the first one lies
        view = screen.query_one("#placed", RowsView)
        view.action_edge(1)
        screen.draw()  # as a mark does before the step of the cursor is heard of
        last = view.row.placed
        await terminal.until(lambda: screen.room == last.room and screen.day.day == last.span.start.day, "its day")
        await pilot.press("tab", "right")
        assert (screen.room, screen.day.day) == (last.room, last.span.start.day + 1)
