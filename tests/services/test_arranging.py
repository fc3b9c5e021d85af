"""One way in which slots change: any number at once, all or none; equipment, sets and beds in numbers; taken back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ortool.caselog.case import Case, Slot
from ortool.caselog.found import Wanted
from ortool.caselog.milestones import CaseState
from ortool.caselog.replay import Replay
from ortool.checklist.commands import StampMilestone
from ortool.errors import BadInput, Refused
from ortool.people.person import Actor
from ortool.services import running
from ortool.services.boards import day_board
from ortool.services.booking import Clash, book, cancel, confirm, move, preview, release, swap
from ortool.services.cases import find_case
from ortool.services.finding import find_cases
from ortool.services.journals import case_entries, verify_journal
from ortool.services.setup import SYSTEM, EquipmentLine, ProcedureLine, RoomLine, TheatreFile, load_theatre
from ortool.services.statistics import statistics_of
from ortool.services.undoing import undo_last
from ortool.services.waiting import waiting_list
from ortool.storage.tables import CaseRow
from tests.services.suite import SMALL, Suite

PIH = '  - {id: PIH, title: "In holding", meaning: "Held.", by: circulating_nurse, evidence: [EST]}\n'
HELD = "      - stamp: PIH\n"


def at(hour: float, day: int = 23) -> datetime:
    return datetime(2026, 11, day, tzinfo=UTC) + timedelta(hours=hour)


def placed(suite: Suite, case: Case, room: str, hour: float, minutes: int = 60, **words: bool) -> Slot:
    return book(suite.theatre, suite.nurse, case.id, room, at(hour), minutes, **words)


def is_whole(suite: Suite) -> None:
    """Assert that the tables are what the entries say, claims included."""
    assert [str(fault) for fault in verify_journal(suite.theatre).faults] == []


def furnish(suite: Suite) -> Suite:
    """Give a suite one C-arm, two screw sets that are away for two hours after use, and one recovery bed."""
    file = TheatreFile(
        rooms=(RoomLine(id="OR3", name="Theatre 3", capabilities=("laminar-flow",), turnover=30),),
        equipment=(
            EquipmentLine(id="c-arm", name="C-arm", units=1),
            EquipmentLine(id="screws", name="Screw set", kind="set", units=2, ready_minutes=120),
            EquipmentLine(id="pacu", name="Recovery bed", kind="recovery", units=1),
        ),
        procedures=(
            ProcedureLine(id="imaged", name="Imaged", short="Im", minutes=60, needs=("c-arm",)),
            ProcedureLine(id="screwed", name="Screwed", short="Sc", minutes=60, needs=("screws",)),
            ProcedureLine(id="slept", name="Slept", short="Sl", minutes=60, recovery_minutes=90),
            ProcedureLine(id="clean", name="Clean", short="Cl", minutes=60, needs=("laminar-flow",)),
        ),
    )
    load_theatre(suite.theatre, SYSTEM, file)
    return suite


def case_of(suite: Suite, procedure: str, surgeon: str) -> Case:
    return suite.case(procedure=procedure, surgeon=surgeon)


def test_one_c_arm_is_in_one_room_and_the_sentence_names_the_other_case(suite: Suite) -> None:
    furnished = furnish(suite)
    first, second = case_of(furnished, "imaged", "s1"), case_of(furnished, "imaged", "s2")
    placed(furnished, first, "OR1", 8)
    with pytest.raises(Clash) as refused:
        placed(furnished, second, "OR2", 8.5)
    assert str(refused.value) == (
        f"C-arm is taken by case {first.number} in OR1 from 08:00 to 09:00."
        " The nearest start that works is 09:00 on Mon 23 Nov."
    ).replace("is taken by case", "is taken: by case")
    assert refused.value.nearest == at(9)
    placed(furnished, second, "OR2", 9)
    is_whole(furnished)


def test_a_set_is_away_until_it_is_ready_again_and_there_are_two(suite: Suite) -> None:
    furnished = furnish(suite)
    cases = [case_of(furnished, "screwed", surgeon) for surgeon in ("s1", "s2", "s1")]
    placed(furnished, cases[0], "OR1", 8)
    placed(furnished, cases[1], "OR2", 8.5)
    with pytest.raises(Clash) as refused:
        placed(furnished, cases[2], "OR3", 10)
    assert refused.value.nearest == at(11)
    assert "All 2 of Screw set are taken: one by case" in str(refused.value)
    placed(furnished, cases[2], "OR3", 11)
    is_whole(furnished)


def test_a_recovery_bed_is_held_after_the_slot(suite: Suite) -> None:
    furnished = furnish(suite)
    first, second = case_of(furnished, "slept", "s1"), case_of(furnished, "slept", "s2")
    placed(furnished, first, "OR1", 8)
    with pytest.raises(Clash) as refused:
        placed(furnished, second, "OR2", 8)
    assert refused.value.nearest == at(9.5)
    placed(furnished, second, "OR2", 9.5)
    is_whole(furnished)


def test_a_room_that_cannot_do_it_and_needs_that_nobody_has(suite: Suite) -> None:
    furnished = furnish(suite)
    case = case_of(furnished, "clean", "s1")
    with pytest.raises(Refused, match="OR3 can"):
        placed(furnished, case, "OR1", 8)
    placed(furnished, case, "OR3", 8)
    wrong = TheatreFile(procedures=(ProcedureLine(id="x", name="X", short="X", minutes=60, needs=("mri",)),))
    with pytest.raises(BadInput, match="mri"):
        load_theatre(furnished.theatre, SYSTEM, wrong)


def test_two_slots_are_exchanged_though_each_place_is_taken(suite: Suite) -> None:
    one, other = suite.case(surgeon="s1"), suite.case(surgeon="s2")
    placed(suite, one, "OR1", 8, 60)
    placed(suite, other, "OR2", 10, 90)
    first, second = swap(suite.theatre, suite.nurse, one.id, other.id)
    assert (first.room_id, first.start, first.end) == ("OR2", at(10), at(11))
    assert (second.room_id, second.start, second.end) == ("OR1", at(8), at(9.5))
    is_whole(suite)
    undo_last(suite.theatre, suite.nurse)
    board = {find_case(suite.theatre, str(c.number)).id: c for c in (one, other)}
    assert len(board) == 2
    is_whole(suite)


def test_a_swap_that_clashes_leaves_both_where_they_were(suite: Suite) -> None:
    one, other, third = suite.case(surgeon="s1"), suite.case(surgeon="s2"), suite.case(surgeon="b1")
    placed(suite, one, "OR1", 8, 60)
    placed(suite, other, "OR2", 8, 120)
    placed(suite, third, "OR1", 9, 60)
    before = suite.head()
    with pytest.raises(Clash):
        swap(suite.theatre, suite.nurse, one.id, other.id)
    assert suite.head() == before
    is_whole(suite)


def test_a_held_slot_is_confirmed_once(suite: Suite) -> None:
    case = suite.case()
    assert placed(suite, case, "OR1", 8, hold=True).held
    assert not confirm(suite.theatre, suite.nurse, case.id).held
    with pytest.raises(Refused, match="confirmed already"):
        confirm(suite.theatre, suite.nurse, case.id)
    is_whole(suite)


def test_a_released_case_waits_and_keeps_its_calendar_entry_when_it_is_booked_again(suite: Suite) -> None:
    case = suite.case()
    first = placed(suite, case, "OR1", 8)
    given = release(suite.theatre, suite.nurse, case.id, "", "XF03")
    assert given.cancelled
    assert find_case(suite.theatre, str(case.number)).state is CaseState.BOOKED
    again = placed(suite, case, "OR2", 12)
    assert (again.id, again.revision > given.revision) == (first.id, True)
    with pytest.raises(BadInput, match="no reason for a cancellation"):
        release(suite.theatre, suite.nurse, case.id, "", "XYZ")
    is_whole(suite)


def test_within_the_freeze_window_a_confirmed_slot_moves_only_with_a_reason(suite: Suite) -> None:
    suite.theatre.settings = suite.theatre.settings.model_copy(update={"freeze_hours": 48})
    case, held = suite.case(surgeon="s1"), suite.case(surgeon="s2")
    placed(suite, case, "OR1", 8)
    placed(suite, held, "OR2", 8, hold=True)
    with pytest.raises(Refused, match="begins within 48 h"):
        move(suite.theatre, suite.nurse, case.id, "OR1", at(9), 60)
    move(suite.theatre, suite.nurse, case.id, "OR1", at(9), 60, "surgeon late")
    move(suite.theatre, suite.nurse, held.id, "OR2", at(9), 60)


def test_the_last_changes_are_taken_back_one_by_one(suite: Suite) -> None:
    case = suite.case()
    placed(suite, case, "OR1", 8)
    move(suite.theatre, suite.nurse, case.id, "OR2", at(10), 60)
    cancel(suite.theatre, suite.nurse, case.id, "wrong day")
    assert find_case(suite.theatre, str(case.number)).state is CaseState.CANCELLED
    (slot,) = undo_last(suite.theatre, suite.nurse).slots
    assert (slot.room_id, slot.start, slot.cancelled) == ("OR2", at(10), False)
    assert find_case(suite.theatre, str(case.number)).state is CaseState.BOOKED
    is_whole(suite)
    (slot,) = undo_last(suite.theatre, suite.nurse).slots
    assert (slot.room_id, slot.start) == ("OR1", at(8))
    (slot,) = undo_last(suite.theatre, suite.nurse).slots
    assert slot.cancelled
    with pytest.raises(Refused, match="nothing of yours"):
        undo_last(suite.theatre, suite.nurse)
    is_whole(suite)


def test_a_case_that_was_cancelled_in_holding_is_restored_there_and_its_log_says_so(
    make_file_suite: Callable[..., Suite], tmp_path: Path
) -> None:
    small = SMALL.replace("stamps:\n", "stamps:\n" + PIH).replace("      - stamp: PIR\n", HELD + "      - stamp: PIR\n")
    (tmp_path / "small.yaml").write_text(small, "utf-8")
    suite = make_file_suite(checklists=str(tmp_path))
    case = suite.case()
    placed(suite, case, "OR1", 9)
    suite.act(case, StampMilestone("PIH"))
    cancel(suite.theatre, suite.nurse, case.id, "fever")
    undo_last(suite.theatre, suite.nurse)
    is_whole(suite)
    dossier = running.open_case(suite.theatre, case.id)
    assert (dossier.case.state, dossier.history.plans[-1].kind) == (CaseState.IN_HOLDING, "slot.restored")
    release(suite.theatre, suite.nurse, case.id, "no bed")
    history = running.open_case(suite.theatre, case.id).history
    assert [(one.kind, one.text) for one in history.remarks] == [
        ("slot.cancelled", "fever"),
        ("slot.released", "no bed"),
    ]


def test_a_code_counts_though_words_were_given_too(suite: Suite) -> None:
    case = suite.case()
    placed(suite, case, "OR1", 9)
    assert cancel(suite.theatre, suite.nurse, case.id, "ate at six", "XP02").cancel_reason == "XP02 ate at six"
    assert statistics_of(suite.theatre, Wanted()).find("cancelled_P02").n == 1
    is_whole(suite)


def test_a_case_that_ran_in_a_slot_nobody_confirmed_counts(suite: Suite) -> None:
    ran, still_held = suite.case(), suite.case(surgeon="s2")
    placed(suite, ran, "OR1", 8, hold=True)
    placed(suite, still_held, "OR2", 8, hold=True)
    suite.through(ran)
    assert statistics_of(suite.theatre, Wanted()).cases == 1


def test_a_case_that_was_carried_out_though_its_slot_was_given_back_is_on_every_list(suite: Suite) -> None:
    case, waits = suite.case(), suite.case(surgeon="s2")
    for one, room in ((case, "OR1"), (waits, "OR2")):
        placed(suite, one, room, 8)
        release(suite.theatre, suite.nurse, one.id, "no bed")
    suite.through(case)
    assert [one.case.id for one in day_board(suite.theatre).all_cases] == [case.id]
    assert [one.case.id for one in find_cases(suite.theatre, Wanted()).cases] == [case.id]
    assert statistics_of(suite.theatre, Wanted()).cases == 1


def test_what_somebody_else_changed_since_is_not_taken_back(suite: Suite) -> None:
    case = suite.case()
    placed(suite, case, "OR1", 8)
    other = Actor(suite.surgeon.person, "chosen")
    move(suite.theatre, other, case.id, "OR2", at(10), 60)
    with pytest.raises(Refused, match="changed again since"):
        undo_last(suite.theatre, suite.nurse)


def test_an_undo_whose_place_is_taken_meanwhile_is_refused_and_writes_nothing(suite: Suite) -> None:
    one, other = suite.case(surgeon="s1"), suite.case(surgeon="s2")
    placed(suite, one, "OR1", 8)
    move(suite.theatre, suite.nurse, one.id, "OR2", at(8), 60)
    placed(suite, other, "OR1", 8)
    undo_last(suite.theatre, suite.nurse)
    book(suite.theatre, suite.surgeon, other.id, "OR1", at(8), 60)
    before = suite.head()
    with pytest.raises(Clash):
        undo_last(suite.theatre, suite.nurse)
    assert suite.head() == before


def test_a_preview_says_what_would_be_and_writes_nothing(suite: Suite) -> None:
    case = suite.case()
    before = suite.head()
    slot = preview(suite.theatre, lambda actor: book(suite.theatre, actor, case.id, "OR1", at(8), 60))
    assert slot.start == at(8)
    assert suite.head() == before


def test_the_nearest_start_lies_in_opening_hours_though_the_site_only_warns_of_them(suite: Suite) -> None:
    room = RoomLine(id="OR1", name="Theatre 1", hours="mon-fri 07:00-16:00")
    load_theatre(suite.theatre, SYSTEM, TheatreFile(rooms=(room,)))
    placed(suite, suite.case(surgeon="s1"), "OR1", 13, 180)
    with pytest.raises(Clash) as refused:
        placed(suite, suite.case(surgeon="s2"), "OR1", 14)
    assert refused.value.nearest == at(7, day=24)
    assert placed(suite, suite.case(surgeon="s2"), "OR1", 17).warnings == (
        "OR1 is not open for all of it (mon-fri 07:00-16:00).",
    )


def test_a_case_that_waits_is_cancelled_and_restored_and_was_never_scheduled(suite: Suite) -> None:
    never, once = suite.case(), suite.case(surgeon="s2")
    with pytest.raises(Refused, match="needs a reason"):
        cancel(suite.theatre, suite.nurse, never.id, "")
    placed(suite, once, "OR1", 8)
    release(suite.theatre, suite.nurse, once.id, "room flooded")
    for case in (never, once):
        assert cancel(suite.theatre, suite.nurse, case.id, "treated elsewhere", "XP01") is None
    assert waiting_list(suite.theatre) == []
    is_whole(suite)
    dossier = running.open_case(suite.theatre, never.id)
    assert [(one.kind, one.text) for one in dossier.history.remarks] == [("case.cancelled", "XP01 treated elsewhere")]
    assert Replay(dossier, case_entries(suite.theatre, never.id)).frame(2).dossier.case.state is CaseState.CANCELLED
    assert statistics_of(suite.theatre, Wanted()).cases == 0
    with pytest.raises(Refused, match="is cancelled"):
        cancel(suite.theatre, suite.nurse, never.id, "again")
    assert undo_last(suite.theatre, suite.nurse).slots == ()
    assert [one.case.number for one in waiting_list(suite.theatre)] == [once.number]
    assert undo_last(suite.theatre, suite.nurse).slots == ()
    assert {one.case.number for one in waiting_list(suite.theatre)} == {never.number, once.number}
    (back,) = undo_last(suite.theatre, suite.nurse).slots
    assert (back.case_id, back.cancelled) == (once.id, False)
    is_whole(suite)


def test_a_slot_is_not_taken_back_for_a_case_that_somebody_cancelled_since(suite: Suite) -> None:
    case = suite.case()
    placed(suite, case, "OR1", 8)
    release(suite.theatre, suite.nurse, case.id, "room flooded")
    cancel(suite.theatre, Actor(suite.surgeon.person, "chosen"), case.id, "treated elsewhere")
    with pytest.raises(Refused, match="changed again since"):
        undo_last(suite.theatre, suite.nurse)
    is_whole(suite)


def test_a_need_that_cannot_be_read_hides_no_case_and_lets_it_lie_nowhere(suite: Suite) -> None:
    strange, other = suite.case(), suite.case(surgeon="s2")
    with suite.theatre.store.writing() as session:
        row = session.get(CaseRow, strange.id)
        assert row is not None
        row.needs = "(laser), 0x drill"
        session.add(row)
    assert {one.case.number for one in waiting_list(suite.theatre)} == {strange.number, other.number}
    with pytest.raises(Refused, match=f"Case {strange.number} needs"):
        placed(suite, strange, "OR1", 8)
    placed(suite, other, "OR1", 8)
