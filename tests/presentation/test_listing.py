"""Lists of one line a row: what is needed least gives way first; a column that may folds, and nothing of it is cut."""

import pytest
from rich.cells import cell_len

from ortool.presentation.listing import column, lay_out

COLUMNS = [
    column("case", [1001, 1002]),
    column("operation", ["Dynamic stabilisation L4-S1 both", "Hip left"], ["Dyn stab L4-S1 both", "THR left"],
           rank=1, least=14, ends=["L4-S1 both", "left"]),
    column("surgeon", ["Dr Žofie Ukázková-Příkladová", "Dr An"], ["Ukázková-Příkladová", "An"], rank=0, least=9),
    column("line", [2, 3], may_go=True),
    column("notes", ["", None]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("width", "first"),
    [
        (120, "1001  Dynamic stabilisation L4-S1 both  Dr Žofie Ukázková-Příkladová  2"),
        (70, "1001  Dynamic stabilisation L4-S1 both  Ukázková-Příkladová  2"),
        (56, "1001  Dyn stab L4-S1 both  Ukázková-Příkladová  2"),
        (50, "1001  Dyn stab L4-S1 both  Ukázková-Příkladová"),
        (40, "1001  Dyn stab L4-S1 both  Ukázková-Pří…"),
        (35, "1001  Dyn st… L4-S1 both  Ukázková…"),
        (20, "1001  Dy… L4-S1 bot…"),
    ],
)
def test_each_width_has_its_words(width: int, first: str) -> None:
    lines = lay_out(COLUMNS, width)
    assert lines[2] == first
    assert len(lines) == 4
    assert all(cell_len(line) <= width for line in lines)
    assert "notes" not in lines[0]


def test_wide_characters_keep_the_columns_in_line() -> None:
    lines = lay_out([column("name", ["手術", "a"]), column("n", [1, 2])], 20)
    assert [cell_len(line) for line in lines] == [7, 7, 7, 7]


def test_a_column_that_folds_goes_on_below_itself() -> None:
    why = ["above the agreed 25 %", "手術室 is closed", "unbreakableword", ""]
    columns = [column("waits", [1, 2, 3, 4]), column("because", why, least=8, folds=True)]
    assert lay_out(columns, 19) == [
        "waits  because",
        "─" * 19,
        "1      above the",
        "       agreed 25 %",
        "2      手術室 is",
        "       closed",
        "3      unbreakablew",
        "       ord",
        "4",
    ]
    assert lay_out(columns, 40)[2] == "1      above the agreed 25 %"
