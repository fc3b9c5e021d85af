"""What the week looks like; the README shows one of these pictures."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ortool.services.theatre import Theatre, open_theatre
from ortool.tui.app import OrtoolApp
from tests.tui.a_week import coordinator, with_a_waiting_list
from tests.tui.conftest import SAMPLE, TEN_PAST_TEN, Watch


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory, sample_file: Path) -> Iterator[Theatre]:
    """The sample theatre with a waiting list; nothing is written in these pictures."""
    path = shutil.copy(sample_file, tmp_path_factory.mktemp("week") / "week.db")
    theatre = open_theatre(SAMPLE, path, Watch(TEN_PAST_TEN))
    with_a_waiting_list(theatre)
    yield theatre
    theatre.close()


@pytest.fixture
def app(week: Theatre, monkeypatch: pytest.MonkeyPatch) -> OrtoolApp:
    """The program on that week, with a coordinator at the terminal."""
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    return OrtoolApp(lambda: week, demo=True, actor=coordinator(week))


def pressing(*keys: str):
    """Return a run_before that opens the week and presses keys."""

    async def run(pilot) -> None:
        for key in ("", "W", *keys):
            if key:
                await pilot.press(key)
            for _ in range(300):
                await pilot.pause(0.02)
                screen = pilot.app.screen
                carried = getattr(screen, "carried", None)
                if (getattr(screen, "week", None) or getattr(screen, "board", None)) and (
                    carried is None or carried.fits is not None
                ):
                    break
        await pilot.pause(0.1)

    return run


SIZES = [(80, 24), (120, 40), (160, 50)]


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x40", "160x50"])
def test_the_week(app: OrtoolApp, snap_compare, size) -> None:
    keys = {80: ("down", "tab"), 120: ("down", "tab", "tab", "enter"), 160: ("down", "tab", "tab", "enter", "right")}
    assert snap_compare(app, terminal_size=size, run_before=pressing(*keys[size[0]]))


def test_the_week_in_light(app: OrtoolApp, snap_compare) -> None:
    app.theme = "textual-light"
    assert snap_compare(app, terminal_size=(120, 40), run_before=pressing("down", "tab", "tab", "enter"))
