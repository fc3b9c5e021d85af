"""A case log as a page: headings, paragraphs, tables and bars, for every printed face. Words only, no layout."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """How a few words stand out."""

    PLAIN = ""
    STRONG = "strong"
    QUIET = "quiet"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Span:
    """A few words in one tone. Data, never markup."""

    text: str
    tone: Tone = Tone.PLAIN


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line of words; `depth` says how far it is indented."""

    line: Line
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. Without heads its first column labels the second."""

    heads: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A phase on the axis, in thousandths of its length: where it begins, was planned to end, and ended (-1: not yet).

    `grade` is `in time`, `late` or `over`, empty until it has begun; `words` say all of it.
    """

    title: str
    words: Line
    first: int
    planned: int
    taken: int
    grade: str


@dataclass(frozen=True, slots=True)
class Bars:
    """The phases, planned against taken, on one axis with its hours: (thousandths, words)."""

    legend: tuple[str, str, str]
    ticks: tuple[tuple[int, str], ...]
    bars: tuple[Bar, ...]


Block = Paragraph | Grid | Bars


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, repr=False)
class Page:
    """A whole log. `title` names no patient; `identity` does, and stands on every sheet; `seal` is the signature."""

    title: str
    identity: str
    printed: str
    seal: str
    is_sound: bool
    sections: tuple[Section, ...]

    def __repr__(self) -> str:
        """Name the page without its patient."""
        return f"Page(title={self.title!r})"


def plain(line: Iterable[Span]) -> str:
    """Return a line as bare text."""
    return "".join(span.text for span in line)
