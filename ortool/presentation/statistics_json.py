"""Statistics as plain JSON shapes. Times are ISO 8601 in UTC; cases are known by their numbers."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ortool.caselog.statistics import Figure, Statistics

SCHEMA = "ortool-statistics/1"


def statistics_json(statistics: Statistics, numbers: Mapping[str, int]) -> dict[str, Any]:
    """Return all figures. `numbers` are the case numbers by case id; without it no cases are named."""
    return {
        "schema": SCHEMA,
        "cases": statistics.cases,
        "from_lists_of_the_past": statistics.history,
        "first": _stamp(statistics.first),
        "last": _stamp(statistics.last),
        "chapters": [
            {
                "id": chapter.id,
                "title": chapter.title,
                "note": chapter.note,
                "figures": [_figure(one, numbers) for one in chapter.figures],
            }
            for chapter in statistics.chapters
        ],
    }


def _figure(figure: Figure, numbers: Mapping[str, int]) -> dict[str, Any]:
    five = figure.five
    return {
        "id": figure.id,
        "label": figure.label,
        "value": _round(figure.value),
        "unit": figure.unit,
        "n": figure.n,
        "low": _round(figure.low),
        "high": _round(figure.high),
        "five": [_round(value) for value in (five.low, five.q1, five.median, five.q3, five.high)] if five else None,
        "points": [_round(value) for value in figure.points],
        "late_percent": _round(figure.late),
        "from_lists_of_the_past": figure.history,
        "note": figure.note,
        "definition": {"words": figure.definition.words, "source": figure.definition.source},
        "cases": [numbers[case] for case in figure.cases if case in numbers],
    }


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _stamp(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
