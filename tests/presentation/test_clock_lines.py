"""Clocks on one or two lines: six readable at 80 columns, the due first, in words."""

from datetime import UTC, datetime, timedelta

import pytest
from rich.cells import cell_len

from ortool.checklist.clocks import ClockPhase, ClockState
from ortool.checklist.timers import Timer
from ortool.presentation.clock_lines import cell, clock_lines, clock_sentence, time_words
from ortool.presentation.pieces import Piece

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def clock(short: str, minutes: float, warn: int = 2, **more: object) -> ClockState:
    """Return a clock with so many minutes left; below zero it is due for as long."""
    unit = {"seconds": [180]} if more.pop("seconds", False) else {"minutes": [15]}
    timer = Timer(
        id=short.replace(" ", "-").replace(",", ""), title=f"{short} in full", short=short, starts="PRONE",
        warn_before=warn, evidence=("EST",), **unit,
    )  # fmt: skip
    left, zero = timedelta(minutes=minutes), timedelta()
    state = ClockPhase.DUE if minutes <= 0 else ClockPhase.WARNING if minutes <= warn else ClockPhase.RUNNING
    state = more.pop("state", state)  # type: ignore[assignment]
    return ClockState(timer, state, 1, NOW, NOW + left, max(zero, left), max(zero, -left), **more)  # type: ignore[arg-type]


def texts(lines: list[list[Piece]]) -> list[str]:
    return ["".join(piece.text for piece in line) for line in lines]


SIX = (
    clock("Eyes, tube", -4),
    clock("Pressure pts", -0.5),
    clock("Abx window", 1.5),
    clock("Prep dry", 2.4, seconds=True),
    clock("Temperature", 23.2, warn=3),
    clock("Next abx", 195, warn=15),
)


def test_six_clocks_are_readable_on_two_lines_of_80_columns() -> None:
    assert [line.rstrip() for line in texts(clock_lines(SIX, 80))] == [
        "DUE Eyes, tube +4 min     DUE Pressure pts now      soon Abx window 2 min",
        "Prep dry 144 s            Temperature 24 min        Next abx 3 h 15",
    ]


@pytest.mark.parametrize("width", [30, 40, 60, 80, 100, 120, 200])
@pytest.mark.parametrize("number", [0, 1, 3, 6, 9])
def test_never_more_than_two_lines_nor_wider_than_the_screen(width: int, number: int) -> None:
    lines = texts(clock_lines((SIX * 2)[:number], width))
    assert len(lines) <= 2
    assert all(cell_len(line) <= width for line in lines)


def test_what_has_no_room_is_counted() -> None:
    assert texts(clock_lines(SIX * 2, 80))[-1].endswith("+6")


def test_nothing_running_takes_no_line() -> None:
    assert clock_lines((clock("Eyes", 3, state=ClockPhase.WAITING), clock("T", 1, state=ClockPhase.STOPPED)), 80) == []


def test_the_due_have_the_word_and_the_colour() -> None:
    due, _, soon, _, running, _ = [piece for line in clock_lines(SIX, 80) for piece in line if piece.text != " "]
    assert (due.role, soon.role, running.role) == ("alarm", "warn", "plain")


@pytest.mark.parametrize("number", [0, 1, 3, 5])
def test_a_missing_value_of_the_site_is_said(number: int) -> None:
    missing = clock("Prep dry", 3, state=ClockPhase.MISSING)
    assert "site value missing" in " ".join(texts(clock_lines((*SIX[:number], missing), 80)))


def test_the_name_gives_way_but_never_the_word_or_the_time() -> None:
    one = clock("Fourteen chars", 59, snoozed=True, is_demo=True)
    assert cell(one, 25) == "later Fourte… DEMO 59 min"


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0.01, "1 min"),
        (1, "1 min"),
        (1.01, "2 min"),
        (99, "99 min"),
        (100, "1 h 40"),
        (0, "now"),
        (-1, "+1 min"),
        (-125, "+2 h 05"),
        (47 * 60, "47 h 00"),
        (14 * 1440, "14 d"),
        (14 * 1440 + 60, "14 d"),
        (14 * 1440 - 60, "14 d"),
        (-3 * 1440, "+3 d"),
    ],
)
def test_times_read_short(minutes: float, words: str) -> None:
    assert time_words(clock("Eyes", minutes)) == words


def test_a_clock_to_choose_says_its_whole_title() -> None:
    assert clock_sentence(clock("Eyes", -3)) == "Eyes in full: DUE +3 min"
    assert clock_sentence(clock("Eyes", 9)) == "Eyes in full: in 9 min"
    assert clock_sentence(clock("Eyes", 9, state=ClockPhase.WAITING)) == "Eyes in full: waiting"
