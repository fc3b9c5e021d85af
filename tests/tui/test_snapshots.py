"""What the screens look like. The README shows these very pictures, so they cannot go stale."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ortool.caselog.dossier import Dossier
from ortool.checklist.records import TimerMark
from ortool.people.person import Actor
from ortool.presentation.clock_lines import clock_lines
from ortool.services.people import find_person
from ortool.services.rehearsal import rehearse_morning
from ortool.services.sample import SITE_VALUES, fill_sample
from ortool.services.theatre import Theatre, open_theatre
from ortool.settings import Settings
from ortool.tui.app import OrtoolApp
from ortool.tui.case_clocks import clocks_of

MORNING = datetime(2026, 11, 23, 9, 42, tzinfo=UTC)
TOLD = 1004


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    """The sample day at 10:42, as `ortool demo` shows it, with its clock stopped."""
    settings = Settings(site="Sample Hospital (invented)", time_zone="Europe/Amsterdam", site_values=SITE_VALUES)
    path: Path = tmp_path_factory.mktemp("day") / "day.db"
    theatre = open_theatre(settings, path, lambda: MORNING)
    fill_sample(theatre, date(2026, 11, 23))
    rehearse_morning(theatre, MORNING)
    yield theatre
    theatre.close()


@pytest.fixture
def app(day: Theatre, monkeypatch: pytest.MonkeyPatch) -> OrtoolApp:
    """The program on that day, with a nurse at the terminal."""
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    return OrtoolApp(lambda: day, demo=True, actor=Actor(find_person(day, "cn1")))


async def settled(pilot) -> None:
    """Wait until the screen shows what is stored."""
    for _ in range(300):
        await pilot.pause(0.02)
        screen = pilot.app.screen
        awaited = [getattr(screen, name) for name in ("board", "dossier", "case") if hasattr(screen, name)]
        if any(awaited) or not awaited:  # a question or the list of keys waits for nothing
            break
    for _ in range(300):
        # The board is forecast after it is shown.
        if getattr(screen, "forecast", screen) is not None:
            break
        await pilot.pause(0.02)
    await pilot.pause(0.1)


def opening(*keys: str):
    """Return a run_before that opens the told case and presses keys."""

    async def run(pilot) -> None:
        await settled(pilot)
        board = pilot.app.screen
        case_id = next(one.case.id for one in board.board.all_cases if one.case.number == TOLD)
        board.rows.go_to(case_id)
        await pilot.press("enter")
        await settled(pilot)
        for key in keys:
            await pilot.press(key)
            await settled(pilot)

    return run


SIZES = [(80, 24), (120, 40)]


@pytest.mark.parametrize("size", [*SIZES, (160, 50)], ids=["80x24", "120x40", "160x50"])
def test_the_day_board(app: OrtoolApp, snap_compare, size) -> None:
    assert snap_compare(app, terminal_size=size, run_before=settled)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x40"])
def test_a_case(app: OrtoolApp, snap_compare, size) -> None:
    assert snap_compare(app, terminal_size=size, run_before=opening())


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x40"])
def test_a_pause_read_aloud(app: OrtoolApp, snap_compare, size) -> None:
    assert snap_compare(app, terminal_size=size, run_before=opening("p"))


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x40"])
def test_the_counts(app: OrtoolApp, snap_compare, size) -> None:
    assert snap_compare(app, terminal_size=size, run_before=opening("c"))


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x40"])
def test_a_case_log(app: OrtoolApp, snap_compare, size) -> None:
    assert snap_compare(app, terminal_size=size, run_before=opening("l"))


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x40"])
def test_the_resources(app: OrtoolApp, snap_compare, size) -> None:
    async def run(pilot) -> None:
        await settled(pilot)
        await pilot.press("R")
        for _ in range(300):
            await pilot.pause(0.02)
            if getattr(pilot.app.screen, "found", None) is not None:
                break
        await pilot.press(*["down"] * 4)
        await pilot.pause(0.1)

    assert snap_compare(app, terminal_size=size, run_before=run)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x40"])
def test_the_proposals_for_a_late_room(app: OrtoolApp, snap_compare, size) -> None:
    async def run(pilot) -> None:
        await settled(pilot)
        await pilot.press("D")
        await settled(pilot)
        for value in ("OR2", "75", "no"):
            pilot.app.focused.value = value
            await pilot.press("enter")
        for _ in range(500):
            await pilot.pause(0.02)
            if getattr(pilot.app.screen, "plans", ()):
                break
        await pilot.pause(0.1)

    assert snap_compare(app, terminal_size=size, run_before=run)


def test_six_clocks_of_a_case_are_readable_at_80_columns(app: OrtoolApp, snap_compare) -> None:
    def six(screen) -> bool:
        lines = "\n".join("".join(p.text for p in line) for line in clock_lines(clocks_of(screen), 80))
        return all(
            name in lines for name in ("Eyes, tube", "Tube, lungs", "Temperature", "MAP low", "Pressure pts", "abx")
        )

    async def run(pilot) -> None:
        await opening()(pilot)
        screen = pilot.app.screen
        screen.dossier = with_low_pressure(screen.dossier)
        screen.draw()
        await pilot.pause(0.1)
        assert six(screen)

    assert snap_compare(app, terminal_size=(80, 24), run_before=run)


def test_a_sheet_being_entered(app: OrtoolApp, snap_compare) -> None:
    async def run(pilot) -> None:
        await opening("g")(pilot)
        for value in ("MM", "DT-261123-073000-4F1A", "", ""):
            pilot.app.focused.value = value
            await pilot.press("enter")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("space")
        await settled(pilot)

    assert snap_compare(app, terminal_size=(80, 24), run_before=run)


def with_low_pressure(dossier: Dossier) -> Dossier:
    """Return the case with a low reading three minutes old: what the other pictures show stays as it is."""
    at = MORNING - timedelta(minutes=3)
    mark = TimerMark(10_000, at, at, "an1", "chosen", "map-low", "read", value="58")
    return replace(dossier, run=replace(dossier.run, live=(*dossier.run.live, mark)))


def test_a_question(app: OrtoolApp, snap_compare) -> None:
    assert snap_compare(app, terminal_size=(80, 24), run_before=opening("n"))


def test_the_keys(app: OrtoolApp, snap_compare) -> None:
    assert snap_compare(app, terminal_size=(80, 24), run_before=opening("question_mark"))


def test_the_day_board_in_light(app: OrtoolApp, snap_compare) -> None:
    app.theme = "textual-light"
    assert snap_compare(app, terminal_size=(120, 40), run_before=settled)


def test_a_case_in_light(app: OrtoolApp, snap_compare) -> None:
    app.theme = "textual-light"
    assert snap_compare(app, terminal_size=(80, 24), run_before=opening())


def test_a_case_without_colour(app: OrtoolApp, snap_compare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    plain = OrtoolApp(app._opener, demo=True, actor=app.actor)
    assert snap_compare(plain, terminal_size=(80, 24), run_before=opening())
