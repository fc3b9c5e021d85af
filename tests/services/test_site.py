"""What a database knows of its own site, wherever it is opened."""

from pathlib import Path

import pytest

from ortool.errors import StorageFault
from ortool.services.theatre import open_theatre
from ortool.settings import Settings
from tests.services.suite import Clock


def opened(path: Path, settings: Settings, demo: bool = False) -> tuple[str, str, bool, list[str]]:
    """Open a database; return its site, zone, whether it is a demonstration, and what opening it said."""
    theatre = open_theatre(settings, path, Clock(), demo)
    theatre.close()
    return theatre.settings.site, theatre.settings.time_zone, theatre.is_demo, theatre.store.notices


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A demonstration in Tokyo."""
    opened(tmp_path / "a.db", Settings(site="Sample", time_zone="Asia/Tokyo"), demo=True)
    return tmp_path / "a.db"


def test_it_says_its_site_zone_and_that_it_is_a_demonstration(path: Path) -> None:
    assert opened(path, Settings()) == ("Sample", "Asia/Tokyo", True, [])
    assert opened(path, Settings(late_minutes=9))[1] == "Asia/Tokyo"


def test_what_is_set_goes_first_and_another_zone_is_said(path: Path) -> None:
    site, zone, _, notices = opened(path, Settings(site="Other", time_zone="UTC"))
    assert (site, zone) == ("Other", "UTC")
    assert notices == ["This database was made for Asia/Tokyo; the settings here show times in UTC."]
    assert opened(path, Settings(time_zone="Asia/Tokyo"))[3] == []


def test_a_default_that_nobody_chose_is_not_kept(tmp_path: Path) -> None:
    opened(tmp_path / "b.db", Settings(late_minutes=9))
    assert opened(tmp_path / "b.db", Settings(time_zone="Asia/Tokyo"))[1:] == ("Asia/Tokyo", False, [])


def test_what_the_first_opening_kept_a_later_one_does_not_change(path: Path) -> None:
    opened(path, Settings(site="Other", time_zone="UTC"))
    assert opened(path, Settings())[:2] == ("Sample", "Asia/Tokyo")


def test_a_zone_that_this_machine_does_not_know_is_one_sentence(path: Path) -> None:
    theatre = open_theatre(Settings(), path, Clock())
    with theatre.store.writing() as session:
        session.connection().exec_driver_sql("UPDATE meta SET value = 'Mars/Olympus' WHERE name = 'time_zone'")
    theatre.close()
    with pytest.raises(StorageFault, match="'Mars/Olympus', cannot be used here. Give time_zone in the settings"):
        opened(path, Settings())
    assert opened(path, Settings(time_zone="UTC"))[1] == "UTC"
