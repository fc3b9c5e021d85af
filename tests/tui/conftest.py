"""A sample theatre on a real database, at ten past ten on a Tuesday."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ortool import shipped
from ortool.people.person import Actor
from ortool.services import importing, people, setup
from ortool.services.theatre import Theatre, open_theatre
from ortool.settings import Settings

TEN_PAST_TEN = datetime(2026, 11, 24, 9, 10, tzinfo=UTC)


class Watch:
    """A clock that goes only when it is told to."""

    def __init__(self, now: datetime) -> None:
        self.time = now

    def __call__(self) -> datetime:
        return self.time

    def goes_on(self, **length: float) -> None:
        """Let time pass."""
        self.time += timedelta(**length)


@pytest.fixture
def watch() -> Watch:
    return Watch(TEN_PAST_TEN)


SAMPLE = Settings(site="Sample Hospital (invented)", time_zone="Europe/Amsterdam")


def fill(path: Path) -> None:
    """Make the sample theatre with its two-week list on a file."""
    theatre = open_theatre(SAMPLE, path, Watch(TEN_PAST_TEN))
    data = shipped.folder("data")
    text = (data / "theatre.toml").read_text("utf-8")
    setup.load_theatre(theatre, setup.SYSTEM, setup.read_theatre_file(text, "theatre.toml"))
    listed = (data / "theatre_list.csv").read_text("utf-8")
    assert importing.import_list(theatre, setup.SYSTEM, listed).written
    theatre.close()


@pytest.fixture
def sample(sample_file: Path, tmp_path: Path, watch: Watch) -> Iterator[Theatre]:
    """The sample theatre with its two-week list."""
    theatre = open_theatre(SAMPLE, shutil.copy(sample_file, tmp_path / "ortool.db"), watch)
    yield theatre
    theatre.close()


@pytest.fixture
def nurse(sample: Theatre) -> Actor:
    """A circulating nurse."""
    return Actor(people.list_people(sample, "circulating_nurse")[0])


@pytest.fixture
def surgeon(sample: Theatre) -> Actor:
    """The surgeon of case 1014."""
    return Actor(people.find_person(sample, "sp2"))
