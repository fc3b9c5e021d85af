"""What a case report says was answered, counted, read off and signed. Each line carries the `seqs` it was read from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ortool.caselog.marks import Mark, Seqs


@dataclass(frozen=True, slots=True)
class ExceptionLine:
    """Whatever was not plain done.

    `kind` is an answer's state, `corrected` for an answer or a time that replaces another, `undone` for a record that
    was taken back, `outside` for a value outside what is wanted, `snoozed` for a clock that was put off, `done` for
    another done with a reason. `was` says what stood before and `original` who had entered
    it. `stands` is False where a later answer has replaced this one.
    """

    kind: str
    id: str
    title: str
    said: str
    value: str
    reason: str
    second: str
    was: str
    original: Mark | None
    stands: bool
    mark: Mark
    seqs: Seqs


@dataclass(frozen=True, slots=True)
class CategoryLine:
    """One category of a count. A positive difference is one too many, which is wrong too."""

    id: str
    title: str
    found: int
    expected: int

    @property
    def difference(self) -> int:
        """Found minus expected."""
        return self.found - self.expected


@dataclass(frozen=True, slots=True)
class CountLine:
    """One count by two people."""

    moment: str
    title: str
    categories: tuple[CategoryLine, ...]
    second: str
    mark: Mark
    seqs: Seqs

    @property
    def agrees(self) -> bool:
        """Whether every category was found as expected."""
        return not any(category.difference for category in self.categories)


@dataclass(frozen=True, slots=True)
class AddedLine:
    """Things brought to the field after the first count; negative where they left it for good."""

    category: str
    title: str
    number: int
    mark: Mark
    seqs: Seqs


@dataclass(frozen=True, slots=True)
class ValueLine:
    """A value read off, a reading of a clock (`reading`), or what a closed-loop item found at its gate (`auto`).

    The value of a time is an instant, `2026-11-23T07:30:00Z`; `scan` holds the parts of a scanned label.
    """

    id: str
    prompt: str
    type: str
    value: str
    unit: str
    holds: bool
    second: str
    mark: Mark
    seqs: Seqs
    scan: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RemarkLine:
    """Words beside the checklist: a note, a cancellation, an addendum, why the case was opened, a claim.

    An addendum about an entry says what stands there (`before`) and what is right (`after`).
    """

    kind: str
    text: str
    mark: Mark
    seqs: Seqs
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """A signature: its words, who signed, the digest of the entries that it covers, and the hash of what was signed.

    `head` is the newest link of the journal when it was given, of entry `head_seq`.
    """

    statement: str
    digest: str
    covers: int
    mark: Mark
    seqs: Seqs
    signer: str = ""
    schema: str = ""
    sha256: str = ""
    head_seq: int = 0
    head: str = ""


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody who appears: as surgeon or anaesthetist of the case, as who entered, or as second person."""

    id: str
    name: str
    roles: tuple[str, ...]
    entered: int
    seconded: int
    auths: tuple[str, ...]
    seqs: Seqs


@dataclass(frozen=True, slots=True)
class FromList:
    """Where a case of the past came from: the list, the line in it, who read it in and when."""

    source: str
    line: int
    mark: Mark
    seqs: Seqs


@dataclass(frozen=True, slots=True)
class ChecklistLine:
    """The checklist to which the run is pinned. `sha256` are the first twelve digits of its content hash."""

    id: str
    version: str
    title: str
    sha256: str
    approved_by: str
    approved_on: str
    based_on: str
    started: bool

    @property
    def approved(self) -> bool:
        """Whether a local clinical lead has approved it."""
        return bool(self.approved_by)


@dataclass(frozen=True, slots=True)
class Lateness:
    """How many of the timed records were typed later than the site's limit; `seqs` are the late ones."""

    late: int
    timed: int
    limit_minutes: int
    seqs: Seqs

    @property
    def percent(self) -> int:
        """The late share in whole percent, rounded half up; 0 where nothing was timed."""
        return (200 * self.late + self.timed) // (2 * self.timed) if self.timed else 0
