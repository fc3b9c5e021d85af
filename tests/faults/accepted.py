"""What was accepted into the schedule, read from the claims and from the entries, and what overlaps in it.

Nothing of `ortool.schedule` is used: what a case must hold is said here once more.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, NamedTuple

from ortool.journal.canonical import decode
from ortool.services.theatre import Theatre
from tests.faults.audit import rows

MINUTE = 60_000_000


class Taken(NamedTuple):
    """One lane of one resource, held by a slot for a while (microseconds)."""

    slot: str
    resource: str
    lane: int
    start: int
    end: int


def standing(theatre: Theatre) -> list[Taken]:
    """Return the claims as the table has them."""
    return [Taken(*row) for row in rows(theatre, "SELECT slot_id, resource, lane, start_at, end_at FROM claim")]


def told(theatre: Theatre) -> Iterator[dict[str, list[Taken]]]:
    """Yield, after each command of the journal, what every slot holds by the entries. A patient stands in none."""
    held: dict[str, list[Taken]] = {}
    query = "SELECT command_id, body FROM entry WHERE kind LIKE 'slot.%' ORDER BY seq"
    for _, some in groupby(rows(theatre, query), lambda row: row[0].partition("#")[0]):
        for _, raw in some:
            body = decode(bytes(raw))
            held[body["slot"]] = [Taken(body["slot"], *claim) for claim in body.get("claims", ())]
        yield held


def overlapping(taken: Iterable[Taken], units: Mapping[str, int]) -> list[str]:
    """Return every pair on one lane, and every instant at which more is held than there is (`units`, else one)."""
    found: list[str] = []
    by_lane: dict[tuple[str, int], list[Taken]] = defaultdict(list)
    steps: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for one in taken:
        by_lane[one.resource, one.lane].append(one)
        steps[one.resource] += [(one.start, 1), (one.end, -1)]
    for (resource, lane), many in by_lane.items():
        reach = 0
        for one in sorted(many, key=lambda taken: taken.start):
            if one.start < reach:
                found.append(f"{resource} lane {lane} is held twice at {one.start // MINUTE}")
            reach = max(reach, one.end)
    for resource, many_steps in steps.items():
        most = count = 0
        for _, step in sorted(many_steps):
            count += step
            most = max(most, count)
        if most > units.get(resource, units.get(resource.partition(":")[0], 1)):
            found.append(f"{most} of {resource} are held at once")
    return found


def ever_overlapping(theatre: Theatre, units: Mapping[str, int]) -> list[str]:
    """Return what overlapped after any command of the journal, also where it was given up again since."""
    for number, held in enumerate(told(theatre)):
        everything = (one for many in held.values() for one in many)
        if found := overlapping(everything, units):
            return [f"after command {number}: {one}" for one in found]
    return []


def last_told(theatre: Theatre) -> set[Taken]:
    """Return what the entries say is held now."""
    *_, held = ({}, *told(theatre))  # the same picture, followed to the end
    return {one for many in held.values() for one in many}


def lacking(theatre: Theatre, wanted: Any) -> list[str]:
    """Return every standing slot that holds anything but what `wanted(row)` says: {(resource, count, start, end)}."""
    claims: dict[str, dict[tuple[str, int, int], int]] = defaultdict(lambda: defaultdict(int))
    for one in standing(theatre):
        claims[one.slot][one.resource, one.start, one.end] += 1
    query = (
        "SELECT slot.id, slot.room_id, slot.start_at, slot.end_at, op_case.procedure_id, op_case.surgeon_id,"
        " op_case.hospital_number FROM slot JOIN op_case ON op_case.id = slot.case_id"
        " WHERE slot.state IN ('booked', 'held')"
    )
    found = []
    for slot, *facts in rows(theatre, query):
        held = {(resource, count, start, end) for (resource, start, end), count in claims.pop(slot, {}).items()}
        if held != wanted(*facts):
            found.append(f"slot {slot} holds {sorted(held)}, not {sorted(wanted(*facts))}")
    return found + [f"slot {slot} holds something and does not stand" for slot in claims]
