"""How long cases took: the history behind every duration, as it stood when the day began."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, type_coerce
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from ortool.checklist.levels import parse_levels
from ortool.errors import BadInput
from ortool.schedule.durations import USUAL_P90, Estimate, Past, estimate
from ortool.services.theatre import Theatre
from ortool.storage.tables import CaseRow, ProcedureRow
from ortool.storage.tables_beside import CaseTimeRow

if TYPE_CHECKING:
    from ortool.caselog.case import Case

LOOK_BACK = timedelta(days=730)
"""Older cases tell of other days."""


@dataclass(frozen=True, slots=True)
class Took:
    """What one case took in the room, in minutes, and the standing estimate of such a case."""

    surgeon: str
    past: Past


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a procedure: P50 and P90 in minutes for one level and for more, and its cases."""

    one: tuple[float, float]
    more: tuple[float, float]
    cases: tuple[Took, ...] = ()

    def standing(self, levels: str) -> tuple[float, float]:
        """Return the standing estimate (P50, P90) for these levels, as they are written."""
        return self.more if _count(levels) > 1 else self.one

    def estimate(self, levels: str, surgeon: str) -> Estimate:
        """Return how long such a case of this surgeon takes."""
        own = [one.past for one in self.cases if one.surgeon == surgeon]
        others = [one.past for one in self.cases if one.surgeon != surgeon]
        return estimate(*self.standing(levels), others, own)


@lru_cache(maxsize=1_000)
def _count(levels: str) -> int:
    try:
        return parse_levels(levels).count
    except BadInput:
        return 0


def estimates(theatre: Theatre, cases: Iterable[Case]) -> dict[str, Estimate]:
    """Return each case's estimate by case id."""
    cases = list(cases)
    known = known_of(theatre, sorted({case.procedure_id for case in cases}))
    return {case.id: known[case.procedure_id].estimate(case.levels, case.surgeon_id) for case in cases}


def known_of(theatre: Theatre, procedures: Sequence[str]) -> dict[str, Known]:
    """Return what is known of procedures, read once a day: today's own cases count from tomorrow on.

    Raises BadInput for an unknown procedure.
    """
    zone = theatre.settings.zone
    day = theatre.now().astimezone(zone).date()
    kept: dict[str, Known] = theatre.histories.setdefault(day, {})
    for other in set(theatre.histories) - {day}:
        theatre.histories.pop(other, None)
    if missing := [one for one in procedures if one not in kept]:
        kept.update(_read(theatre, missing, datetime.combine(day, time(), zone).astimezone(UTC)))
    return kept


def _read(theatre: Theatre, procedures: Sequence[str], before: datetime) -> dict[str, Known]:
    came, left = aliased(CaseTimeRow), aliased(CaseTimeRow)
    stay = col(left.occurred_at) - col(came.occurred_at)
    query = (
        select(CaseRow.procedure_id, CaseRow.surgeon_id, CaseRow.levels, type_coerce(stay, BigInteger))
        .join(came, (col(came.case_id) == col(left.case_id)) & (col(came.stamp) == "PIR"))
        .join(CaseRow, col(CaseRow.id) == col(left.case_id))
        .where(
            col(left.stamp) == "POR",
            col(left.occurred_at) >= before - LOOK_BACK,
            col(left.occurred_at) < before,
            col(CaseRow.procedure_id).in_(procedures),
        )
        .order_by(col(left.occurred_at))
    )
    found: dict[str, Known] = {}
    took: dict[str, list[Took]] = defaultdict(list)
    with theatre.reading() as session:
        rows = session.exec(select(ProcedureRow).where(col(ProcedureRow.id).in_(procedures))).all()
        for row in rows:
            found[row.id] = known_from(row)
        for procedure, surgeon, levels, micros in session.exec(query).all():
            standing, _ = found[procedure].standing(levels)
            took[procedure].append(Took(surgeon, Past(micros / 60_000_000, standing)))
    if unknown := set(procedures) - set(found):
        raise BadInput(f"There is no procedure {min(unknown)[:40]!r}.", "`ortool init --theatre FILE` loads them.")
    return {one: Known(known.one, known.more, tuple(took[one])) for one, known in found.items()}


def known_from(row: ProcedureRow) -> Known:
    """Return what a procedure's own row says of its length."""
    return Known(_standing(row.minutes_one, row.p90_one), _standing(row.minutes_two, row.p90_two))


def _standing(p50: int, p90: int | None) -> tuple[float, float]:
    # A row from before there were checks may hold anything.
    middle = float(max(5, p50))
    return middle, max(middle, float(p90)) if p90 else middle * USUAL_P90
