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
_WHOLE = {("schema",): "it is of another kind or version", ("placed",): "it does not say which cases are placed"}
_PARTS = {
    "case": "valid number",
    "room": "valid room",
    "start": "start with a time zone",
    "end": "end with a time zone",
}


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
        raise _no_plan(file, _why(error, data)) from None
    except OverflowError:
        raise _no_plan(file, "a time is out of range") from None
    twice = {one.case for one in placed}
    if len(twice) < len(placed):
        raise _no_plan(file, "a case is placed twice")
    return WeekPlan(placed, (), (), NOTHING, NOTHING, "", "an earlier plan", 0)


def _why(error: ValidationError, data: bytes) -> str:
    """Return the first fault in plain words: what of which case cannot be read."""
    fault: Any = error.errors(include_input=False, include_url=False)[0]
    place = fault["loc"]
    if fault["type"] == "json_invalid":
        return "it is cut off or damaged" if data.strip() else "it is empty"
    if place == ("placed",) and fault["type"] == "too_long":
        return f"it places more than {MOST_PLACES} cases"
    if len(place) < 2:
        return _WHOLE.get(place, "it holds something else")
    what = f"has no {_PARTS[place[2]]}" if len(place) > 2 else "is none"
    return f"entry {place[1] + 1} of its cases {what}"


def _no_plan(file: str, why: str) -> BadInput:
    return BadInput(f"{clean(file, 80)} is no plan that `ortool plan week --json` wrote: {why}.")
