"""An earlier plan of a week, read back from the JSON that `ortool plan week --json` prints: where each case lay."""

from datetime import UTC
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from ortool.errors import BadInput
from ortool.schedule.planner.problem import Placed, Score, WeekPlan
from ortool.schedule.slots import Span
from ortool.text import clean

MOST_PLACES = 10_000
NOTHING = Score(0, 0.0, 0.0, 0.0)


class _Place(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)

    case: Annotated[int, Field(ge=1, lt=10**9)]
    room: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    start: AwareDatetime
    end: AwareDatetime


class _Plan(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, populate_by_name=True)

    form: Literal["ortool.plan.week/1"] = Field(alias="schema")
    placed: Annotated[list[_Place], Field(max_length=MOST_PLACES)]


def read_week_plan(data: bytes, file: str) -> WeekPlan:
    """Return a plan with its places alone; what it is worth is worked out anew. Raises BadInput that names the file."""
    try:
        found = _Plan.model_validate_json(data)
        placed = tuple(
            Placed(one.case, "", one.room, Span(one.start.astimezone(UTC), one.end.astimezone(UTC)))
            for one in found.placed
        )
    except ValidationError as error:
        fault: Any = error.errors(include_input=False, include_url=False)[0]
        place = " ".join(clean(str(part), 40) for part in fault["loc"])
        where = f"{place}: " if place else ""
        raise _no_plan(file, f"{where}{clean(fault['msg'], 120)}") from None
    except OverflowError:
        raise _no_plan(file, "a time is out of range") from None
    twice = {one.case for one in placed}
    if len(twice) < len(placed):
        raise _no_plan(file, "a case is placed twice")
    return WeekPlan(placed, (), (), NOTHING, NOTHING, "", "an earlier plan", 0)


def _no_plan(file: str, why: str) -> BadInput:
    return BadInput(f"{clean(file, 80)} is no plan of a week: {why}.", "Save one with `ortool plan week --json`.")
