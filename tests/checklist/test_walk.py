"""Each shipped checklist can be walked from its first step to its last: no gate is closed for good."""

from pathlib import Path

import pytest

from ortool.checklist import moments
from ortool.checklist.commands import AnswerItem, RecordCount, StampMilestone
from ortool.checklist.definition import Item, ItemType
from ortool.checklist.earlier import earlier
from ortool.checklist.levels import parse_levels
from ortool.checklist.plan import facts_of, make_plan
from ortool.checklist.records import PauseState, State
from ortool.checklist.run import Run
from ortool.services.checklists import read_file
from tests.checklist.test_run_rules import SURGEON, Table

SHIPPED = Path(__file__).parents[2] / "checklists"


def said(table: Table, item: Item) -> str:
    """Return a value that an item takes and wants; what was answered before is confirmed."""
    if earlier(table.run, item):
        return ""
    match item.type:
        case ItemType.TIME:
            return moments.written(table.now)
        case ItemType.CHOICE:
            return item.choices[0]
        case ItemType.NUMBER:
            wanted = getattr(item, "expect", None)
            low = getattr(wanted, "min", None) if wanted else None
            return f"{low if low is not None else item.min:g}"
        case ItemType.TEXT | ItemType.IMAGE:
            return "1"
        case _:
            return ""


def answer(table: Table, item: Item) -> None:
    if item.type is ItemType.COUNT:
        found = dict.fromkeys((one.id for one in table.plan.checklist.count_categories), 5)
        table.say(RecordCount(item.moment or "", found, SURGEON))
    elif item.type is not ItemType.AUTO:
        table.say(AnswerItem(item.id, State.DONE, said(table, item), second=SURGEON if item.second_reader else None))


@pytest.mark.parametrize("levels", ["L4-5", "L3-5"])
@pytest.mark.parametrize("name", sorted(path.stem for path in SHIPPED.glob("*.yaml")))
def test_a_checklist_is_walked_to_its_end_without_a_single_override(name: str, levels: str) -> None:
    table, wanted = Table(), parse_levels(levels)
    table.plan = make_plan(read_file(SHIPPED / f"{name}.yaml").checklist, wanted, facts_of(wanted, "left", True))
    table.run = Run(table.plan)
    for step in table.plan.steps:
        if step.stamp:
            table.say(StampMilestone(step.stamp.id))
        for item in step.pause.items if step.pause else [step.record] if step.record else []:
            answer(table, item)
    assert not table.run.passes
    assert set(table.run.stamps) == set(table.plan.stamps)
    for pause in table.plan.pauses.values():
        assert table.run.pause_state(pause, table.now) is PauseState.COMPLETE
