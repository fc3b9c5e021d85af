"""What the list of case logs and the statistics look like, over a list of the past beside a day of the sample."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ortool.exchange.past_map import built_in
from ortool.people.person import Actor
from ortool.services.history import import_past
from ortool.services.people import find_person
from ortool.services.sample import SITE_VALUES, fill_sample
from ortool.services.setup import SYSTEM
from ortool.services.theatre import Theatre, open_theatre
from ortool.settings import Settings
from ortool.tui.app import OrtoolApp
from tests import reference
from tests.tui.test_snapshots import settled

MORNING = datetime(2026, 11, 23, 9, 42, tzinfo=UTC)
SIZES = [(80, 24), (120, 40)]


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    """The sample day with a generated list of the past, its clock stopped."""
    settings = Settings(site="Sample Hospital (invented)", time_zone="Europe/Amsterdam", site_values=SITE_VALUES)
    path: Path = tmp_path_factory.mktemp("years") / "years.db"
    theatre = open_theatre(settings, path, lambda: MORNING)
    fill_sample(theatre, date(2026, 11, 23))
    import_past(theatre, SYSTEM, reference.utilisation(days=12), built_in("or-utilization"))
    yield theatre
    theatre.close()


@pytest.fixture
def app(years: Theatre, monkeypatch: pytest.MonkeyPatch) -> OrtoolApp:
    """The program on that day, with a nurse at the terminal."""
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    return OrtoolApp(lambda: years, demo=True, actor=Actor(find_person(years, "cn1")))


def pressing(*keys: str):
    """Return a run_before that opens the list and presses keys, each when the screen shows what was counted."""

    async def run(pilot) -> None:
        await settled(pilot)
        for key in ("a", *keys):
            await pilot.press(key)
            for _ in range(300):
                screen = pilot.app.screen
                if getattr(screen, "found", None) or getattr(screen, "statistics", None):
                    break
                await pilot.pause(0.02)
            await pilot.pause(0.1)

    return run


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_list_of_case_logs(snap_compare, app: OrtoolApp, size: tuple[int, int]) -> None:
    assert snap_compare(app, terminal_size=size, run_before=pressing("down"))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_statistics_with_the_plot_of_a_chapter(snap_compare, app: OrtoolApp, size: tuple[int, int]) -> None:
    assert snap_compare(app, terminal_size=size, run_before=pressing("s", *["down"] * 5, "p"))
