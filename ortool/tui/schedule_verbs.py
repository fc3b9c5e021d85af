"""What the screens ask of the schedule: the waiting list, the week, slots, blocks. Mixed into `Verbs`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from ortool.caselog.case import Slot
    from ortool.caselog.week import Waiting, Week
    from ortool.people.person import Actor
    from ortool.presentation.plan_board import Marks
    from ortool.schedule.gaps import Gap
    from ortool.schedule.planner.problem import Placed, WeekProblem
    from ortool.schedule.proposals import Plan
    from ortool.schedule.recurrence import Series
    from ortool.schedule.resources import Equipment, Room
    from ortool.services.cases import NewCase
    from ortool.services.furnishing import RoomWords
    from ortool.services.plan_apart import Budget
    from ortool.services.replanning import Asked, Late, Urgent
    from ortool.services.resources import Resources
    from ortool.services.series import Kept
    from ortool.services.theatre import Theatre
    from ortool.settings import Settings


@dataclass(frozen=True, slots=True)
class ToPlan:
    """What the plan of a week is made of and shown beside. `stands` is what it depends on, to see whether it changes.

    `marks` are those of cases that still wait; `budget` is how long is usually searched.
    """

    week: Week
    waiting: list[Waiting]
    problem: WeekProblem
    marks: Marks
    stands: object
    budget: Budget


class ScheduleVerbs:
    """The verbs of the schedule; like all of them they may block on the disk."""

    theatre: Theatre
    settings: Settings
    zone: ZoneInfo

    def waiting(self) -> list[Waiting]:
        """Return the cases that wait for a slot, first who goes first."""
        from ortool.services import waiting

        return waiting.waiting_list(self.theatre)

    def week(self, first: date, days: int = 7) -> Week:
        """Return every room on some days."""
        from ortool.services import weeks

        return weeks.week_of(self.theatre, first, days)

    def find_slots(self, text: str, first: date) -> list[Slot]:
        """Return the slots to come of a case's number, or of a person."""
        from ortool.services import weeks

        return weeks.find_slots(self.theatre, text, first)

    def would_fit(self, case_id: str, room: str, start: datetime, minutes: int) -> Slot:
        """Return the slot that a case would have there. Raises as booking does; writes nothing."""
        from ortool.services import booking

        return booking.would_fit(self.theatre, case_id, room, start, minutes)

    def would_swap(self, case_id: str, other_id: str) -> list[Slot]:
        """Return the slots that two cases would have, exchanged. Raises as a swap does; writes nothing."""
        from ortool.services import booking

        return booking.preview(
            self.theatre, lambda actor: booking.swap(self.theatre, actor, case_id, other_id, "only asked")
        )

    def open_gaps(self, case_id: str, first: date, days: int, minutes: int) -> list[Gap]:
        """Return where a case fits while its room is open, by start."""
        from ortool.services import weeks

        return weeks.open_gaps(self.theatre, case_id, first, days, minutes)

    def is_frozen(self, slot: Slot) -> bool:
        """Whether a slot changes only with a reason now."""
        from ortool.schedule import placing
        from ortool.services.house import rules_of

        return placing.is_frozen(slot.start, self.theatre.now(), rules_of(self.settings), not slot.held)

    def resources(self) -> Resources:
        """Return rooms, equipment with what is held, people and who is away."""
        from ortool.services import resources

        return resources.resources(self.theatre)

    def set_room(self, actor: Actor, room_id: str, words: RoomWords) -> Room:
        """Change a room, or make it."""
        from ortool.services import furnishing

        return furnishing.change_room(self.theatre, actor, room_id, words)

    def set_equipment(self, actor: Actor, equipment: Equipment, active: bool) -> Equipment:
        """Set what there is of an equipment."""
        from ortool.services import furnishing

        return furnishing.change_equipment(self.theatre, actor, equipment, active)

    def series(self) -> list[Series]:
        """Return the blocks, closures and leave that have not ended."""
        from ortool.services import series

        return series.list_series(self.theatre)

    def set_series(self, actor: Actor, new: Series) -> Kept:
        """Set a block, a closure or leave."""
        from ortool.services import series

        return series.set_series(self.theatre, actor, new)

    def cancel_day(self, actor: Actor, series_id: str, day: date) -> Kept:
        """Cancel one day of a series."""
        from ortool.services import series

        return series.change_day(self.theatre, actor, series_id, day, None)

    def remove_series(self, actor: Actor, series_id: str) -> Series:
        """Take a series away."""
        from ortool.services import series

        return series.remove_series(self.theatre, actor, series_id)

    def book(self, actor: Actor, case_id: str, room: str, start: datetime, minutes: int, hold: bool = False) -> Slot:
        """Book a slot; with `hold` it is not confirmed yet."""
        from ortool.services import booking

        return booking.book(self.theatre, actor, case_id, room, start, minutes, hold=hold)

    def add_and_book(self, actor: Actor, new: NewCase, room: str, start: datetime, minutes: int) -> Slot:
        """Add a case and book its slot, both or neither."""
        from ortool.people.permissions import Verb
        from ortool.services import booking, cases

        with self.theatre.writing(actor, Verb.SCHEDULE):
            case = cases.add_case(self.theatre, actor, new)
            return booking.book(self.theatre, actor, case.id, room, start, minutes)

    def move(
        self, actor: Actor, case_id: str, room: str, start: datetime, minutes: int, reason: str, code: str = ""
    ) -> Slot:
        """Move a slot."""
        from ortool.services import booking

        return booking.move(self.theatre, actor, case_id, room, start, minutes, reason, code)

    def cancel(self, actor: Actor, case_id: str, reason: str, code: str = "") -> Slot | None:
        """Cancel a case, also one that waits without a slot."""
        from ortool.services import booking

        return booking.cancel(self.theatre, actor, case_id, reason, code)

    def release(self, actor: Actor, case_id: str, reason: str, code: str) -> Slot:
        """Put a case back on the waiting list."""
        from ortool.services import booking

        return booking.release(self.theatre, actor, case_id, reason, code)

    def swap(self, actor: Actor, case_id: str, other_id: str, reason: str) -> list[Slot]:
        """Exchange the slots of two cases."""
        from ortool.services import booking

        return booking.swap(self.theatre, actor, case_id, other_id, reason)

    def confirm(self, actor: Actor, case_id: str) -> Slot:
        """Confirm a slot that was only held."""
        from ortool.services import booking

        return booking.confirm(self.theatre, actor, case_id)

    def hold(self, actor: Actor, case_id: str) -> Slot:
        """Make a confirmed slot one that is only held."""
        from ortool.services import booking

        return booking.hold(self.theatre, actor, case_id)

    def undo(self, actor: Actor) -> tuple[Slot, ...]:
        """Take back the actor's last change of the schedule; return the slots as they stand now."""
        from ortool.services import undoing

        return undoing.undo_last(self.theatre, actor).slots

    def asked(self, what: Late | Urgent, move_frozen: bool) -> Asked:
        """Return what the plans for today after a delay, or for an emergency, are made of."""
        from ortool.services import replanning

        return replanning.asked(self.theatre, what, move_frozen)

    def worked_out(self, asked: Asked) -> tuple[Plan, ...]:
        """Return the plans. It reads nothing: any thread may call it."""
        from ortool.services import replanning

        return replanning.worked_out(asked)

    def possible(self, plans: tuple[Plan, ...]) -> tuple[Plan, ...]:
        """Return the plans that the database would take."""
        from ortool.services import replanning

        return replanning.possible(self.theatre, plans)

    def apply_plan(self, actor: Actor, plan: Plan, reason: str) -> list[Slot]:
        """Carry a plan out as one change."""
        from ortool.services import replanning

        return replanning.apply(self.theatre, actor, plan, reason)

    def to_plan(self, first: date, days: int, marks: Marks) -> ToPlan:
        """Return what the plan of some days is made of. Raises Refused or BadInput where nothing can be planned."""
        from ortool.services import plan_apart, planning

        stands, week, waiting = self.stands_for(first, days), self.week(first, days), self.waiting()
        marks = marks.only([one.case.number for one in waiting])
        wish = planning.Week(first, days, marks.pins, marks.forbidden)
        problem = planning.week_problem(self.theatre, wish)
        return ToPlan(week, waiting, problem, marks, stands, plan_apart.Budget())

    def stands_for(self, first: date, days: int) -> object:
        """Return what the plan of some days depends on, to be compared: slots, windows, who waits and how."""
        cells = self.week(first, days).cells
        slots = [
            (key, cell.opened, cell.windows, [(one.slot.id, one.slot.start, one.slot.end) for one in cell.slots])
            for key, cell in cells.items()
        ]
        waits = [(one.case.id, one.case.priority, one.case.due, one.case.urgency, one.needs, one.minutes)
                 for one in self.waiting()]  # fmt: skip
        return slots, waits

    def apply_week(self, actor: Actor, placed: tuple[Placed, ...]) -> list[Slot]:
        """Book the slots of a week's plan as one change."""
        from ortool.services import planning

        return planning.apply_week(self.theatre, actor, placed)
