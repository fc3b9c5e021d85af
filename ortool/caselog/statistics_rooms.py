"""How a room's day went: the first start, the turnovers, the hours used, what ran over."""

import statistics as st
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise

from ortool.caselog.numbers import five, wilson
from ortool.caselog.past import NOT_RECORDED, PastCase, minutes
from ortool.caselog.statistics import (
    GLOSSARY,
    ONE_MINUTE,
    OWN,
    Basis,
    Behind,
    Chapter,
    Definition,
    Plot,
    Rules,
    Stretch,
    behind,
    day_of,
    make,
)

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
    staffed = _whole(days, rules)
    return (
        _first_starts(days, rules),
        _turnovers(days, rules),
        _utilisation(staffed, rules),
        _over_runs(staffed, rules),
    )


def _first_starts(days: Sequence[RoomDay], rules: Rules) -> Chapter:
    firsts = [
        first for day in days for first in day.planned[:1]
        if "PIR" in first.times and first.is_planned and first.urgency != "emergency"
    ]  # fmt: skip
    late = {case.id: max(0.0, minutes(_in(case) - case.start)) for case in firsts}
    figures, known = [], behind(firsts, ("PIR",))
    for grace in dict.fromkeys((rules.grace, 5, 15)):
        words = (
            "Share of room-days whose first scheduled case had the patient in the room (PIR) no later than the"
            f" scheduled start plus {grace} min. Emergencies and cancelled cases are left out."
        )
        hits = sum(late[case.id] <= grace for case in firsts)
        low, high = wilson(hits, len(firsts))
        figures.append(
            make(
                f"first_starts_{grace}", f"First start on time, grace {grace} min", "%", Definition(words, GLOSSARY),
                known, _percent(hits, len(firsts)), low=low, high=high,
            )
        )  # fmt: skip
    words = "Mean of max(0, PIR - scheduled start) over the first scheduled case of each room-day."
    figures.append(
        make(
            "first_delay", "First case delay, mean", "min", Definition(words, GLOSSARY), known,
            lambda: st.fmean(late.values()),
        )
    )  # fmt: skip
    started = [c for day in days for c in day.done if c.is_planned]
    words = "Mean of max(0, PIR - scheduled start) over all cases of known rooms, not cancelled."
    figures.append(
        make(
            "tardiness", "Tardiness of all starts, mean", "min", Definition(words, MACARIO), started,
            lambda: st.fmean([max(0.0, minutes(_in(c) - c.start)) for c in started]), ("PIR",),
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
        next_on_list = {before.id: after for before, after in pairwise(day.planned)}
        for before, after in pairwise(day.done):
            if "POR" not in before.times or next_on_list.get(before.id) is not after:
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

    def cases(of: Sequence[Turnover]) -> Behind:
        return behind(list({case.id: case for one in of for case in (one.before, one.after)}.values()), _ROOM)

    every = cases(found)
    low, high = wilson(len(found) - len(kept), len(found))

    figures = (
        make(
            "turnover_median", "Turnover, median", "min", Definition(base, GLOSSARY), every,
            lambda: st.median(lengths), n=len(found), five=five(lengths) if lengths else None,
        ),
        make(
            "turnover_mean", f"Turnover up to {rules.cap} min, mean", "min",
            Definition(f"{base} Only those up to {rules.cap} min.", GLOSSARY), cases(kept),
            lambda: st.fmean(within), n=len(kept),
        ),
        make(
            "turnover_prolonged", f"Turnovers over {rules.cap} min", "%",
            Definition(f"{base} Share of those longer than {rules.cap} min.", MACARIO), every,
            lambda: 100 * (len(found) - len(kept)) / len(found), n=len(found),
            low=low, high=high,
        ),
    )  # fmt: skip
    return Chapter("turnover", "Turnover", figures, Plot.BOXES)


@dataclass(frozen=True, slots=True)
class Staffed:
    """A room-day: its staffed stretches (UTC), its whole cases with their minutes in the room, and those staffed."""

    day: RoomDay
    spans: tuple[Stretch, ...]
    cases: tuple[tuple[PastCase, float, float], ...]

    @property
    def minutes(self) -> float:
        """The staffed minutes of the day."""
        return sum(_length(opens, closes) for opens, closes in self.spans)


def _whole(days: Sequence[RoomDay], rules: Rules) -> list[Staffed]:
    """Return the staffed room-days with at least one case that has both ends stamped, in the right order."""
    found = []
    for day in days:
        whole = [(case, length) for case in day.done if (length := case.in_room) is not None]
        spans = rules.staffed(day.day, day.room) if whole else ()
        if spans:
            # In UTC lengths are true on the nights the clock changes, and quick to take.
            spans = tuple((opens.astimezone(UTC), closes.astimezone(UTC)) for opens, closes in spans)
            cases = tuple(
                (case, length, sum([_length(max(a, _in(case)), min(b, case.times["POR"])) for a, b in spans]))
                for case, length in whole
            )
            found.append(Staffed(day, spans, cases))
    return found


def _length(first: datetime, last: datetime) -> float:
    return max(0.0, minutes(last - first))


def _hours_words(staffed: Sequence[Staffed], rules: Rules) -> str:
    """Return where the staffed hours came from, with the room-days of each."""
    counted = Counter(rules.basis_of(one.day.day, one.day.room) for one in staffed)
    fixed = f"fixed hours ({rules.hours.start:%H:%M} to {rules.hours.end:%H:%M}, Monday to Friday)"
    names = {Basis.BLOCKS: "its blocks", Basis.ROOM: "the room's opening hours", Basis.FIXED: fixed}
    if not counted or set(counted) == {Basis.FIXED}:
        return f"Staffed: {fixed}, as the site has neither blocks nor opening hours for these rooms."
    words = "; ".join(f"{names[basis]} on {counted[basis]} room-days" for basis in Basis if counted[basis])
    return f"Staffed, for each room-day: {words}."


def _utilisation(staffed: Sequence[Staffed], rules: Rules) -> Chapter:
    cases = behind([case for day in staffed for case, _, _ in day.cases], _ROOM)
    hours = sum(day.minutes for day in staffed)
    span = _hours_words(staffed, rules)
    raw = (
        "Minutes with a patient in the room (POR - PIR) inside staffed hours, over the staffed minutes of every"
        f" room-day with a case. {span}"
    )
    adjusted = (
        f"All minutes with a patient in the room, in and outside staffed hours, plus {rules.credit} min of set-up and"
        f" clean-up for each case, over the staffed minutes of the same room-days. It may exceed 100 %. {span}"
    )
    figures = (
        make(
            "utilisation_raw", "Raw utilisation", "%", Definition(raw, MILLER), cases,
            lambda: 100 * sum([inside for day in staffed for _, _, inside in day.cases]) / hours,
        ),
        make(
            "utilisation_adjusted", "Adjusted utilisation", "%", Definition(adjusted, MILLER), cases,
            lambda: 100 * sum([length + rules.credit for day in staffed for _, length, _ in day.cases]) / hours,
        ),
    )  # fmt: skip
    return Chapter("utilisation", "Utilisation", figures)


def _over_runs(staffed: Sequence[Staffed], rules: Rules) -> Chapter:
    ends = [max([case for case, _, _ in day.cases], key=lambda c: c.times["POR"]) for day in staffed]
    over = [_length(day.spans[-1][1], last.times["POR"]) for day, last in zip(staffed, ends, strict=True)]
    under = [day.minutes - sum([inside for _, _, inside in day.cases]) for day in staffed]
    lasts = behind(ends, _ROOM)
    every = [case for day in staffed for case, _, _ in day.cases]
    span = _hours_words(staffed, rules)
    share = f"Share of room-days on which the last patient left the room (POR) after the staffed hours. {span}"
    length = f"Mean of max(0, POR of the last case - end of the staffed hours) over the room-days with a case. {span}"
    idle = f"Mean of the staffed minutes of a room-day in which no patient was in the room. {span}"
    late = sum(value > 0 for value in over)
    low, high = wilson(late, len(over))
    figures = (
        make(
            "over_run_share", "Room-days past their hours", "%", Definition(share, OWN), lasts,
            lambda: 100 * late / len(over), low=low, high=high,
        ),
        make(
            "over_run", "Over-run of a room-day, mean", "min", Definition(length, MACARIO), lasts,
            lambda: st.fmean(over),
        ),
        make(
            "under_run", "Staffed without a patient, mean", "min", Definition(idle, MACARIO), every,
            lambda: st.fmean(under), _ROOM, n=len(under),
        ),
    )  # fmt: skip
    return Chapter("over_runs", "Over-run and under-run", figures)
