"""The bar beside rows that do not all fit."""

from hypothesis import given
from hypothesis import strategies as st

from ortool.presentation.scroll_bar import bar, top_at

heights = st.integers(1, 60)


def words(rows: int, height: int, top: int, ascii_only: bool = False) -> str:
    return "".join(piece.text for piece in bar(rows, height, top, ascii_only))


def test_there_is_none_where_all_rows_are_in_sight() -> None:
    assert not bar(0, 10, 0)
    assert not bar(10, 10, 0)
    assert not bar(10, 0, 0)


def test_it_shows_the_part_that_is_in_sight() -> None:
    assert words(40, 10, 0) == "██" + "│" * 8
    assert words(40, 10, 30) == "│" * 8 + "██"
    assert words(40, 10, 15, ascii_only=True) == "||||##||||"


@given(heights, st.integers(1, 5_000), st.data())
def test_it_touches_an_end_only_where_the_rows_end(height: int, more: int, data: st.DataObject) -> None:
    top = data.draw(st.integers(0, more))
    said = words(height + more, height, top)
    assert len(said) == height
    assert "█" in said
    assert "█" not in said.strip("│").strip("█")
    if height > 2:
        assert (said[0] == "█") == (top == 0)
        assert (said[-1] == "█") == (top == more)


@given(heights, st.integers(1, 5_000))
def test_drawing_it_from_end_to_end_passes_from_the_first_row_to_the_last(height: int, more: int) -> None:
    tops = [top_at(height + more, height, line) for line in range(-2, height + 3)]
    assert tops == sorted(tops)
    assert tops[0] == 0
    assert tops[-1] == more or height == 1
