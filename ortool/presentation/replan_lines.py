"""Plans for a broken day in words: who moves by how much, which rule bends, who must be told. No patient is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from textwrap import fill
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ortool.caselog.board import BoardCase
from ortool.caselog.case import Slot
from ortool.presentation.board_rows import timeline_lines, window
from ortool.presentation.forecast_lines import moment
from ortool.presentation.pieces import Piece, fit
from ortool.presentation.words import clock, plural
from ortool.schedule.proposals import Cost, Instead, Move, Place, Plan, Told

if TYPE_CHECKING:
    from ortool.caselog.board import Board
    from ortool.caselog.case import Case
    from ortool.schedule.expected import DayForecast

SCHEMA = "ortool.replan/1"
NOTHING = "Nothing has to move: what stands has room for it."


def headline(plan: Plan) -> str:
    """Return a plan in one line: its kind, what moves, overtime and cost."""
    cost = plan.proposal.cost
    parts = [
        plural(cost.changes, "case") + " moved" if cost.changes else "",
        f"{cost.put_back} put back" if cost.put_back else "",
        f"emergency in {cost.waits} min" + (f", {cost.late} min too late" if cost.late else "")
        if _places(plan)
        else "",
        f"overtime {cost.overtime} min",
    ]
    who = f" with {plan.instead.name}" if plan.instead else ""
    return f"{plan.proposal.kind.value}{who}: {', '.join(part for part in parts if part)} (cost {round(cost.total)})"


def _places(plan: Plan) -> bool:
    return any(move.before is None for move in plan.proposal.moves)


def sentences(plan: Plan, zone: ZoneInfo) -> list[str]:
    """Return everything that a plan means, a sentence each: moves, rules that bend, overtime, who must be told."""
    found = [instead_words(plan.instead)] if plan.instead else []
    found += [move_words(move, zone) for move in plan.proposal.moves]
    found += [
        f"Case {one.number} in {one.room} is frozen: it keeps its slot and begins about {one.minutes} min late."
        for one in plan.proposal.kept
    ]
    found += [f"Bends for case {one.number}: {one.concern.sentence}" for one in plan.proposal.bends]
    if plan.thawed:
        found.append(f"Moves what is frozen: {_cases(plan.thawed)}; that needs a reason.")
    for room in plan.proposal.overtime:
        if room.after != room.before:
            closes = clock(room.closes, zone)
            found.append(f"{room.room} goes on {room.after} min after {closes}; planned were {room.before}.")
    found.append(cost_words(plan.proposal.cost))
    return [*found, *told_words(plan.told)]


def instead_words(one: Instead) -> str:
    """Return who operates instead of whom: `Case 1004 with Dr Brook instead of Dr Stone.`"""
    return f"Case {one.number} with {one.name} instead of {one.former_name}."


def move_words(move: Move, zone: ZoneInfo) -> str:
    """Return one move: `Case 1004 in OR2 begins 40 min later: 12:00 → 12:40.`"""
    if move.after is None:
        where = f" (was {_place(move.before, zone)})" if move.before else ""
        return f"Case {move.number} goes back on the waiting list{where}."
    if move.before is None:
        return f"Case {move.number} gets {_place(move.after, zone)}."
    begin, now = clock(move.before.span.start, zone), clock(move.after.span.start, zone)
    room = f"goes from {move.before.room} to {move.after.room}" if move.changes_room else f"in {move.after.room}"
    if not move.minutes:
        return f"Case {move.number} {room} at its time, {now}."
    when = f"{abs(move.minutes)} min {'later' if move.minutes > 0 else 'earlier'}: {begin} → {now}"
    return f"Case {move.number} {room}{' and' if move.changes_room else ''} begins {when}."


def _place(place: Place, zone: ZoneInfo) -> str:
    return f"{place.room} {clock(place.span.start, zone)}–{clock(place.span.end, zone)}"


def cost_words(cost: Cost) -> str:
    """Return what a plan costs, in the minutes it is reckoned in."""
    parts = [
        f"{cost.overtime} min overtime × 1.75",
        f"{cost.moved} min moved" if cost.moved else "",
        plural(cost.rooms, "room change") if cost.rooms else "",
        f"{cost.put_back} put back" if cost.put_back else "",
        f"{plural(cost.bends, 'rule')} bent" if cost.bends else "",
    ]
    return f"Cost {round(cost.total)}: {', '.join(part for part in parts if part)}."


def told_words(told: Sequence[Told]) -> list[str]:
    """Return who must be told, with the cases that it is about; surgeons first."""
    if not told:
        return []
    ordered = sorted(told, key=lambda one: (one.role != "surgeon", one.cases, one.name))
    each = "; ".join(f"{one.name} ({one.role}, {_cases(one.cases)})" for one in ordered)
    return [f"Tell {each}."]


def _cases(numbers: Sequence[int]) -> str:
    return ", ".join(str(number) for number in numbers)


def plan_json(plan: Plan, number: int) -> dict[str, Any]:
    """Return a plan ready for `json.dumps`: UTC, whole minutes, no patient."""
    proposal, cost = plan.proposal, plan.proposal.cost
    return {
        "number": number,
        "mark": plan.mark,
        "kind": proposal.kind.value,
        "moves": [
            {
                "case": one.number, "from": _place_json(one.before), "to": _place_json(one.after),
                "minutes_later": one.minutes,
            }
            for one in proposal.moves
        ],
        "kept": [{"case": one.number, "room": one.room, "minutes_late": one.minutes} for one in proposal.kept],
        "bends": [
            {"case": one.number, "about": one.concern.about.value, "sentence": one.concern.sentence}
            for one in proposal.bends
        ],
        "frozen_moved": list(plan.thawed),
        "overtime": [
            {"room": one.room, "closes": moment(one.closes), "planned": one.before, "minutes": one.after}
            for one in proposal.overtime
        ],
        "cost": {
            "total": round(cost.total), "overtime": cost.overtime, "moved": cost.moved, "changes": cost.changes,
            "rooms": cost.rooms, "put_back": cost.put_back, "bends": cost.bends,
            "emergency_waits": cost.waits, "emergency_late": cost.late,
        },
        "tell": [{"name": one.name, "role": one.role, "cases": list(one.cases)} for one in plan.told],
    } | _instead_json(plan)  # fmt: skip


def _instead_json(plan: Plan) -> dict[str, Any]:
    one = plan.instead
    return {"surgeon": {"case": one.number, "name": one.name, "instead_of": one.former_name}} if one else {}


def plans_json(plans: Sequence[Plan], applied: int = 0) -> dict[str, Any]:
    """Return all plans (`ortool.replan/1`); `applied` is the number of the one that was carried out, 0 for none."""
    return {
        "schema": SCHEMA,
        "about": plans[0].about if plans else None,
        "proposals": [plan_json(plan, number) for number, plan in enumerate(plans, 1)],
        "applied": applied or None,
    }


def _place_json(place: Place | None) -> dict[str, Any] | None:
    if place is None:
        return None
    return {"room": place.room, "start": moment(place.span.start), "end": moment(place.span.end)}


def board_after(board: Board, plan: Plan, emergency: Case | None = None) -> Board:
    """Return a day's board as a plan would make it; `emergency` is the case that had no slot."""
    known = {one.case.number: one for one in board.all_cases}
    for move in plan.proposal.moves:
        one = known.pop(move.number, None)
        if move.after is None:
            continue
        place, name = move.after, board.rooms.get(move.after.room, move.after.room)
        if one is not None:
            slot = replace(one.slot, room_id=place.room, room=name, start=place.span.start, end=place.span.end)
            known[move.number] = replace(one, slot=slot)
        elif emergency is not None and emergency.number == move.number:
            span = place.span
            if plan.instead:
                emergency = replace(emergency, surgeon_id=plan.instead.surgeon, surgeon=plan.instead.name)
            slot = Slot("", emergency.id, place.room, name, span.start, span.end, False, "", 0, board.now)
            known[move.number] = BoardCase(emergency, slot)
    placed: dict[str, list[BoardCase]] = {room: [] for room in board.cases}
    for one in sorted(known.values(), key=lambda each: (each.slot.start, each.case.number)):
        placed.setdefault(one.slot.room_id, []).append(one)
    return replace(board, cases={room: tuple(cases) for room, cases in placed.items()})


def before_and_after(
    board: Board, plan: Plan, now: datetime, zone: ZoneInfo, hours: tuple[str, str], width: int, most: int,
    emergency: Case | None = None, forecast: DayForecast | None = None,
) -> list[list[Piece]]:  # fmt: skip
    """Return the rooms concerned on a time line as they are planned, and below it as the plan would make them.

    At most `most` rooms of each; both reach over the same hours. The expected over-run of what runs stands in both.
    """
    after = board_after(board, plan, emergency)
    concerned = [room for room in board.cases if room in plan.proposal.rooms][:most]
    both = [only_rooms(one, concerned) for one in (board, after)]
    every = replace(board, cases={f"{which}{room}": cases for which, one in enumerate(both)
                                  for room, cases in one.cases.items()})  # fmt: skip
    first, last = (moment.astimezone(zone) for moment in window(every, zone, hours))
    start, end = f"{first:%H:%M}", f"{last:%H:%M}" if last.date() == board.day else "23:59"
    # What is expected of a case that would move was expected of its old place.
    running = tuple(one for one in forecast.cases if one.is_running) if forecast else ()
    ahead = replace(forecast, cases=running) if forecast else None
    left = len([room for room in board.cases if room in plan.proposal.rooms]) - len(concerned)
    more = f", and {plural(left, 'room')} more" if left else ""
    lines: list[list[Piece]] = []
    for title, one in (("Planned", both[0]), ("Proposed", both[1])):
        drawn = timeline_lines(one, now, zone, (start, end), "", width, ahead)
        head = Piece(fit(f" {title}{more if title == 'Planned' else ''}", width), "heading")
        lines += [[head], *drawn]
    return lines


def only_rooms(board: Board, rooms: Sequence[str]) -> Board:
    """Return a board with some of its rooms only."""
    return replace(board, cases={room: cases for room, cases in board.cases.items() if room in rooms})


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One plan in the list of proposals."""

    number: int
    words: str
    key: str

    can_rest = True
    is_open = True

    def pieces(self, width: int) -> list[Piece]:
        """Return the row as one piece of `width` cells."""
        return [Piece(fit(f" {self.number} {self.words}", width), "title")]


def plan_rows(plans: Sequence[Plan]) -> list[PlanRow]:
    """Return a row for each plan."""
    return [PlanRow(number, headline(plan), plan.mark) for number, plan in enumerate(plans, 1)]


def sentence_lines(plan: Plan, zone: ZoneInfo, width: int) -> list[list[Piece]]:
    """Return the sentences of a plan, folded between words to the width."""
    lines: list[list[Piece]] = []
    for sentence in sentences(plan, zone):
        is_warning = sentence.startswith(("Bends", "Moves what is frozen")) or "waiting list" in sentence
        folded = fill(sentence, max(20, width - 3), break_long_words=True).splitlines()
        for place, line in enumerate(folded):
            lead = " · " if place == 0 else "   "
            lines.append([Piece(fit(lead + line, width), "hard" if is_warning else "plain")])
    return lines
