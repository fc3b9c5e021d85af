"""The implants of a checklist, as a nurse lead writes them in YAML: parts, where each goes, what is written down."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ortool.checklist.parts import Evidence, Identifier, Part, Words

Per = Literal["pedicle", "segment_side", "segment"]
"""Where a part goes: once for each vertebra and side, each segment and side, or each segment in the midline."""


class Reading(Part):
    """One thing that is written down of an implant.

    `size`: planned before and compared afterwards, left with right and planned with implanted. `final`: a ratio n/n
    that must be full before the construct is finished. `wanted` and `least`: what the reading should be, told where it
    is not. `site`: asked for, never shipped with a value or a limit. `neuromonitoring`: only where that is used.
    """

    id: Identifier
    title: Annotated[str, Field(min_length=1, max_length=40)]
    kind: Literal["number", "choice", "ratio", "text"] = "number"
    unit: Annotated[str, Field(max_length=20)] = ""
    min: float | None = None
    max: float | None = None
    choices: tuple[Words, ...] = ()
    size: bool = False
    final: bool = False
    site: bool = False
    neuromonitoring: bool = False
    wanted: str = ""
    least: float | None = None
    evidence: tuple[Evidence, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _hangs_together(self) -> "Reading":
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError("a reading of kind choice needs `choices:`, and no other kind may have them")
        if self.final and self.kind != "ratio":
            raise ValueError("a final reading is of kind ratio, for example 2/2")
        if self.site and (self.min is not None or self.max is not None or self.wanted or self.least is not None):
            raise ValueError("a value of the site is shipped without a limit")
        if self.min is not None and self.max is not None and self.min >= self.max:
            raise ValueError("`min:` must be below `max:`")
        return self


class ImplantPart(Part):
    """A kind of implant, where it goes, and what is written down of each."""

    id: Identifier
    title: Annotated[str, Field(min_length=1, max_length=40)]
    per: Per
    readings: Annotated[tuple[Reading, ...], Field(min_length=1, max_length=9)]
    evidence: tuple[Evidence, ...] = Field(min_length=1)

    @property
    def sizes(self) -> tuple[Reading, ...]:
        """The readings that make its size."""
        return tuple(reading for reading in self.readings if reading.size)
