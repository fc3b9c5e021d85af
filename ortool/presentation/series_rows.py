"""Blocks, closures and leave as the rows of a screen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ortool.presentation import series as words
from ortool.presentation.pieces import Piece, fit
from ortool.schedule.recurrence import Series

HEAD = {"block": "Blocks", "closure": "Closures", "leave": "Leave"}
_WHERE, _HOURS = 15, 13


@dataclass(frozen=True)
class SeriesLine:
    """One series, or the heading of a kind."""

    title: str
    one: Series | None = None
    where: str = ""
    owner: str = ""

    @property
    def key(self) -> str:
        """What the cursor remembers."""
        return self.one.id if self.one else self.title

    @property
    def can_rest(self) -> bool:
        """Whether something can be done here."""
        return self.one is not None

    is_open = False

    def pieces(self, width: int) -> list[Piece]:
        """Return the line: where, hours, days, whose or what."""
        if self.one is None:
            return [Piece(fit(f" {self.title}", width), "name")]
        what = self.owner or self.one.title
        room = max(width - _WHERE - _HOURS - 5, 10)
        days = f"{words.short_days(self.one)}{' *' if self.one.changes else ''}"
        whose = min(len(what), room // 2)
        line = f" {fit(self.where, _WHERE)} {fit(words.hours(self.one), _HOURS)} {fit(days, room - whose - 1)} {what}"
        return [Piece(fit(line, width), "plain")]


def series_lines(found: Sequence[Series], names: Mapping[str, str]) -> list[SeriesLine]:
    """Return series under the heading of their kind."""
    lines: list[SeriesLine] = []
    for kind, title in HEAD.items():
        of_kind = [one for one in found if one.kind.value == kind]
        if of_kind:
            lines.append(SeriesLine(title))
            lines += [SeriesLine(one.id, one, words.where(one, names), words.owner(one, names)) for one in of_kind]
    return lines


def selected_lines(one: Series | None, names: Mapping[str, str], width: int) -> list[list[Piece]]:
    """Return what the cursor rests on in full: two lines."""
    if one is None:
        return [[Piece(fit(" No blocks, closures or leave: a adds one.", width), "plain")], []]
    what = ", ".join(part for part in (words.owner(one, names), one.title) if part)
    first = f" {one.id} · {words.where(one, names)} · {words.days(one)} · {words.hours(one)}"
    rest = [what, f"released {words.release(one)}" if one.release_days is not None else "", words.changes(one)]
    second = " " + " · ".join(part for part in rest if part)
    return [[Piece(fit(first, width), "name")], [Piece(fit(second, width), "plain")]]
