"""Intervals derived from milestones by their published formulas, and stamps whose times contradict their order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from ortool.checklist.records import Stamp
from ortool.checklist.run import Run

GLOSSARY = "AACD Procedural Times Glossary, Am J Anesthesiol 1996;23(5S):1-12"
EXTUBATION = "Dexter and Epstein 2013, doi 10.1213/ANE.0b013e3182a44d86"
CONTROLLED = "Dexter: anaesthesia-controlled time (reference to be checked)"
OWN = "ortool"


@dataclass(frozen=True, slots=True)
class Formula:
    """How an interval is defined: the sum of `parts`, each a (later, earlier) pair of milestone ids."""

    id: str
    name: str
    parts: tuple[tuple[str, str], ...]
    source: str

    @property
    def text(self) -> str:
        """The formula in milestone ids, as `PF - PST`."""
        parts = [f"{later} - {earlier}" for later, earlier in self.parts]
        return parts[0] if len(parts) == 1 else " + ".join(f"({part})" for part in parts)

    @property
    def milestones(self) -> tuple[str, ...]:
        """The milestone ids that it needs, each once."""
        return tuple(dict.fromkeys(name for part in self.parts for name in part))


@dataclass(frozen=True, slots=True)
class Interval:
    """A derived length. `value` is None where one of its times is missing; a negative one stays visible and flagged.

    `stamps` are the milestone ids that were found, `missing` those that were not, `seqs` the entries it was read from.
    """

    id: str
    name: str
    formula: str
    source: str
    value: timedelta | None
    stamps: tuple[str, ...]
    missing: tuple[str, ...]
    out_of_order: bool
    seqs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two neighbouring stamped milestones: the checklist has `before` first, the clock has it last."""

    before: Stamp
    after: Stamp

    @property
    def gap(self) -> timedelta:
        """How far the times run the wrong way; always positive."""
        return self.before.occurred_at - self.after.occurred_at

    @property
    def seqs(self) -> tuple[int, ...]:
        """The entries that contradict each other."""
        return (self.before.seq, self.after.seq)


FORMULAS = (
    Formula("anaesthesia_preparation", "Anaesthesia preparation", (("AR", "AS"),), GLOSSARY),
    Formula("surgical_preparation", "Surgical preparation", (("PST", "AR"),), GLOSSARY),
    Formula("preparation", "Preparation and draping", (("PC", "AR"),), GLOSSARY),
    Formula("procedure_time", "Procedure time", (("PF", "PST"),), GLOSSARY),
    Formula("skin_to_room_exit", "Procedure finish to room exit", (("POR", "PF"),), GLOSSARY),
    Formula("room_wait", "Patient after the room was ready", (("PIR", "RR"),), OWN),
    Formula("room_occupancy", "Room occupancy", (("POR", "PIR"),), GLOSSARY),
    Formula("case_time", "Case time", (("RCF", "RSS"),), GLOSSARY),
    Formula("anaesthesia_controlled", "Anaesthesia controlled (ACT)", (("AR", "PIR"), ("POR", "PF")), CONTROLLED),
    Formula("extubation", "Procedure finish to extubation", (("EXT", "PF"),), EXTUBATION),
    Formula("pacu_stay", "Stay in recovery", (("DPACU", "APACU"),), OWN),
    Formula("pacu_hold", "Hold in recovery", (("DPACU", "RFD"),), OWN),
)


def intervals(stamps: Mapping[str, Stamp]) -> tuple[Interval, ...]:
    """Return every derived interval of these milestones, in order; those that lack one with the value None."""
    return tuple(_interval(stamps, formula) for formula in FORMULAS)


def _interval(stamps: Mapping[str, Stamp], formula: Formula) -> Interval:
    found = tuple(name for name in formula.milestones if name in stamps)
    missing = tuple(name for name in formula.milestones if name not in stamps)
    lengths = [] if missing else list(_lengths(stamps, formula))
    return Interval(
        formula.id,
        formula.name,
        formula.text,
        formula.source,
        sum(lengths, timedelta()) if lengths else None,
        found,
        missing,
        # A sum may be positive although one of its parts runs backwards.
        any(length < timedelta() for length in lengths),
        tuple(dict.fromkeys(stamps[name].seq for name in found)),
    )


def _lengths(stamps: Mapping[str, Stamp], formula: Formula) -> Iterator[timedelta]:
    for later, earlier in formula.parts:
        yield stamps[later].occurred_at - stamps[earlier].occurred_at


def out_of_order(run: Run) -> tuple[Contradiction, ...]:
    """Return the neighbouring stamped milestones whose times contradict the checklist's order."""
    stamped = [run.stamps[name] for name in run.plan.stamps if name in run.stamps]
    return tuple(
        Contradiction(before, after) for before, after in pairwise(stamped) if after.occurred_at < before.occurred_at
    )
