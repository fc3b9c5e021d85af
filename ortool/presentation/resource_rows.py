"""Rooms, equipment and people as the rows of a screen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from ortool.people.person import Person
from ortool.presentation.pieces import Piece, fit
from ortool.presentation.words import plural
from ortool.schedule.placing import told
from ortool.schedule.resources import Equipment, Kind, Room
from ortool.schedule.slots import Span

KINDS = {Kind.EQUIPMENT: "equipment", Kind.SET: "set", Kind.RECOVERY: "recovery beds"}
_ID, _NAME, _COUNT = 15, 34, 11
ANYTHING = Room | Equipment | Person


@dataclass(frozen=True)
class ResourceLine:
    """One room, equipment or person, or the heading of a kind. `held` are the units held now."""

    title: str
    one: ANYTHING | None = None
    used: bool = True
    held: int = 0
    away: tuple[Span, ...] = ()

    @property
    def key(self) -> str:
        """What the cursor remembers."""
        return f"{type(self.one).__name__} {self.one.id}" if self.one else self.title

    @property
    def can_rest(self) -> bool:
        """Whether something can be done here."""
        return self.one is not None

    is_open = False

    def pieces(self, width: int) -> list[Piece]:
        """Return the line: what it is called, and what matters of it for a slot."""
        if self.one is None:
            return [Piece(fit(f" {self.title}", width), "heading")]
        head, rest, role = self._words()
        name = self.one.initials if isinstance(self.one, Person) else self.one.id
        line = f" {fit(name, _ID)} {fit(self.one.name, min(_NAME, width * 3 // 10))} {fit(head, _COUNT)} {rest}"
        return [Piece(fit(line, width), role if self.used else "dim")]

    def _words(self) -> tuple[str, str, str]:
        """Return the short column, the rest of the line, and the role that it is drawn in."""
        one = self.one
        if isinstance(one, Room):
            rest = " · ".join(filter(None, (one.hours.written or "always open", ", ".join(sorted(one.capabilities)))))
            return (f"{_minutes(one.turnover)} min" if one.turnover is not None else ""), self._said(rest), "plain"
        if isinstance(one, Equipment):
            all_held = 0 < one.units <= self.held
            ready = f" · ready after {_minutes(one.ready)} min" if one.ready else ""
            return (
                f"ALL {one.units} held" if all_held else f"{self.held} of {one.units} held",
                self._said(f"{KINDS[one.kind]}{ready}"),
                "late" if all_held else "plain",
            )
        assert one is not None
        rest = ", ".join(sorted(role.replace("_", " ") for role in one.roles))
        return ("away" if self.away else ""), rest, "late" if self.away else "plain"

    def _said(self, words: str) -> str:
        return words if self.used else f"NOT IN USE · {words}"


def resource_lines(
    rooms: Sequence[tuple[Room, bool]],
    equipment: Sequence[tuple[Equipment, bool]],
    held: Mapping[str, int],
    people: Sequence[Person],
    away: Mapping[str, tuple[Span, ...]],
) -> list[ResourceLine]:
    """Return everything under the heading of its kind."""
    absent = f", {len(away)} away this week" if away else ""
    return [
        ResourceLine(f"{plural(len(rooms), 'room')} · turnover, hours, what it can do"),
        *(ResourceLine("", room, used) for room, used in rooms),
        ResourceLine("Equipment, sets and beds · how many are held now"),
        *(ResourceLine("", one, used, held.get(one.id, 0)) for one, used in equipment),
        ResourceLine(f"{len(people)} people{absent}"),
        *(ResourceLine("", one, away=away.get(one.id, ())) for one in people),
    ]


def resource_detail(line: ResourceLine | None, site_turnover: int, zone: ZoneInfo, width: int) -> list[list[Piece]]:
    """Return what the cursor rests on in full: three lines. `site_turnover` is in minutes."""
    one = line.one if line else None
    if line is None or one is None:
        return [[Piece(" Nothing is here yet. a adds a room.", "dim")], [], []]
    words = [f" {one.id} {one.name}"]
    if isinstance(one, Room):
        kept = f"{_minutes(one.turnover)} min" if one.turnover is not None else f"{site_turnover} min (the site's)"
        words += [f" open {one.hours.written or 'always'} · turnover {kept}"]
        words += [f" can {', '.join(sorted(one.capabilities)) or 'nothing special'}"]
    elif isinstance(one, Equipment):
        words += [f" {plural(one.units, 'unit')} · {line.held} held now · {KINDS[one.kind]}"]
        words += [f" {f'ready again {_minutes(one.ready)} min after its use' if one.ready else 'ready at once'}"]
    else:
        words += [f" {', '.join(sorted(role.replace('_', ' ') for role in one.roles))}"]
        words += [f" away {'; '.join(told(span, zone) for span in line.away)}" if line.away else " here all week"]
    words[0] += "" if line.used else " · NOT IN USE"
    return [[Piece(fit(text, width), "title" if place == 0 else "plain")] for place, text in enumerate(words)]


def _minutes(length: timedelta | None) -> int:
    return (length or timedelta()) // timedelta(minutes=1)
