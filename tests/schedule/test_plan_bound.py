"""The program behind the bound, solved a second time by HiGHS: two solvers, one value."""

import pytest
from ortools.math_opt.python import mathopt

from ortool.schedule.planner.board import Board
from ortool.schedule.planner.columns import Columns
from ortool.schedule.planner.ground import ground_of
from ortool.schedule.planner.simple import strongest
from tests.schedule.weeks import week


def by_highs(columns: Columns) -> float:
    """Return the value of the restricted master program as HiGHS finds it, from its rows and columns alone."""
    model = mathopt.Model()
    solver = columns.solver
    ours = [model.add_variable(lb=0.0) for _ in solver.variables()]
    for row in solver.constraints():
        terms = [(row.GetCoefficient(theirs), mine) for theirs, mine in zip(solver.variables(), ours, strict=True)]
        model.add_linear_constraint(mathopt.fast_sum(load * mine for load, mine in terms if load) <= row.ub())
    gains = [solver.Objective().GetCoefficient(theirs) for theirs in solver.variables()]
    model.maximize(mathopt.fast_sum(gain * mine for gain, mine in zip(gains, ours, strict=True)))
    found = mathopt.solve(model, mathopt.SolverType.HIGHS)
    assert found.termination.reason is mathopt.TerminationReason.OPTIMAL
    return float(found.objective_value()) + columns.fixed


@pytest.mark.parametrize("seed", [1, 2])
def test_two_solvers_find_one_value_and_the_bound_stands_above_it(seed: int) -> None:
    ground = ground_of(week(seed, 3, 3, 40))
    columns, board = Columns(ground), Board(ground)
    board.load_from(strongest(ground)[2])
    columns.seed(board)
    for _ in columns.rounds(lambda: False, 0.0):
        pass
    assert len(columns.patterns) > 20
    value = by_highs(columns)
    assert columns.value == pytest.approx(value, rel=1e-6)
    assert columns.bound >= value - 1e-6 * abs(value)
    assert board.score().points <= columns.bound
