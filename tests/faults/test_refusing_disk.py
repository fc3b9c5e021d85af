"""A disk that refuses: nothing acknowledged is lost, the person is told, and the work goes on."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from ortool.checklist.commands import AnswerItem, StampMilestone
from ortool.checklist.records import State
from ortool.errors import StorageFault
from ortool.people.person import Actor
from ortool.services.theatre import Theatre, open_theatre
from ortool.storage import ballast, recovery
from tests.faults import shim
from tests.faults.audit import audit
from tests.faults.outcome import expect, new_seed
from tests.faults.program import Plan, altered
from tests.faults.refusing_disk import CLASSES, Refusal, Refuser, refuse, refuse_by_strace
from tests.faults.tape import has_strace
from tests.patience import patient
from tests.services.suite import Clock, Suite, furnish, settings
from tests.tui.conftest import Watch, nurse, sample, watch
from tests.tui.driver import at_terminal

__all__ = ["nurse", "sample", "watch"]
TICK = AnswerItem("SI.weight", State.DONE, "80")


def test_nothing_acknowledged_is_lost_to_an_error_of_the_disk() -> None:
    expect(refuse(runs=1, ticks=60, seed=new_seed()))


def test_what_the_layer_sees_lies_beside_the_database(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite keeps the address of a name: a copy that lives no longer than the call would name any file at all."""
    elsewhere, seen = tmp_path / "elsewhere", set[str]()
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    with shim.watched(lambda call: seen.add(call.path)):
        suite, case = at_work(path)
        suite.act(case, TICK)  # type: ignore[arg-type]
        assert path.with_name("ortool.db-shm").exists()
        suite.theatre.close()
    assert {str(path), f"{path}-wal"} <= seen
    assert {Path(one).parent for one in seen} == {path.parent}
    assert list(elsewhere.iterdir()) == []


def refusing(path: Path, kind: str) -> Refuser:
    """Refuse every call of a kind, once it is switched on."""
    return Refuser(path, replace(next(one for one in CLASSES if one.kind == kind), every=1, in_a_row=9))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A furnished database."""
    place = tmp_path / "ortool.db"
    furnish(place, settings(), Clock()).close()
    return place


def at_work(path: Path) -> tuple[Suite, object]:
    """Open the theatre and begin a case."""
    suite = Suite(open_theatre(settings(), path, Clock()), Clock())
    case = suite.case()
    suite.act(case, StampMilestone("PIR"))
    return suite, case


def test_a_checkpoint_that_fails_takes_no_tick_back(path: Path) -> None:
    refuser = Refuser(
        path, Refusal("the database itself", "write", shim.IOERR_WRITE, every=1, in_a_row=9, endings=("",))
    )
    with altered(Plan(checkpoint_bytes=1)), shim.watched(refuser):
        suite, case = at_work(path)
        refuser.is_on = True
        suite.act(case, TICK)  # type: ignore[arg-type]
        refuser.is_on = False
        assert refuser.refused
        assert audit(suite.theatre) == []
        suite.theatre.close()


def test_after_an_error_the_newest_links_are_checked_before_the_next_write(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuser, checked = refusing(path, "sync"), []
    monkeypatch.setattr(recovery, "check_tail", checked.append)
    with shim.watched(refuser):
        suite, case = at_work(path)
        refuser.is_on = True
        with pytest.raises(StorageFault, match=r"disk I/O error.*look before you repeat it"):
            suite.act(case, TICK)  # type: ignore[arg-type]
        refuser.is_on = False
        assert checked == []
        suite.act(case, replace(TICK, value="81"))  # type: ignore[arg-type]
        assert len(checked) == 1
        suite.theatre.close()


def test_a_tail_that_was_damaged_stops_the_writing(path: Path) -> None:
    refuser = refusing(path, "sync")
    with shim.watched(refuser):
        suite, case = at_work(path)
        refuser.is_on = True
        with pytest.raises(StorageFault):
            suite.act(case, TICK)  # type: ignore[arg-type]
        refuser.is_on = False
        with suite.theatre.store._writer.begin() as connection:
            connection.exec_driver_sql("DROP TRIGGER entry_is_never_changed")
            connection.exec_driver_sql("UPDATE entry SET actor = 's1' WHERE seq = (SELECT max(seq) FROM entry)")
        with pytest.raises(StorageFault, match="no longer what was saved"):
            suite.act(case, TICK)  # type: ignore[arg-type]
        suite.theatre.close()


def test_a_full_disk_gets_the_kept_space_back(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ballast, "ROOM", 1)
    refuser = Refuser(path, Refusal("full", "write", shim.FULL, every=1, in_a_row=9))
    with shim.watched(refuser):
        suite, case = at_work(path)
        store = suite.theatre.store
        assert store.ballast.path.stat().st_blocks * 512 >= ballast.KEPT
        refuser.is_on = True
        with pytest.raises(StorageFault, match="given back: do it again"):
            suite.act(case, TICK)  # type: ignore[arg-type]
        assert not store.ballast.is_there
        refuser.is_on = False
        suite.act(case, TICK)  # type: ignore[arg-type]
        assert audit(suite.theatre) == []
        suite.theatre.close()


async def test_the_screen_says_it_within_two_seconds_and_until_it_saves_again(
    sample: Theatre, nurse: Actor, watch: Watch
) -> None:
    refuser = refusing(sample.store.path, "sync")
    with shim.watched(refuser):
        theatre = open_theatre(sample.settings, sample.store.path, watch)
        async with at_terminal(theatre, nurse) as terminal:
            await terminal.opens(1014)
            await terminal.goes_to("Whose images, and from when?")
            refuser.is_on = True
            began = time.monotonic()
            await terminal.press("space")
            await terminal.until(lambda: "NOTHING IS BEING SAVED" in terminal.text, "the banner")
            assert time.monotonic() - began < patient(2)
            for _ in range(10):  # reads still work: that is no reason to take the banner away
                await terminal.pilot.pause(0.1)
            assert terminal.app.is_lost
            assert terminal.state_of("IR.1") is not State.DONE
            refuser.is_on = False
            await terminal.until(lambda: not terminal.app.is_lost, "the return")
        theatre.close()


def test_system_calls_that_fail_lose_nothing_either() -> None:
    if why := has_strace():
        pytest.skip(f"{why}; the layer inside the process shows the same")
    expect(refuse_by_strace(runs=1, ticks=30))
