"""Two terminals on one server: each sees what the other writes, and says what it keeps while the server is away."""

import time
from collections.abc import Callable

import pytest

from ortool.checklist.commands import StampMilestone
from ortool.checklist.records import State
from ortool.cli.main import main
from ortool.services import booking, running
from tests.patience import patient
from tests.postgres.behind import Behind
from tests.services.suite import MORNING, done
from tests.tui.driver import at_terminal

Make = Callable[..., Behind]


def booked(one: Behind) -> tuple[str, int]:
    """Book a case that is in the room; return its id and number."""
    case = one.suite.case()
    booking.book(one.suite.theatre, one.suite.nurse, case.id, "OR1", MORNING, 60)
    one.suite.act(case, StampMilestone("PIR"))
    return case.id, case.number


def test_what_one_terminal_writes_the_other_hears_of_within_a_second(behind: Make) -> None:
    one = behind()
    here, elsewhere = one.suite.theatre, one.directly()
    case_id, _ = booked(one)
    seen = here.store_version()
    lengths = []
    for item in ("SI.consent", "SI.images", "TO.implants"):
        running.act(elsewhere.theatre, elsewhere.nurse, case_id, done(item, "IMG-1" if item == "SI.images" else ""))
        begun = time.monotonic()
        while here.store_version() == seen and time.monotonic() - begun < patient(3):
            time.sleep(0.002)
        lengths.append(time.monotonic() - begun)
        seen = here.store_version()
    assert max(lengths) < patient(1)
    elsewhere.theatre.close()


def test_what_was_said_while_nobody_listened_is_found_by_the_poll(
    behind: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ortool.storage.postgres import watch

    monkeypatch.setattr(watch, "CHANNEL", "nobody_speaks_here")
    one = behind()
    seen = one.suite.theatre.store_version()
    booked(one)
    begun = time.monotonic()
    while one.suite.theatre.store_version() == seen and time.monotonic() - begun < patient(8):
        time.sleep(0.05)
    assert one.suite.theatre.store_version() > seen


async def test_a_tick_elsewhere_is_on_the_screen_within_a_second(behind: Make) -> None:
    one = behind()
    case_id, number = booked(one)
    async with at_terminal(one.suite.theatre, one.suite.nurse) as terminal:
        await terminal.opens(number)
        elsewhere = one.directly()
        running.act(elsewhere.theatre, elsewhere.person("n2"), case_id, done("SI.consent"))
        begun = time.monotonic()
        await terminal.until(lambda: terminal.state_of("SI.consent") is State.DONE, "the other's tick")
        assert time.monotonic() - begun < patient(1.5)
        assert "Sam Scrub" in terminal.text
        elsewhere.theatre.close()


async def test_the_case_screen_says_what_is_saved_here_until_it_is_sent(behind: Make) -> None:
    one = behind()
    case_id, number = booked(one)
    async with at_terminal(one.suite.theatre, one.suite.nurse) as terminal:
        case = await terminal.opens(number)
        assert "SAVED HERE" not in terminal.text
        one.proxy.refuses = True
        one.proxy.drop()
        await terminal.until(lambda: terminal.app.is_lost, "the loss")
        assert "NOTHING IS BEING SAVED" not in terminal.text
        case.go_to("SI.consent")
        await terminal.press("space")
        await terminal.until(lambda: terminal.state_of("SI.consent") is State.DONE, "the tick")
        await terminal.until(lambda: "SAVED HERE, 1 waiting" in terminal.text, "what waits")
        one.proxy.refuses = False
        await terminal.until(lambda: "SAVED HERE" not in terminal.text, "the return")
        await terminal.until(lambda: not terminal.app.is_lost, "the all-clear")
        assert terminal.state_of("SI.consent") is State.DONE
    assert "SI.consent" in running.refold(one.directly().theatre, case_id).answers


def test_the_command_line_says_what_is_saved_here(
    behind: Make, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    one = behind()
    _, number = booked(one)
    monkeypatch.setenv("ORTOOL_DATABASE_URL", one.suite.theatre.settings.database_url)
    monkeypatch.setenv("ORTOOL_CHECKLISTS", one.suite.theatre.settings.checklists)
    words = ["--clock-ok", "run", "answer", str(number), "SI.consent", "done", "--by", "n1"]
    assert main(words) == 0
    assert "Saved. Case" in capsys.readouterr().err
    real = running.send

    def cut_then_send(*args: object) -> object:
        one.proxy.refuses = True
        one.proxy.drop()
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(running, "send", cut_then_send)
    assert main(["--clock-ok", "run", "note", str(number), "The lamp fell", "--by", "n1"]) == 0
    assert "Saved here, 1 waiting" in capsys.readouterr().err
    assert main(["run", "show", str(number)]) == 3
    assert "does not answer" in capsys.readouterr().err
    monkeypatch.setattr(running, "send", real)
    one.proxy.refuses = False
    assert main(["run", "show", str(number)]) == 0
    assert "1 saved here while the database was away: now in the journal" in capsys.readouterr().err
