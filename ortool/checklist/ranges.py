"""The wanted range of an item: apart from the plausible one, which only catches slips of typing."""

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from pydantic import model_validator

from ortool.checklist.parts import Part, Words

if TYPE_CHECKING:
    from ortool.checklist.definition import Item


class Expect(Part):
    """What is wanted of an answer: a number from `min` to `max` (both still wanted), or one of `choices`.

    A value outside is taken, with a reason, and shown as OUTSIDE. It blocks nothing and advises nothing.
    """

    min: float | None = None
    max: float | None = None
    choices: tuple[Words, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> "Expect":
        if (self.min is None and self.max is None) != bool(self.choices):
            raise ValueError("`expect:` needs `min:` or `max:` for a number, or `choices:` for a choice, not both")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("in `expect:`, `min:` must not be above `max:`")
        return self

    def fits(self, is_number: bool, choices: tuple[str, ...]) -> None:
        """Raise ValueError where an item of this kind cannot be answered with what is wanted."""
        if self.choices:
            unknown = [choice for choice in self.choices if choice not in choices]
            if unknown:
                raise ValueError(f"`expect:` wants `{unknown[0][:40]}`, which is not one of the item's `choices:`")
        elif not is_number:
            raise ValueError("`expect:` with `min:` or `max:` needs an item of type number")


def is_outside(item: "Item", value: str) -> bool:
    """Whether a value answered to an item is outside what is wanted; what cannot be read as a number is not."""
    expect = item.expect
    if expect is None or not value:
        return False
    if expect.choices:
        return value not in expect.choices
    try:
        number = Decimal(value)
    except InvalidOperation:
        return False
    too_low = expect.min is not None and number < Decimal(str(expect.min))
    return too_low or (expect.max is not None and number > Decimal(str(expect.max)))


def wanted(item: "Item") -> str:
    """Return what is wanted in words, as `9 or more of 10`; empty where nothing is said."""
    expect = item.expect
    if expect is None:
        return ""
    if expect.choices:
        return " or ".join(expect.choices)
    unit = f" {item.unit}" if item.unit else ""
    if expect.min is not None and expect.min in (expect.max, item.max):
        return f"{expect.min:g}{unit}"
    if expect.min is not None and expect.max is not None:
        return f"{expect.min:g} to {expect.max:g}{unit}"
    return f"{expect.min:g}{unit} or more" if expect.min is not None else f"{expect.max:g}{unit} or less"
