"""A week's plan in words: who is placed, who waits and why, how surely each block ends in time, how good it can be."""

from typing import Any
from zoneinfo import ZoneInfo

from ortool.presentation.words import clock, day, plural
from ortool.schedule.planner.problem import RoomDay, Score, WeekPlan

SCHEMA = "ortool.plan.week/1"


def gap_words(plan: WeekPlan) -> str:
    """Return bound and gap in a sentence."""
    points = round(plan.score.points)
    if plan.bound is None:
        return f"The plan is worth {points} points; how far the best possible is from it was not worked out."
    share = f"{max(0, round(plan.bound) - points)} points" if plan.gap is None else f"{100 * plan.gap:.1f} %"
    return (
        f"The plan is worth {points} points; no plan is worth more than {round(plan.bound)}:"
        f" it is at most {share} from the best possible."
    )


def baseline_words(plan: WeekPlan) -> str:
    """Return how the plan compares with the best simple rule."""
    more = plan.score.points - plan.baseline.points
    if more <= 0:
        return f"It is the plan of the best simple rule, {plan.baseline_rule}."
    return f"The best simple rule, {plan.baseline_rule}, comes to {round(plan.baseline.points)}: {round(more)} fewer."


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


def _tiers(score: Score) -> dict[str, float]:
    return {
        "urgent_missed": score.missed,
        "urgency": round(score.urgency, 1),
        "efficiency": round(score.efficiency, 1),
        "people": round(score.people, 1),
    }
