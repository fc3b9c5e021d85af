"""Where implants go: a vertebra or a segment, and a side."""

from collections.abc import Iterator
from dataclasses import dataclass

from ortool.checklist.implant_definition import ImplantPart
from ortool.checklist.levels import SIXTH, VERTEBRAE, Levels
from ortool.errors import BadInput
from ortool.text import clean

SIDES = ("left", "right")


@dataclass(frozen=True, slots=True)
class Place:
    """A position of a construct. `level` is a vertebra (`L4`) or a segment (`L4-5`); `side` empty in the midline."""

    level: str
    side: str = ""

    @property
    def tag(self) -> str:
        """The place as entries hold it, such as `L4-left`; the same tag as a pause repeated by pedicle."""
        return f"{self.level}-{self.side}" if self.side else self.level

    @property
    def words(self) -> str:
        """The place as it is said, such as `L4 left`."""
        return f"{self.level} {self.side}".strip()


def words_of(tag: str) -> str:
    """Return the place of a tag as it is said: `L4-left` is `L4 left`."""
    return next((f"{tag.removesuffix(f'-{side}')} {side}" for side in SIDES if tag.endswith(f"-{side}")), tag)


def segments(levels: Levels) -> tuple[str, ...]:
    """Return the motion segments of `levels`, cranial first, as people write them."""
    pairs = zip(levels.vertebrae, levels.vertebrae[1:], strict=False)
    return tuple(str(Levels(pair)) for pair in pairs)


def places(part: ImplantPart, levels: Levels) -> tuple[Place, ...]:
    """Return where a part goes in a case, cranial first, left before right."""
    return tuple(_all(part, levels))


def _all(part: ImplantPart, levels: Levels) -> Iterator[Place]:
    for level in levels.vertebrae if part.per == "pedicle" else segments(levels):
        if part.per == "segment":
            yield Place(level)
        else:
            yield from (Place(level, side) for side in SIDES)


def read_place(part: ImplantPart, text: str) -> Place:
    """Return the place that `text` names (`L4 left`, `l4-5 R`), in the operated levels or beyond. Raises BadInput."""
    words = clean(text, 40).upper().replace("LEFT", "L ").replace("RIGHT", "R ").replace("/", "-")
    compact = "".join(words.replace("\u2013", "-").split()).rstrip("-")
    usual = Levels(tuple(name for name in VERTEBRAE if name != SIXTH))
    for place in (*places(part, usual), *places(part, Levels(VERTEBRAE))):
        level, letter = place.level.upper(), place.side[:1].upper()
        known = {level + letter, f"{level}-{letter}"} if letter else {level}
        if compact in known:
            return place
    example = {"pedicle": "L4 left", "segment_side": "L4-5 left", "segment": "L4-5"}[part.per]
    raise BadInput(f"{clean(text, 20)!r} is no place of a {part.title.lower()}.", f"Write for example {example}.")
