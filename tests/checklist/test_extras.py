"""What comes on the way: events, pauses read again, an emergency with its debts, and who is in the room."""

from datetime import timedelta

import pytest

from ortool.checklist.commands import (
    AnswerItem,
    DeclareEmergency,
    EndEmergency,
    GiveReason,
    JoinTeam,
    LeaveTeam,
    PassGate,
    ReopenPause,
    StampMilestone,
    StartEvent,
    Undo,
)
from ortool.checklist.decide import GateClosed
from ortool.checklist.records import State
from ortool.checklist.run import Run, fold
from ortool.errors import Refused
from tests.checklist.test_run_rules import NURSE, SURGEON, Table, done
from tests.services.suite import SMALL, small_plan

EVENTS = """
events:
  - id: BLEED
    title: Bleeding
    reader: circulating_nurse
    target_seconds: 60
    items:
      - {id: BLEED.ml, prompt: Blood loss, response: ml said, type: number, responders: [anaesthetist], evidence: [EST]}
      - {id: BLEED.source, prompt: Source, response: Named, responders: [surgeon], evidence: [EST]}
"""


@pytest.fixture
def table() -> Table:
    """A run at its beginning, of a checklist with an event."""
    table = Table()
    table.plan = small_plan(text=SMALL + EVENTS)
    table.run = Run(table.plan)
    return table


def test_an_event_opens_its_list_where_the_run_stands(table: Table) -> None:
    table.say(StampMilestone("PIR"))
    table.say(StartEvent("BLEED"))
    ids = [step.id for step in table.run.plan.steps]
    assert ids.index("BLEED#1") == ids.index("PIR") + 1
    table.say(AnswerItem("BLEED.ml#1", State.DONE, "650"))
    assert table.run.answers["BLEED.ml#1"].value == "650"
    table.say(StartEvent("BLEED"))
    assert "BLEED#2" in table.run.plan.pauses


def test_an_event_is_undone_only_while_nothing_was_answered(table: Table) -> None:
    before = table.run.plan
    table.say(StartEvent("BLEED"))
    table.say(Undo(table.run.extras[0].seq))
    assert table.run.plan == before
    table.say(StartEvent("BLEED"))
    table.say(done("BLEED.source#1"))
    with pytest.raises(Refused, match="has been worked on"):
        table.say(Undo(table.run.extras[0].seq))


def test_a_list_opened_after_an_earlier_one_was_undone_is_a_new_one(table: Table) -> None:
    first = table.say(StartEvent("BLEED"))
    table.say(StartEvent("BLEED"))
    table.say(done("BLEED.source#2"))
    table.say(Undo(first))
    table.say(StartEvent("BLEED"))
    assert [extra.instance for extra in table.run.extras] == ["BLEED#2", "BLEED#3"]
    assert "BLEED.source#3" not in table.run.answers


def test_an_unknown_event_names_the_known(table: Table) -> None:
    with pytest.raises(Refused, match="Known: BLEED"):
        table.say(StartEvent("FIRE"))


def test_a_pause_read_again_is_a_new_one_and_holds_nothing_back(table: Table) -> None:
    pause = next(iter(table.run.plan.pauses))
    with pytest.raises(Refused, match="has not been read yet"):
        table.say(ReopenPause(pause, "table moved"))
    first = table.run.plan.pauses[pause].items[0]
    table.say(AnswerItem(first.id, State.OVERRIDDEN, reason="x", second=SURGEON))
    with pytest.raises(Refused, match="needs a reason"):
        table.say(ReopenPause(pause, " "))
    table.say(ReopenPause(pause, "table moved"))
    again = table.run.plan.pauses[f"{pause}#2"]
    assert again.definition.gates == ()
    assert all(item.id.endswith("#2") for item in again.items)
    assert first.id in table.run.answers, "the first reading stays"


def test_an_emergency_holds_nothing_back_and_remembers_what_is_owed(table: Table) -> None:
    target = next(target for target in table.run.plan.gated_by if target in table.run.plan.stamps)
    with pytest.raises(GateClosed):
        table.say(StampMilestone(target))
    table.say(DeclareEmergency("arrest"))
    table.say(StampMilestone(target))
    stamp = table.run.stamps[target]
    assert stamp.passed
    assert table.run.owed == (stamp,)
    table.say(EndEmergency())
    with pytest.raises(Refused, match="second person"):
        table.say(GiveReason(stamp.seq, "the patient was arresting"))
    table.say(GiveReason(stamp.seq, "the patient was arresting", SURGEON))
    assert table.run.owed == ()
    assert table.run.stamps[target].passed, "it stays visible for ever"


def test_a_debt_is_not_lost_by_correcting_the_time(table: Table) -> None:
    target = next(target for target in table.run.plan.gated_by if target in table.run.plan.stamps)
    table.say(DeclareEmergency())
    table.say(StampMilestone(target))
    table.say(StampMilestone(target, table.now - timedelta(minutes=2), "clock on the wall"))
    assert [record.seq for record in table.run.owed] == [table.run.stamps[target].seq]


def test_after_the_emergency_gates_hold_again(table: Table) -> None:
    table.say(DeclareEmergency())
    with pytest.raises(Refused, match="already"):
        table.say(DeclareEmergency())
    table.say(EndEmergency())
    target = next(target for target in table.run.plan.gated_by if target in table.run.plan.stamps)
    with pytest.raises(GateClosed):
        table.say(StampMilestone(target))


def test_a_relief_ends_one_stint_and_begins_another(table: Table) -> None:
    table.say(JoinTeam(NURSE, "circulating_nurse"))
    role = "circulating_nurse"
    with pytest.raises(Refused, match="already"):
        table.say(JoinTeam(NURSE, role))
    with pytest.raises(Refused, match="not listed"):
        table.say(JoinTeam(NURSE, "surgeon"))
    table.say(LeaveTeam(NURSE.id, role))
    assert table.run.present == ()
    assert table.run.team[0].until is not None
    with pytest.raises(Refused, match="not in the room"):
        table.say(LeaveTeam(NURSE.id, role))


def test_the_fold_of_it_all_is_the_same_from_the_beginning(table: Table) -> None:
    for command in (StartEvent("BLEED"), DeclareEmergency(), done("BLEED.source#1"), EndEmergency()):
        table.say(command)
    assert fold(table.run.base, table.lines) == table.run


def test_an_event_keeps_its_place_when_an_earlier_one_is_undone(table: Table) -> None:
    table.say(StampMilestone("PIR"))
    first = table.say(StartEvent("BLEED"))
    answer = table.say(done("BLEED.source#1"))
    table.say(StartEvent("BLEED"))
    assert [step.id for step in table.run.plan.steps][-2:] != ["BLEED#2", "BLEED#1"]
    table.say(Undo(answer))
    table.say(Undo(first))
    ids = [step.id for step in table.run.plan.steps]
    assert ids.index("BLEED#2") == ids.index("PIR") + 1


def test_an_override_is_spent_when_what_it_was_for_is_undone(table: Table) -> None:
    target, pauses = next((t, p) for t, p in table.run.plan.gated_by.items() if t in table.run.plan.stamps)
    table.say(PassGate(pauses[0].id, target, "emergency", SURGEON))
    stamp = table.say(StampMilestone(target))
    table.say(Undo(stamp))
    with pytest.raises(GateClosed):
        table.say(StampMilestone(target))
    assert table.run.passes[pauses[0].id].reason == "emergency", "it stays visible for ever"
