"""A checklist made concrete for one case: its steps in order, repeated and hidden as the case asks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from ortool.checklist.definition import Checklist, Duration, Item, Pause, Phase, StampDefinition
from ortool.checklist.levels import Levels

Facts = Mapping[str, str]
NO_LEVELS = Levels(())


@dataclass(frozen=True)
class PlannedPause:
    """A pause as this case will meet it; a repeated one carries the pedicle it is for."""

    id: str
    definition: Pause
    items: tuple[Item, ...]
    target: str = ""

    @property
    def title(self) -> str:
        """The pause's title, with the pedicle where it is repeated."""
        return f"{self.definition.title} {self.target}".strip()


@dataclass(frozen=True)
class PlannedStep:
    """One stop on the way: exactly one of a stamp, a pause and a single item."""

    phase: Phase
    stamp: StampDefinition | None = None
    pause: PlannedPause | None = None
    record: Item | None = None

    @property
    def id(self) -> str:
        """The id of what stands here."""
        part = self.stamp or self.pause or self.record
        assert part is not None
        return part.id


@dataclass(frozen=True)
class Plan:
    """Every step of one case in order, and look-ups over it."""

    checklist: Checklist
    facts: Facts
    steps: tuple[PlannedStep, ...]
    levels: Levels = NO_LEVELS

    @cached_property
    def items(self) -> dict[str, Item]:
        """Each item by id."""
        found = {item.id: item for pause in self.pauses.values() for item in pause.items}
        path = self.checklist.count_path
        found |= {item.id: item for item in path.items} if path else {}
        return found | {step.record.id: step.record for step in self.steps if step.record}

    @cached_property
    def pauses(self) -> dict[str, PlannedPause]:
        """Each planned pause by id, in order."""
        return {step.pause.id: step.pause for step in self.steps if step.pause}

    @cached_property
    def pause_of(self) -> dict[str, PlannedPause]:
        """The pause in which each item stands."""
        return {item.id: pause for pause in self.pauses.values() for item in pause.items}

    @cached_property
    def stamps(self) -> dict[str, StampDefinition]:
        """Each stamp by id, in the order in which the operation meets them."""
        return {step.stamp.id: step.stamp for step in self.steps if step.stamp}

    @cached_property
    def gated_by(self) -> dict[str, tuple[PlannedPause, ...]]:
        """For each stamp and pause, the pauses that must be passed before it."""
        found: dict[str, list[PlannedPause]] = {}
        for pause in self.pauses.values():
            for target in pause.definition.gates:
                for identifier in self._instances(target):
                    found.setdefault(identifier, []).append(pause)
        return {target: tuple(pauses) for target, pauses in found.items()}

    def _instances(self, identifier: str) -> tuple[str, ...]:
        same = tuple(p.id for p in self.pauses.values() if p.definition.id == identifier)
        return same or (identifier,)

    def minutes(self, row: Duration) -> tuple[float, float]:
        """Return the row's (P50, P90) minutes for this case's number of levels."""
        return row.two_levels if self.facts.get("levels") not in (None, "", "0", "1") else row.one_level

    def rows_of(self, phase: Phase) -> tuple[tuple[float, float], ...]:
        """Return the (P50, P90) rows that a phase is made of."""
        by_id = {row.id: row for row in self.checklist.durations}
        return tuple(self.minutes(by_id[name]) for name in phase.durations)


def facts_of(levels: Levels, side: str = "", neuromonitoring: bool | None = None) -> dict[str, str]:
    """Return the facts that `when:` rules may ask for. What is not known is left out, so that nothing is hidden."""
    facts = {"levels": str(levels.count)} if levels.count else {}
    if side:
        facts["side"] = side
    if neuromonitoring is not None:
        facts["neuromonitoring"] = "yes" if neuromonitoring else "no"
    return facts


def make_plan(checklist: Checklist, levels: Levels, facts: Facts) -> Plan:
    """Return the plan of a case: hidden items left out, repeated pauses spelled out by pedicle."""
    stamps = {stamp.id: stamp for stamp in checklist.stamps}
    pauses = {pause.id: pause for pause in checklist.pauses}
    steps: list[PlannedStep] = []
    for phase in checklist.phases:
        for step in phase.steps:
            if step.stamp:
                steps.append(PlannedStep(phase, stamp=stamps[step.stamp]))
            elif step.pause:
                steps.extend(PlannedStep(phase, pause=p) for p in _instances(pauses[step.pause], levels, facts))
            elif step.record and applies(step.record, facts):
                steps.append(PlannedStep(phase, record=step.record))
    return Plan(checklist, dict(facts), tuple(steps), levels)


def applies(item: Item, facts: Facts) -> bool:
    """Whether an item's `when:` holds. A fact nobody has stated hides nothing."""
    return all(facts.get(name, wanted) == wanted for name, wanted in item.when.items())


def _instances(pause: Pause, levels: Levels, facts: Facts) -> Iterator[PlannedPause]:
    items = tuple(item for item in pause.items if applies(item, facts))
    if not items:
        return
    if pause.for_each is None or not levels.vertebrae:
        yield PlannedPause(pause.id, pause, items)
        return
    for vertebra in levels.vertebrae:
        for side in ("left", "right"):
            tag = f"{vertebra}-{side}"
            named = tuple(item.model_copy(update={"id": f"{item.id}@{tag}"}) for item in items)
            yield PlannedPause(f"{pause.id}@{tag}", pause, named, f"{vertebra} {side}")
