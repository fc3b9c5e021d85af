"""What a checklist is: phases, pauses, items and stamps, as a nurse lead writes them in YAML."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from ortool.checklist.implant_definition import ImplantPart
from ortool.checklist.parts import Evidence, Identifier, Words
from ortool.checklist.parts import Part as _Part
from ortool.checklist.ranges import Expect
from ortool.checklist.timers import Timer

PROMPT_LIMIT = 40
RESPONSE_LIMIT = 60
PAUSE_LIMIT = 9
FACTS: dict[str, tuple[str, ...]] = {"neuromonitoring": ("yes", "no"), "levels": (), "side": ()}
"""What `when:` may ask of a case, and the values that each can have (none listed: any)."""


class Role(StrEnum):
    """Who does what in a case (clinical fact base §1.5)."""

    SURGEON = "surgeon"
    ASSISTANT = "assistant"
    ANAESTHETIST = "anaesthetist"
    CIRCULATING_NURSE = "circulating_nurse"
    SCRUB = "scrub"
    RADIOGRAPHER = "radiographer"
    NEUROPHYSIOLOGIST = "neurophysiologist"
    IMPLANT_REP = "implant_rep"
    POSITIONING_HELPER = "positioning_helper"
    PACU_NURSE = "pacu_nurse"
    WARD_NURSE = "ward_nurse"
    PHYSIOTHERAPIST = "physiotherapist"
    PATIENT = "patient"
    COORDINATOR = "coordinator"


class ItemType(StrEnum):
    """What an item asks for. `auto` is closed-loop: computed from facts, never ticked."""

    CONFIRM = "confirm"
    CHOICE = "choice"
    NUMBER = "number"
    TEXT = "text"
    IMAGE = "image"
    TIME = "time"
    SCAN = "scan"
    COUNT = "count"
    AUTO = "auto"


class Mode(StrEnum):
    """How a pause is worked: from memory and then confirmed, or read and done line by line."""

    DO_CONFIRM = "do-confirm"
    READ_DO = "read-do"


class Kind(StrEnum):
    """What a checklist accompanies. Only an operation's is picked for a procedure by itself."""

    OPERATION = "operation"
    REVIEW = "review"
    FOLLOW_UP = "follow-up"


class AutoRule(_Part):
    """How a closed-loop item finds out by itself whether it holds.

    `dose_in_window`: the dose answered in item `of` began at most `minutes[drug]` before the pause's gate.
    `count_correct`: the count of the moment `of` was recorded and agrees.
    `answered`: the item `of` has been answered done.
    `stamped`: the stamp `of` exists.
    `elapsed`: at least `seconds` have passed since the stamp `of`; without `seconds` the site's value is missing.
    """

    rule: Literal["dose_in_window", "count_correct", "answered", "stamped", "elapsed"]
    of: Identifier
    minutes: dict[str, Annotated[int, Field(gt=0)]] = Field(default_factory=dict)
    seconds: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _has_its_limit(self) -> "AutoRule":
        if (self.rule == "dose_in_window") != bool(self.minutes):
            raise ValueError("the rule dose_in_window needs `minutes:` for each drug, and no other rule may have them")
        return self


class Item(_Part):
    """One line: the challenge (`prompt`), the state the responder answers with, and who says what.

    `code: any`: a scan takes any label, not only that of a device (GS1, HIBC, ICCBBA). `confirms`: the item whose
    earlier answer is shown here and confirmed, instead of being asked again. `log`: where the case log gathers it.
    """

    id: Identifier
    prompt: Annotated[str, Field(min_length=1, max_length=PROMPT_LIMIT)]
    response: Annotated[str, Field(min_length=1, max_length=RESPONSE_LIMIT)]
    detail: Annotated[str, Field(max_length=400)] = ""
    type: ItemType = ItemType.CONFIRM
    reader: Role | None = None
    responders: tuple[Role, ...] = Field(min_length=1)
    second_reader: bool = False
    unit: str = ""
    min: float | None = None
    max: float | None = None
    choices: tuple[Words, ...] = ()
    expect: Expect | None = None
    not_applicable: bool = False
    code: Literal["any"] | None = None
    confirms: Identifier | None = None
    defer_to: Identifier | None = None
    hard_stop: bool = False
    override_by: tuple[Role, ...] = (Role.SURGEON, Role.ANAESTHETIST)
    auto: AutoRule | None = None
    moment: Identifier | None = None
    log: Literal["imaging", "volumes", "drugs"] | None = None
    when: dict[str, str] = Field(default_factory=dict)
    evidence: tuple[Evidence, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _hangs_together(self) -> "Item":
        if (self.type is ItemType.AUTO) != (self.auto is not None):
            raise ValueError("an item of type auto needs an `auto:` rule, and no other type may have one")
        if (self.type is ItemType.CHOICE) != bool(self.choices):
            raise ValueError("an item of type choice needs `choices:`, and no other type may have them")
        if (self.type is ItemType.COUNT) != (self.moment is not None):
            raise ValueError("an item of type count names its `moment:` (one of `counts:`), and no other type may")
        if self.min is not None and self.max is not None and self.min >= self.max:
            raise ValueError("`min:` must be below `max:`")
        if self.code and self.type is not ItemType.SCAN:
            raise ValueError("`code:` says which label is scanned; only an item of type scan may have it")
        if self.confirms and self.type in (ItemType.AUTO, ItemType.COUNT):
            raise ValueError("an item of type auto or count finds its answer itself; it cannot have `confirms:`")
        if self.expect:
            self.expect.fits(self.type is ItemType.NUMBER, self.choices)
        return self


class Pause(_Part):
    """A short group of items read aloud at one moment. It gates the stamps and pauses it names."""

    id: Identifier
    title: Words
    gates: tuple[Identifier, ...] = ()
    mode: Mode = Mode.DO_CONFIRM
    reader: Role
    leader: Role | None = None
    present: tuple[Role, ...] = ()
    target_seconds: Annotated[int, Field(gt=0)]
    never_whole: bool = False
    for_each: Literal["pedicle"] | None = None
    closing_words: str = ""
    items: tuple[Item, ...] = Field(min_length=1, max_length=PAUSE_LIMIT)
    evidence: tuple[Evidence, ...] = ()


class EventList(_Part):
    """What to read and do when something happens: a list that can be opened at any moment, and holds nothing back."""

    id: Identifier
    title: Words
    priority: Literal["warning", "caution", "advisory"] = "caution"
    reader: Role
    target_seconds: Annotated[int, Field(gt=0)]
    items: tuple[Item, ...] = Field(min_length=1, max_length=PAUSE_LIMIT)
    evidence: tuple[Evidence, ...] = ()


class StampDefinition(_Part):
    """A milestone of this operation: its code, title, definition, and who stamps it."""

    id: Identifier
    title: Words
    meaning: Words
    by: Role
    required: bool = True
    standard: Literal["AACD", "ortool"] = "ortool"
    evidence: tuple[Evidence, ...] = Field(min_length=1)


class Duration(_Part):
    """A row of planned minutes between two stamps: (P50, P90) for one and for two levels."""

    id: Identifier
    title: Words
    from_stamp: Annotated[Identifier, Field(alias="from")]
    to_stamp: Annotated[Identifier, Field(alias="to")]
    one_level: tuple[float, float]
    two_levels: tuple[float, float]
    evidence: tuple[Evidence, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ordered(self) -> "Duration":
        for p50, p90 in (self.one_level, self.two_levels):
            if not 0 < p50 < p90:
                raise ValueError("minutes are [P50, P90] with 0 < P50 < P90")
        return self


class Step(_Part):
    """One stop on the way through a phase: a pause, a stamp, or a single item to record."""

    pause: Identifier | None = None
    stamp: Identifier | None = None
    record: Item | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> "Step":
        if sum(part is not None for part in (self.pause, self.stamp, self.record)) != 1:
            raise ValueError("a step is exactly one of `pause:`, `stamp:` or `record:`")
        return self


class Phase(_Part):
    """A timed stretch of the operation, from stamp to stamp, and the durations it is made of. `short` is for bars."""

    id: Identifier
    title: Words
    short: Annotated[str, Field(max_length=8)] = ""
    starts: Identifier
    ends: Identifier
    durations: tuple[Identifier, ...] = Field(min_length=1)
    steps: tuple[Step, ...] = Field(min_length=1)


class CountMoment(_Part):
    """A moment at which sponges, sharps and the rest are counted."""

    id: Identifier
    title: Words
    evidence: tuple[Evidence, ...] = Field(min_length=1)


class CountCategory(_Part):
    """A kind of thing that is counted, one number each."""

    id: Identifier
    title: Words
    evidence: tuple[Evidence, ...] = Field(min_length=1)


class Checklist(_Part):
    """A whole checklist. `approved_by` empty means: no local clinical lead has approved it."""

    id: Identifier
    version: Words
    title: Words
    kind: Kind = Kind.OPERATION
    procedures: tuple[Identifier, ...] = Field(min_length=1)
    based_on: str = ""
    approved_by: str = ""
    approved_on: str = ""
    stamps: tuple[StampDefinition, ...] = Field(min_length=2)
    durations: tuple[Duration, ...] = Field(min_length=1)
    phases: tuple[Phase, ...] = Field(min_length=1)
    pauses: tuple[Pause, ...] = Field(min_length=1)
    counts: tuple[CountMoment, ...] = ()
    count_categories: tuple[CountCategory, ...] = ()
    timers: tuple[Timer, ...] = ()
    count_path: Pause | None = None
    events: tuple[EventList, ...] = ()
    implants: tuple[ImplantPart, ...] = ()
