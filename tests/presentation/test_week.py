"""The week as text: fill, blocks, closures, gaps, held slots, and the waiting list; no patient is named."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from rich.cells import cell_len

from ortool.caselog.week import RoomDay, Waiting, Week, left_over
from ortool.presentation.listing import lay_out
from ortool.presentation.week import week_columns, week_json
from ortool.presentation.week_day import Ghost, day_rows, fits_words, slot_words
from ortool.presentation.week_grid import (
    day_title,
    days_line,
    fill_words,
    grid_rows,
    notes_of,
    sentence_lines,
    week_title,
)
from ortool.presentation.week_waiting import waiting_rows, waiting_words
from ortool.schedule.slots import Span
from ortool.schedule.windows import Window, WindowKind
from tests.caselog.a_case import DAY, at, case
from tests.presentation.shown import AMSTERDAM, board_case, same_as_golden

MONDAY = DAY.date()
HOSTILE = ["[bold]x[/]", "\x1b[31m[/]", "手術室の患者 " * 9, "Quackenbush " * 20]


def a_week(name: str = "OR 1", **changes: Any) -> Week:
    """Return two days of two rooms: one with a block, a held slot and one that over-fills, one that is closed."""
    opened = Span(at("08:00"), at("12:00"))
    held = board_case(1005, "09:30", "12:30", **changes)
    held = replace(held, slot=replace(held.slot, id="held", held=True), case=replace(held.case, id="other"))
    slots = (board_case(1004, "08:00", "09:30", **changes), held)
    block = Window(WindowKind.BLOCK, "room:or1", opened, "", "person:p1", series="b")
    team = Window(WindowKind.BLOCK, "room:or2", opened, "Spine, even weeks", "service:spine", released=True, series="s")
    shut = Window(WindowKind.CLOSURE, "room:or2", Span(at("00:00"), at("23:00")), f"ventilation {name}", series="c")
    days = (MONDAY, MONDAY + timedelta(days=1))
    whole = Span(at("00:00"), at("23:59"))
    free = left_over([opened], [Span(one.slot.start, one.slot.end) for one in slots])
    cells = {
        ("or1", days[0]): RoomDay(
            "or1", days[0], whole, (opened,), free, slots, (block,), {"person:p1": "Dr Ada Owner"}
        ),
        ("or1", days[1]): RoomDay("or1", days[1], whole, (opened,), (opened,)),
        ("or2", days[0]): RoomDay("or2", days[0], whole, (), (), slots[:1], (shut,)),
        ("or2", days[1]): RoomDay("or2", days[1], whole, (opened,), (opened,), (), (team,)),
    }
    return Week(days, at("08:30"), {"or1": name, "or2": "OR 2"}, cells)


def text_of(lines: Any, width: int) -> list[str]:
    """Return rows or lines of pieces as text."""
    found = [line.pieces(width) if hasattr(line, "pieces") else line for line in lines]
    return ["".join(piece.text for piece in line) for line in found]


def everything(week: Week, width: int, waiting: list[Waiting], ascii_only: bool = False) -> list[str]:
    """Return every line that the screen is made of."""
    cell = week.cells["or1", MONDAY]
    ghost = Ghost(cell.slots[0].case, Span(at("10:00"), at("11:00")), "it fits here", "running")
    return text_of(
        [
            week_title(week, "Site", "NN (PIN)", True, week.now, AMSTERDAM, width),
            days_line(week, MONDAY, AMSTERDAM, width),
            *grid_rows(week, "or1", MONDAY, False, ascii_only),
            day_title(cell, week.rooms["or1"], AMSTERDAM, width),
            *day_rows(cell, AMSTERDAM, ghost, ascii_only=ascii_only),
            *day_rows(week.cells["or2", MONDAY], AMSTERDAM, ascii_only=ascii_only),
            *waiting_rows(waiting, width),
            *sentence_lines([(slot_words(cell.slots[1], AMSTERDAM), "plain")], width),
            *sentence_lines([(waiting_words(one), "plain") for one in waiting], width),
        ],
        width,
    )


def waits(**changes: Any) -> Waiting:
    """Return a case that waits."""
    one = case(number=1009, priority=1, waiting_since=date(2026, 10, 1), due=date(2026, 11, 20), **changes)
    return Waiting(one, 90, changes.get("needs", "c-arm"), 53, 3)


@pytest.mark.parametrize("width", [80, 120])
def test_the_week_reads_as_approved(width: int) -> None:
    assert same_as_golden(f"week_{width}.txt", "\n".join(everything(a_week(), width, [waits()])) + "\n")


def test_the_table_reads_as_approved() -> None:
    lines = [*lay_out(week_columns(a_week()), 120), "", *lay_out(week_columns(a_week()), 40)]
    assert same_as_golden("week_table.txt", "\n".join(lines) + "\n")


@pytest.mark.parametrize("width", [60, 80, 160])
@pytest.mark.parametrize("name", HOSTILE)
def test_no_row_is_longer_than_its_width_whatever_the_names(width: int, name: str) -> None:
    week = a_week(name, surgeon=name, procedure_short=name, patient_name=name)
    for line in everything(week, width, [waits(surgeon=name, procedure_short=name, needs=name)]):
        assert cell_len(line) <= width


def test_nothing_names_the_patient() -> None:
    text = "".join(everything(a_week(), 120, [waits()])) + str(week_json(a_week()))
    assert "Quackenbush" not in text
    assert "HN-8830" not in text


def test_fill_is_said_in_words_too() -> None:
    week = a_week()
    full, empty, shut = (week.cells[at] for at in (("or1", MONDAY), ("or1", week.days[1]), ("or2", MONDAY)))
    assert (full.booked_minutes, full.open_minutes, full.per_cent, full.held) == (270, 240, 112, 1)
    assert "112%?" in fill_words(full, 10)
    assert "  0%" in fill_words(empty, 10)
    spine = week.cells["or2", week.days[1]]
    assert [notes_of(spine, width) for width in (8, 12, 40)] == [
        "(Spine, even weeks)", "(Spine… 4:00", "Spine, even weeks (released), 4:00 free"
    ]  # fmt: skip
    assert fill_words(shut, 10) == "closed 1!"
    assert fill_words(full, 20, ascii_only=True).isascii()


def test_a_place_that_fits_says_how_full_the_day_would_be() -> None:
    empty = a_week().cells["or2", MONDAY + timedelta(days=1)]
    words = fits_words(empty, 60, False, ("or2 is not open for all of it.",))
    assert words == "It fits; or2 would be 25 % full, now 0 %. But: or2 is not open for all of it."
