"""Space kept for a full disk: only where there is room, given back once, and told of where the disk is nearly full."""

import stat
from pathlib import Path

import pytest

from ortool.services.health import _space
from ortool.services.theatre import open_theatre
from ortool.storage import ballast
from ortool.storage.ballast import KEPT, LOW, Ballast
from tests.services.suite import Clock, settings


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database that does keep space."""
    monkeypatch.setattr(ballast, "ROOM", 1)
    return tmp_path / "ortool.db"


def has_free(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Let the disk have so much left."""
    monkeypatch.setattr(Ballast, "free", property(lambda self: size))


def test_opening_a_theatre_keeps_space_for_its_owner_alone(path: Path) -> None:
    theatre = open_theatre(settings(), path, Clock())
    kept = theatre.store.ballast
    assert kept.path.stat().st_size == KEPT
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    assert theatre.store.notices == []
    theatre.close()
    assert kept.release()
    assert not kept.release()


def test_a_demonstration_keeps_none(path: Path) -> None:
    theatre = open_theatre(settings(), path, Clock(), demo=True)
    assert not theatre.store.ballast.is_there
    theatre.close()


def test_a_small_disk_is_left_alone_and_said_to_be_nearly_full(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    has_free(monkeypatch, KEPT - 1)
    theatre = open_theatre(settings(), path, Clock())
    assert not theatre.store.ballast.is_there
    (notice,) = theatre.store.notices
    assert "only 7 MiB left" in notice
    theatre.close()


def test_space_that_cannot_be_had_after_all_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ballast, "_fill", refuse)
    one = Ballast(path)
    assert not one.keep()
    assert not one.path.exists()


@pytest.mark.parametrize(("free", "well"), [(LOW, True), (LOW - 1, False)])
def test_the_doctor_says_when_the_disk_is_nearly_full(
    path: Path, monkeypatch: pytest.MonkeyPatch, free: int, well: bool
) -> None:
    has_free(monkeypatch, free)
    found = _space(Ballast(path))
    assert found.well is well
    assert bool(found.mend) is not well
    assert "no space is kept" in found.seen
