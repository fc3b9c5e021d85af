"""How a room's day went: the first start, the turnovers, the hours used, what ran over."""

import statistics as st
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from ortool.caselog.numbers import five, wilson
from ortool.caselog.past import NOT_RECORDED, PastCase, minutes
from ortool.caselog.statistics import GLOSSARY, ONE_MINUTE, OWN, Chapter, Definition, Plot, Rules, day_of, make

MILLER = "Miller's Anesthesia, 6th ed., p. 2452 and 2464 (AACD formulas)"
MACARIO = "Macario, Anesthesiology 2006;105:237 (reference to be checked)"
_ROOM = ("PIR", "POR")


@dataclass(frozen=True, slots=True)
class RoomDay:
    """The cases of one room on one day: by planned start, and those that took place by patient in room."""

    room: str
    day: date
    planned: tuple[PastCase, ...]
    done: tuple[PastCase, ...]


def room_days(cases: Sequence[PastCase], rules: Rules) -> list[RoomDay]:
    """Return the days of every room that is known, cancelled cases left out."""
    found: dict[tuple[date, str], list[PastCase]] = {}
    for case in cases:
        if case.cancelled_at is None and case.room_id != NOT_RECORDED:
            found.setdefault((day_of(case.start, rules.zone), case.room_id), []).append(case)
    return [
        RoomDay(room, day, tuple(listed), tuple(sorted((c for c in listed if "PIR" in c.times), key=_in)))
        for (day, room), listed in sorted(found.items())
    ]


def _in(case: PastCase) -> datetime:
    return case.times["PIR"]


def chapters(cases: Sequence[PastCase], rules: Rules) -> tuple[Chapter, ...]:
    """Return what the rooms' days say."""
    days = room_days(cases, rules)
    return (_first_starts(days, rules), _turnovers(days, rules), _utilisation(days, rules), _over_runs(days, rules))


def _first_starts(days: Sequence[RoomDay], rules: Rules) -> Chapter:
    firsts = [
        first for day in days for first in day.planned[:1]
        if "PIR" in first.times and first.is_planned and first.urgency != "emergency"
    ]  # fmt: skip
    late = {case.id: max(0.0, minutes(_in(case) - case.start)) for case in firsts}
    figures = []
    for grace in dict.fromkeys((rules.grace, 5, 15)):
        words = (
            "Share of room-days whose first scheduled case had the patient in the room (PIR) no later than the"
            f" scheduled start plus {grace} min. Emergencies and cancelled cases are left out."
        )
        hits = sum(late[case.id] <= grace for case in firsts)
        low, high = wilson(hits, len(firsts))
        figures.append(
            make(
                f"first_starts_{grace}", f"First case on time, grace {grace} min", "%", Definition(words, GLOSSARY),
                firsts, _percent(hits, len(firsts)), ("PIR",), low=low, high=high,
            )
        )  # fmt: skip
    words = "Mean of max(0, PIR - scheduled start) over the first scheduled case of each room-day."
    figures.append(
        make(
            "first_delay", "First case delay, mean", "min", Definition(words, GLOSSARY), firsts,
            lambda: st.fmean(late.values()), ("PIR",),
        )
    )  # fmt: skip
    started = [c for day in days for c in day.done if c.is_planned]
    words = "Mean of max(0, PIR - scheduled start) over all cases of known rooms, not cancelled."
    figures.append(
        make(
            "tardiness", "Tardiness of all starts, mean", "min", Definition(words, MACARIO), started,
            lambda: st.fmean(max(0.0, minutes(_in(c) - c.start)) for c in started), ("PIR",),
        )
    )  # fmt: skip
    return Chapter("first_starts", "First case on-time starts", tuple(figures))


def _percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0


@dataclass(frozen=True, slots=True)
class Turnover:
    """From one patient's leaving to the next one's coming, in minutes."""

    before: PastCase
    after: PastCase
    length: float


def turnovers(days: Sequence[RoomDay], cap: int) -> Iterator[Turnover]:
    """Yield the turnovers that count: neighbours on the list and in the room, no emergency, no gap that was planned."""
    for day in days:
        place = {case.id: number for number, case in enumerate(day.planned)}
        for before, after in pairwise(day.done):
            if "POR" not in before.times or place[after.id] != place[before.id] + 1:
                continue
            if "emergency" in (before.urgency, after.urgency) or not (before.is_planned and after.is_planned):
                continue
            length = minutes(_in(after) - before.times["POR"])
            if length >= 0 and after.start - before.end <= cap * ONE_MINUTE:
                yield Turnover(before, after, length)


def _turnovers(days: Sequence[RoomDay], rules: Rules) -> Chapter:
    found = list(turnovers(days, rules.cap))
    kept = [one for one in found if one.length <= rules.cap]
    lengths, within = [one.length for one in found], [one.length for one in kept]
    base = (
        "Patient in room (PIR) of the next less patient out of room (POR) of the one before, for neighbours on the"
        " list of one room and day. Left out: emergencies, another order than planned, overlaps, and gaps that were"
        f" planned longer than {rules.cap} min."
    )

    def cases(of: Sequence[Turnover]) -> list[PastCase]:
        return list({case.id: case for one in of for case in (one.before, one.after)}.values())

    figures = (
        make(
            "turnover_median", "Turnover, median", "min", Definition(base, GLOSSARY), cases(found),
            lambda: st.median(lengths), _ROOM, n=len(found), five=five(lengths) if lengths else None,
        ),
        make(
            "turnover_mean", f"Turnover, mean of those up to {rules.cap} min", "min",
            Definition(f"{base} Only those up to {rules.cap} min.", GLOSSARY), cases(kept),
            lambda: st.fmean(within), _ROOM, n=len(kept),
        ),
        make(
            "turnover_prolonged", f"Turnovers over {rules.cap} min", "%",
            Definition(f"{base} Share of those longer than {rules.cap} min.", MACARIO), cases(found),
            lambda: 100 * (len(found) - len(kept)) / len(found), _ROOM, n=len(found),
            **dict(zip(("low", "high"), wilson(len(found) - len(kept), len(found)), strict=True)),
        ),
    )  # fmt: skip
    return Chapter("turnover", "Turnover", figures, Plot.BOXES)


def _whole(days: Sequence[RoomDay], rules: Rules) -> list[tuple[RoomDay, datetime, datetime, list[PastCase]]]:
    """Return the staffed room-days with at least one case that has both ends stamped, in the right order."""
    found = []
    for day in days:
        hours = rules.hours.on(day.day, rules.zone)
        whole = [case for case in day.done if case.in_room is not None]
        if hours and whole:
            found.append((day, *hours, whole))
    return found


def _length(first: datetime, last: datetime) -> float:
    return max(0.0, (last.timestamp() - first.timestamp()) / 60)


def _utilisation(days: Sequence[RoomDay], rules: Rules) -> Chapter:
    staffed = _whole(days, rules)
    cases = [case for *_, whole in staffed for case in whole]
    hours = sum(_length(opens, closes) for _, opens, closes, _ in staffed)
    inside = [
        _length(max(opens, _in(case)), min(closes, case.times["POR"]))
        for _, opens, closes, whole in staffed for case in whole
    ]  # fmt: skip
    span = f"{rules.hours.start:%H:%M} to {rules.hours.end:%H:%M}, Monday to Friday"
    raw = (
        f"Minutes with a patient in the room (POR - PIR) inside staffed hours ({span}), over the staffed minutes of"
        " every room-day with a case."
    )
    adjusted = (
        f"All minutes with a patient in the room, in and outside staffed hours ({span}), plus {rules.credit} min of"
        " set-up and clean-up for each case, over the staffed minutes of the same room-days. It may exceed 100 %."
    )
    figures = (
        make(
            "utilisation_raw", "Raw utilisation", "%", Definition(raw, MILLER), cases,
            lambda: 100 * sum(inside) / hours, _ROOM,
        ),
        make(
            "utilisation_adjusted", "Adjusted utilisation", "%", Definition(adjusted, MILLER), cases,
            lambda: 100 * sum((case.in_room or 0.0) + rules.credit for case in cases) / hours, _ROOM,
        ),
    )  # fmt: skip
    return Chapter("utilisation", "Utilisation", figures)


def _over_runs(days: Sequence[RoomDay], rules: Rules) -> Chapter:
    staffed = _whole(days, rules)
    lasts = [(closes, max(whole, key=lambda c: c.times["POR"])) for _, _, closes, whole in staffed]
    over = [_length(closes, last.times["POR"]) for closes, last in lasts]
    under = [
        _length(opens, closes)
        - sum(_length(max(opens, _in(case)), min(closes, case.times["POR"])) for case in whole)
        for _, opens, closes, whole in staffed
    ]  # fmt: skip
    ends = [last for _, last in lasts]
    every = [case for *_, whole in staffed for case in whole]
    end = f"{rules.hours.end:%H:%M}"
    share = f"Share of room-days on which the last patient left the room (POR) after {end}."
    length = f"Mean of max(0, POR of the last case - {end}) over the room-days with a case."
    idle = "Mean of the staffed minutes of a room-day in which no patient was in the room."
    figures = (
        make(
            "over_run_share", f"Room-days that ran past {end}", "%", Definition(share, OWN), ends,
            lambda: 100 * sum(value > 0 for value in over) / len(over), _ROOM,
            **dict(zip(("low", "high"), wilson(sum(value > 0 for value in over), len(over)), strict=True)),
        ),
        make(
            "over_run", "Over-run of a room-day, mean", "min", Definition(length, MACARIO), ends,
            lambda: st.fmean(over), _ROOM,
        ),
        make(
            "under_run", "Staffed minutes without a patient, mean", "min", Definition(idle, MACARIO), every,
            lambda: st.fmean(under), _ROOM, n=len(under),
        ),
    )  # fmt: skip
    return Chapter("over_runs", "Over-run and under-run", figures)
