"""What is fixed in the plan of a week: refused where it cannot be kept, with what takes it back."""

from ortool.errors import Refused
from ortool.schedule.planner.ground import ground_of
from ortool.schedule.planner.pins import clash, lost
from ortool.schedule.planner.problem import WeekPlan, WeekProblem


def check_pins(problem: WeekProblem) -> None:
    """Raise Refused where it is proven that the pins cannot all be kept."""
    if sentence := clash(ground_of(problem)):
        ties = [tie for tie in (*problem.pins, *problem.forbidden) if sentence.startswith(f"Case {tie.case} ")]
        raise Refused(sentence, "Take it back." if len(ties) == 1 else "Take one of them back.")


def check_kept(problem: WeekProblem, plan: WeekPlan) -> None:
    """Raise Refused where a plan does not keep the pins, which it does unless it was not decided whether it can."""
    if sentence := lost(problem.pins, plan):
        which = "it" if len({tie.case for tie in problem.pins}) == 1 else "one of them"
        raise Refused(sentence, f"Whether there is one was not decided; take {which} back.")
