"""A week's plan in words: who is placed, who waits and why, how surely each block ends in time, how good it can be."""

from typing import Any
from zoneinfo import ZoneInfo

from ortool.presentation.words import clock, day, plural
from ortool.schedule.planner.problem import Overtaken, Queued, RoomDay, Score, WeekPlan

SCHEMA = "ortool.plan.week/1"
UNKNOWN = "how much better a plan could be was not worked out"


def gap_words(plan: WeekPlan) -> str:
    """Return bound and gap in a sentence."""
    points = round(plan.score.points)
    if plan.bound is None:
        return f"The plan is worth {points} points; {UNKNOWN}."
    return (
        f"The plan is worth {points} points; no plan is worth more than {round(plan.bound)}:"
        f" it is at most {share_words(plan.score.points, plan.bound)} from the best possible."
    )


def share_words(points: float, bound: float) -> str:
    """Return what is between a plan and the bound: in per cent, in points where empty blocks outweigh the patients."""
    if points <= 0 or bound <= 0:
        return f"{max(0, round(bound) - round(points))} points"
    return f"{100 * max(0.0, bound - points) / bound:.1f} %"


def baseline_words(plan: WeekPlan) -> str:
    """Return how the plan compares with the best simple rule."""
    if plan.baseline.key[0] < plan.score.key[0]:
        return f"The best simple rule, {plan.baseline_rule}, leaves out some of what must be placed."
    fewer = round(plan.score.points) - round(plan.baseline.points)
    if fewer < 1:
        return f"The best simple rule, {plan.baseline_rule}, does as well."
    return f"The best simple rule, {plan.baseline_rule}, comes to {round(plan.baseline.points)}: {fewer} fewer."


def tier_words(plan: WeekPlan) -> str:
    """Return the tiers: urgency, idle and late minutes, people."""
    score = plan.score
    return (
        f"Points: urgency {round(score.urgency)}, idle and late minutes -{round(score.efficiency)},"
        f" surgeons changing rooms -{round(score.people)}."
    )


def counts_words(plan: WeekPlan) -> str:
    """Return how many are placed, wait, and are missed."""
    missed = f", {plan.score.missed} of them urgent and due" if plan.score.missed else ""
    return f"{plural(len(plan.placed), 'case')} placed, {len(plan.unplaced)} wait on{missed}."


def fairness_words(plan: WeekPlan) -> str:
    """Return how many of those who wait were overtaken, and what that means; empty where nobody was."""
    if not plan.overtaken:
        return ""
    were = "was" if len(plan.overtaken) == 1 else "were"
    return (
        f"{len(plan.overtaken)} of them {were} overtaken: in a block that is open to them lies a case of their surgeon"
        " or service whose turn comes later."
    )


def overtaken_words(one: Overtaken) -> str:
    """Return who was overtaken by whom: `Case 1012 (priority 2, 41 days) by 1015 (priority 3, 12 days) and 2 more`."""
    return f"Case {queued_words(one.waits)} by {overtakers_words(one)}"


def queued_words(one: Queued) -> str:
    """Return how a case stands in its line: `1012 (priority 2, 41 days)`."""
    return f"{one.case} (priority {one.priority}, {plural(one.waited, 'day')})"


def overtakers_words(one: Overtaken, in_short: bool = False) -> str:
    """Return the cases that overtook one; in short, their numbers alone: `1015, 1020 and 2 more`."""
    by = ", ".join(str(each.case) if in_short else queued_words(each) for each in one.by)
    return by + (f" and {one.count - len(one.by)} more" if one.count > len(one.by) else "")


def kept_words(plan: WeekPlan, earlier: WeekPlan) -> str:
    """Return how much of an earlier plan stayed: `11 of 12 cases of the earlier plan lie as …`"""
    lay = {(one.case, one.room, one.span.start) for one in earlier.placed}
    same = sum((one.case, one.room, one.span.start) in lay for one in plan.placed)
    return f"{same} of {plural(len(lay), 'case')} of the earlier plan lie as they lay there."


def risk_words(room: RoomDay) -> str:
    """Return how likely a block ends late: `18 %`; empty for a block without cases."""
    return f"{min(99, max(1, round(100 * room.late)))} %" if room.utilisation else ""


def block_words(room: RoomDay, zone: ZoneInfo) -> str:
    """Return a block: `OR1 Mon 30 Nov 08:00–16:00`."""
    return f"{room.room} {day(room.span.start, zone)} {clock(room.span.start, zone)}–{clock(room.span.end, zone)}"


def plan_json(plan: WeekPlan) -> dict[str, Any]:
    """Return the plan as JSON. Instants are UTC; no patient is named."""
    return {
        "schema": SCHEMA,
        "seed": plan.seed,
        "method": plan.method,
        "points": round(plan.score.points, 1),
        "tiers": _tiers(plan.score),
        "bound": None if plan.bound is None else round(plan.bound, 1),
        "gap": None if plan.gap is None else round(plan.gap, 4),
        "baseline": {"rule": plan.baseline_rule, "points": round(plan.baseline.points, 1), **_tiers(plan.baseline)},
        "placed": [
            {
                "case": one.case,
                "room": one.room,
                "start": one.span.start.isoformat(),
                "end": one.span.end.isoformat(),
            }
            for one in plan.placed
        ],
        "waiting": [{"case": one.case, "reason": one.reason, "missed": one.missed} for one in plan.unplaced],
        "overtaken": [
            {**_turn(one.waits), "count": one.count, "by": [_turn(each) for each in one.by], "reason": one.reason}
            for one in plan.overtaken
        ],
        "blocks": [
            {
                "room": one.room,
                "start": one.span.start.isoformat(),
                "end": one.span.end.isoformat(),
                "cases": list(one.cases),
                "utilisation": round(one.utilisation, 3),
                "late": round(one.late, 3),
                "minutes_late": round(one.overtime, 1),
            }
            for one in plan.rooms
        ],
    }


def _turn(one: Queued) -> dict[str, int]:
    return {"case": one.case, "priority": one.priority, "days": one.waited}


def _tiers(score: Score) -> dict[str, float]:
    return {
        "urgent_missed": score.missed,
        "urgency": round(score.urgency, 1),
        "efficiency": round(score.efficiency, 1),
        "people": round(score.people, 1),
    }
