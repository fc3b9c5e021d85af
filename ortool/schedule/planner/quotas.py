"""What is counted by the day, such as ward beds: how much of it is left, and what a case would take of it."""

from datetime import date, timedelta

from ortool.schedule.planner.ground import Item
from ortool.schedule.planner.problem import WeekProblem

Quota = tuple[str, date]


def drawn(problem: WeekProblem, item: Item, day: date) -> tuple[tuple[Quota, int], ...]:
    """Return what an item takes of each quota if it is operated on a day."""
    return tuple(
        (key, draw.amount)
        for draw in item.waiter.draws
        for offset in range(draw.first, draw.last + 1)
        if (key := (draw.what, day + timedelta(days=offset))) in problem.quotas
    )


class Quotas:
    """What is left of each while a week is filled."""

    def __init__(self, problem: WeekProblem) -> None:
        self.problem = problem
        self.left = dict(problem.quotas)
        self._known: dict[tuple[int, date], tuple[tuple[Quota, int], ...]] = {}

    def of(self, item: Item, day: date) -> tuple[tuple[Quota, int], ...]:
        """Return what an item takes on a day."""
        key = item.index, day
        if key not in self._known:
            self._known[key] = drawn(self.problem, item, day)
        return self._known[key]

    def short(self, item: Item, day: date) -> str:
        """Return what there is too little of for an item on a day; empty where there is enough."""
        if not self.left:
            return ""
        return next((key[0] for key, amount in self.of(item, day) if self.left[key] < amount), "")

    def take(self, item: Item, day: date) -> None:
        """Count an item as operated on a day."""
        for key, amount in self.of(item, day) if self.left else ():
            self.left[key] -= amount

    def give_back(self, item: Item, day: date) -> None:
        """Count it as not operated any more."""
        for key, amount in self.of(item, day) if self.left else ():
            self.left[key] += amount
