"""One case played by the same verbs as the screens, act by act, by people with the right roles."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ortool.caselog.case import Case
from ortool.caselog.dossier import Dossier
from ortool.checklist.clocks import ClockPhase, ClockState, clocks
from ortool.checklist.commands import (
    AddToCount,
    AnswerItem,
    AnswerTimer,
    Command,
    PassGate,
    RecordCount,
    StampMilestone,
    Undo,
)  # fmt: skip
from ortool.checklist.decide import GateClosed
from ortool.checklist.definition import Item, ItemType, StampDefinition
from ortool.checklist.earlier import earlier
from ortool.checklist.plan import Plan, PlannedPause
from ortool.checklist.records import State
from ortool.people.person import Actor, Person
from ortool.services import running
from ortool.services.rehearsal_answers import answer_to, baseline
from ortool.services.rehearsal_story import Storyline
from ortool.services.rehearsal_times import Stop
from ortool.services.running import voice_of
from ortool.services.theatre import Theatre

LATE = timedelta(minutes=12)
SLIP = timedelta(seconds=20)
RECOUNT = timedelta(minutes=4)
OPENED = timedelta(minutes=6)
PACK = 10
HEARD = timedelta(seconds=70)


class Team:
    """Who does what in one case."""

    def __init__(self, case: Case, people: Sequence[Person]) -> None:
        named = {"surgeon": case.surgeon_id, "anaesthetist": case.anaesthetist_id}
        self._people = list(people)
        self._named = {role: person for role, id_ in named.items() for person in people if person.id == id_}

    def of(self, *roles: str) -> Person:
        """Return the person for the first of `roles` that somebody has; the circulating nurse where nobody has one."""
        for role in (*roles, "circulating_nurse"):
            if found := self._named.get(role) or next((p for p in self._people if p.can_be(role)), None):
                return found
        return self._people[0]

    def beside(self, actor: Person, *roles: str) -> Person:
        """Return somebody else than `actor`, of one of `roles` where that is possible."""
        fits = [self.of(role) for role in (*roles, "circulating_nurse", "scrub", "surgeon", "anaesthetist")]
        return next((person for person in (*fits, *self._people) if person.id != actor.id), actor)


class Player:
    """Plays one case. `play` yields the time of each act (UTC); the act is done when it is asked for the next."""

    def __init__(
        self,
        theatre: Theatre,
        case: Case,
        plan: Plan,
        people: Sequence[Person],
        stops: Sequence[Stop],
        story: Storyline,
    ) -> None:
        self.theatre, self.case, self.plan, self.stops, self.story = theatre, case, plan, stops, story
        self.team = Team(case, people)
        self.said: list[str] = []
        self._images = 0
        self._at = stops[0].begins

    def play(self) -> Iterator[datetime]:
        """Yield the time of each act, do it, and go on to the next; on the way the clocks that are due are answered."""
        last = self._at
        for moment in self._acts():
            while due := self._due_clock(moment):
                assert due.due_at is not None
                last = max(last, min(moment, due.due_at + HEARD))
                yield last
                self._do(self.team.of("circulating_nurse"), AnswerTimer(due.id))
            last = moment
            yield moment

    def _due_clock(self, moment: datetime) -> ClockState | None:
        """Return the clock that will be due first by `moment` (UTC), None where none will."""
        run = running.open_case(self.theatre, self.case.id).run
        settings = self.theatre.settings
        found = clocks(run, moment, settings.site_values, settings.zone) if run else ()
        return next((clock for clock in found if clock.state is ClockPhase.DUE), None)

    def _acts(self) -> Iterator[datetime]:
        for stop in self.stops:
            if stop.step.stamp:
                yield from self._stamp(stop.step.stamp, stop.ends)
            elif stop.step.pause:
                yield from self._pause(stop.step.pause, stop)
            elif stop.step.record:
                yield from self._item(stop.step.record, stop.ends, self.team.of(*stop.step.record.responders))

    def _due(self, moment: datetime) -> datetime:
        """Return `moment`, or a second after the act before it where that was later."""
        self._at = max(moment, self._at + timedelta(seconds=1))
        return self._at

    def _do(self, actor: Person, command: Command) -> Dossier:
        return running.act(self.theatre, Actor(actor), self.case.id, command)

    def _tell(self, words: str) -> None:
        clock = self.theatre.now().astimezone(self.theatre.settings.zone)
        self.said.append(f"{clock:%H:%M} {words}")

    def _stamp(self, stamp: StampDefinition, happened: datetime) -> Iterator[datetime]:
        late = stamp.id == self.story.late_stamp
        yield self._due(happened + LATE if late else happened)
        self._pass_gate(stamp.id)
        command = StampMilestone(stamp.id, self._at - LATE if late else None)
        try:
            self._do(self.team.of(stamp.by), command)
        except GateClosed as closed:
            self._override_all(closed)
            self._do(self.team.of(stamp.by), command)
        self._tell(f"{stamp.title}{' (typed 12 min late)' if late else ''}")
        if stamp.id == "PST" and self.plan.checklist.count_categories:
            yield self._due(self._at + OPENED)
            self._do(self.team.of("scrub"), AddToCount(self.plan.checklist.count_categories[0].id, PACK))
        if any(phase.id == self.story.overrun and phase.ends == stamp.id for phase in self.plan.checklist.phases):
            running.add_note(self.theatre, Actor(self.team.of("surgeon")), self.case.id, self.story.note)
            self._tell("Note added")

    def _pass_gate(self, target: str) -> None:
        pause, reason = self.story.gate
        held = [one.id for one in self.plan.gated_by.get(target, ())]
        if pause in held:
            actor = self.team.of("anaesthetist", "surgeon")
            second = voice_of(self.team.beside(actor, "surgeon"))
            self._do(actor, PassGate(pause, target, reason, second))
            self._tell(f"{pause} passed by two people: {reason}")

    def _override_all(self, closed: GateClosed) -> None:
        """Override what keeps a gate closed: closed-loop items whose rule did not hold in this run."""
        for pause in closed.pauses:
            run = running.open_case(self.theatre, self.case.id).run
            assert run is not None
            for item in run.missing(run.plan.pauses[pause], self.theatre.now()):
                self._override(item, "Known and accepted by both")

    def _override(self, item: Item, reason: str) -> None:
        actor = self.team.of(*item.override_by)
        second = voice_of(self.team.beside(actor, *item.override_by))
        self._do(actor, AnswerItem(item.id, State.OVERRIDDEN, reason=reason, second=second))
        self._tell(f"{item.id} overridden by two people: {reason}")

    def _pause(self, pause: PlannedPause, stop: Stop) -> Iterator[datetime]:
        each = (stop.ends - stop.begins) / len(pause.items)
        for number, item in enumerate(pause.items, 1):
            reader = self.team.of(item.reader or pause.definition.reader)
            yield from self._item(item, stop.begins + each * number, reader)

    def _item(self, item: Item, moment: datetime, actor: Person) -> Iterator[datetime]:
        story = self.story
        if item.type is ItemType.AUTO or item.id == story.left_open:
            return
        yield self._due(moment)
        if item.moment:
            yield from self._count(item, item.moment, actor)
        elif item.id == story.overridden[0]:
            self._override(item, story.overridden[1])
        elif item.id == story.no[0]:
            self._do(actor, AnswerItem(item.id, State.NO, reason=story.no[1]))
            self._tell(f"{item.id} answered no: {story.no[1]}")
        elif item.id == story.not_applicable[0]:
            self._do(actor, AnswerItem(item.id, State.NOT_APPLICABLE, reason=story.not_applicable[1]))
            self._tell(f"{item.id} not applicable: {story.not_applicable[1]}")
        else:
            yield from self._answer(item, actor)

    def _answer(self, item: Item, actor: Person) -> Iterator[datetime]:
        run = running.open_case(self.theatre, self.case.id).run if item.confirms else None
        before = earlier(run, item) if run else None
        command = answer_to(item, self.case, self._images)
        if before:
            command = AnswerItem(item.id, State.DONE, confirms=before.seq)
        self._images += item.type is ItemType.IMAGE
        if item.second_reader:
            second = voice_of(self.team.beside(actor, *item.responders))
            command = replace(command, second=second)
        after = self._do(actor, command)
        if item.id == self.story.undone:
            assert after.run is not None
            ref = after.run.answers[item.id].seq
            yield self._due(self._at + SLIP)
            self._do(actor, Undo(ref))
            self._tell(f"{item.id} ticked by mistake and undone")
            yield self._due(self._at + SLIP)
            self._do(actor, command)

    def _count(self, item: Item, moment: str, actor: Person) -> Iterator[datetime]:
        second = voice_of(self.team.beside(actor, "scrub", *item.responders))
        run = running.open_case(self.theatre, self.case.id).run
        assert run is not None
        categories = [category.id for category in self.plan.checklist.count_categories]
        found = run.ledger.expected(categories) if run.ledger.counts else baseline(categories)
        if moment == self.story.recount:
            first = categories[0]
            self._do(actor, RecordCount(moment, found | {first: found[first] - 1}, second))
            self._tell(f"Count {moment} does not agree: one of {first} is missing")
            yield self._due(self._at + RECOUNT)
        self._do(actor, RecordCount(moment, found, second))
        self._tell(f"Count {moment} agrees")
