"""Stretches of time that belong to somebody or to nobody: blocks, closures and leave, as they fall on real days."""

from dataclasses import dataclass
from enum import StrEnum

from ortool.schedule.slots import Span

EVERYWHERE = "all"
"""The resource of a closure that holds for the whole theatre, such as a public holiday."""


class WindowKind(StrEnum):
    """What a window means for a slot that lies in it."""

    BLOCK = "block"
    CLOSURE = "closure"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Window:
    """One stretch of a series (UTC). `resource` is `room:ID`, `person:ID` or `all`.

    A block's `owner` is `person:ID` or `service:NAME`; a released one is open to everybody.
    """

    kind: WindowKind
    resource: str
    span: Span
    title: str = ""
    owner: str = ""
    released: bool = False
    series: str = ""
