"""Whatever is said at the table, in whatever order: the promises that always hold."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ortool.checklist import moments
from ortool.checklist.clocks import clocks
from ortool.checklist.commands import (
    AddToCount,
    AnswerItem,
    AnswerTimer,
    Command,
    DeclareEmergency,
    EndEmergency,
    GiveReason,
    JoinTeam,
    LeaveTeam,
    PassGate,
    RecordCount,
    ReopenPause,
    SnoozeTimer,
    StampMilestone,
    StartEvent,
    StartTimer,
    Undo,
)
from ortool.checklist.definition import ItemType
from ortool.checklist.earlier import raised
from ortool.checklist.extras import as_pause
from ortool.checklist.phases import phase_clocks
from ortool.checklist.records import GatePass, Given, Stamp, State
from ortool.checklist.run import Run, advance, fold
from ortool.checklist.signals import signals
from ortool.errors import Refused
from ortool.presentation.alerts import alert_lines
from ortool.presentation.clock_lines import clock_lines
from ortool.presentation.run_rows import View, run_rows
from tests.checklist.test_extras import EVENTS
from tests.checklist.test_run_rules import ANAESTHETIST, NURSE, SCRUB, SURGEON, Table
from tests.services.suite import SMALL, small_plan, whole_case

TEAM = (NURSE, SCRUB, SURGEON, ANAESTHETIST)
ITEMS = tuple(Table().plan.items)
STAMPS = ("PIR", "AI", "PST", "PCB", "POR")
VALUES = (
    "", "", "81.5", "left", "cefazolin", "IMG-1", "none known", "999", "2026-11-23T07:50:00Z", "2026-11-22T07:50:00Z",
    "TRAY 7", "(01)05012345678900(10)LOT", "(01)05012345678900(17)261001",
)  # fmt: skip
REASONS = ("", "emergency")
voices = st.sampled_from((None, *TEAM))

answers = st.builds(
    AnswerItem, st.sampled_from(ITEMS), st.sampled_from(State), st.sampled_from(VALUES), st.sampled_from(REASONS),
    voices, st.sampled_from(("", "TO", "SO")), confirms=st.sampled_from((0, 0, 0, 1, 2, 3)),
)  # fmt: skip
sides = st.builds(
    AnswerItem, st.sampled_from(("planned", "TO.side")), st.sampled_from((State.DONE, State.DONE, State.NO)),
    st.sampled_from(("", "left", "right")), st.sampled_from(REASONS),
)  # fmt: skip
stamps = st.builds(StampMilestone, st.sampled_from(STAMPS), st.none(), st.sampled_from(REASONS))
passes = st.builds(
    PassGate, st.sampled_from(("SI", "TO", "LV", "SO")), st.sampled_from(STAMPS), st.just("emergency"), voices
)
found = st.fixed_dictionaries({"sponges": st.integers(9, 11), "needles": st.just(4)})
counts = st.builds(RecordCount, st.sampled_from(("baseline", "closing")), found, voices)
added = st.builds(AddToCount, st.just("sponges"), st.integers(-2, 2))
undone = st.builds(Undo, st.integers(1, 40), st.sampled_from(REASONS))
usual = st.sampled_from(whole_case(ANAESTHETIST, SCRUB))
commands = st.one_of(usual, usual, usual, answers, sides, stamps, stamps, passes, counts, added, undone)
days = st.lists(st.tuples(commands, st.sampled_from(TEAM), st.integers(0, 90)), max_size=45)
much = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])

Said = list[tuple[Command, Any, int]]


def play(said: Said, table: Table | None = None) -> Table:
    """Say everything; what the rules refuse is not entered."""
    table = table or Table()
    for command, who, seconds in said:
        table.now += timedelta(seconds=seconds)
        try:
            table.say(command, who)
        except Refused:
            continue
    return table


def usual_day(skipped: Iterable[int] = ()) -> Said:
    """Return the usual case, without some of its commands."""
    left_out = set(skipped)
    said = whole_case(ANAESTHETIST, SCRUB)
    return [(command, NURSE, 20) for n, command in enumerate(said) if n not in left_out]  # type: ignore[misc]


@much
@given(days, st.integers(0, 60), st.integers(0, 60))
def test_folding_from_any_cut_gives_the_same_run(said: Said, one: int, two: int) -> None:
    table = play(said)
    first, second = sorted((one, two))
    lines = table.lines
    in_parts = advance(advance(fold(table.plan, lines[:first]), lines[first:second]), lines[second:])
    assert in_parts == fold(table.plan, lines) == table.run


def test_the_walk_reaches_the_end_of_a_case() -> None:
    assert set(play(usual_day()).run.stamps) == set(STAMPS)


def gates_at(table: Table) -> Iterable[tuple[Run, Stamp]]:
    """Yield each first stamp with the run as it was just before it."""
    run, seen = Run(table.plan), set[str]()
    for line in table.lines:
        before, run = run, advance(run, [line])
        stamp = line.body.get("stamp") if line.kind == "milestone.stamped" else None
        if stamp and stamp not in before.stamps:
            seen.add(stamp)
            yield before, run.stamps[stamp]


@much
@given(days, st.sets(st.integers(0, 17), max_size=4))
def test_no_gate_is_passed_in_silence(said: Said, skipped: set[int]) -> None:
    table = play(said, play(usual_day(skipped)))
    for before, stamp in gates_at(table):
        for pause in table.plan.gated_by.get(stamp.stamp, ()):
            missing = {item.id for item in before.missing(pause, stamp.occurred_at)}
            passed = before.passes.get(pause.id)
            assert missing <= set(passed.missing if passed else ())
            assert not (missing and pause.definition.never_whole)


@much
@given(days, st.sets(st.integers(0, 17), max_size=4))
def test_a_pass_that_was_used_still_stands_or_its_stamp_was_taken_back(said: Said, skipped: set[int]) -> None:
    table = play(said, play(usual_day(skipped)))
    for record in table.run.taken_back:
        if isinstance(record, GatePass):
            undone_at = next(one.seq for one in table.run.undone if one.ref == record.seq)
            then = fold(table.plan, table.lines[: undone_at - 1])
            assert record.target not in then.stamps


@much
@given(days, st.integers(0, 60))
def test_undo_restores_the_run_exactly(said: Said, position: int) -> None:
    table = play(said)
    before = table.run
    if not before.live:
        return
    one = before.live[position % len(before.live)]
    without = [line for line in table.lines if line.seq != one.seq]
    try:
        table.say(Undo(one.seq, "wrong"))
    except Refused:
        assert isinstance(one, GatePass)
        return
    assert table.run.live == fold(table.plan, without).live
    assert table.run.taken_back[-1] == one


@much
@given(days, answers | sides | stamps | counts | added)
def test_a_step_and_its_undo_leave_what_was(said: Said, step: Command) -> None:
    table = play(said)
    before = table.run
    try:
        entered = table.say(step)
    except Refused:
        return
    table.say(Undo(entered))
    assert table.run.live == before.live
    assert (table.run.answers, table.run.stamps, table.run.ledger) == (before.answers, before.stamps, before.ledger)


@much
@given(days)
def test_what_was_put_off_is_asked_again_or_answered(said: Said) -> None:
    put_off = (AnswerItem("SI.images", State.DEFERRED, defer_to="TO"), NURSE, 5)
    run = play(said, play([put_off])).run
    answer = run.answers.get("SI.images")
    if answer is None or answer.state is not State.DEFERRED:
        return
    time_out = run.plan.pauses["TO"]
    assert "SI.images" in [item.id for item in run.items_of(time_out)]
    assert "SI.images" in [item.id for item in run.missing(time_out, play(said).now)]


@much
@given(days, st.sets(st.integers(0, 17), max_size=4), days)
def test_a_confirmed_answer_says_what_stands_or_is_asked_again(said: Said, skipped: set[int], later: Said) -> None:
    planned: Said = [(AnswerItem("planned", State.DONE, "left"), SURGEON, 5)]
    table = play(later, play(usual_day(skipped), play(said, play(planned))))
    run, now = table.run, table.now
    for answer in run.answers.values():
        if not answer.confirms or answer.state is not State.DONE:
            continue
        before = run.answers.get(answer.confirms)
        holds = before is not None and before.state is State.DONE and before.value == answer.value
        pause = run.plan.pause_of[answer.item]
        reopened = answer.item in [item.id for item in run.missing(pause, now)]
        assert holds == (not reopened and answer not in raised(run))
        assert reopened is False or not run.is_passed(pause)


@much
@given(days)
def test_times_and_labels_that_stand_are_whole(said: Said) -> None:
    run = play(said).run
    for answer in run.answers.values():
        item = run.plan.items[answer.item]
        if item.type is ItemType.TIME and answer.state is State.DONE:
            named = moments.read(answer.value)
            assert named is not None
            assert named <= answer.occurred_at + timedelta(minutes=1)
            assert answer.reason or answer.occurred_at - named <= moments.PLAUSIBLE
        if item.type is ItemType.SCAN and answer.state is State.DONE:
            assert answer.value
            assert not answer.stops
        assert not answer.stops or answer.state is State.OVERRIDDEN
        assert not answer.stops or answer.second or answer.seq in {one.seq for one in run.owed} or answer.reason


@much
@given(days)
def test_every_view_of_every_run_can_be_shown(said: Said) -> None:
    table = play(said)
    for pause in table.plan.pauses.values():
        assert table.run.pause_state(pause, table.now)
    assert len(phase_clocks(table.run, table.now)) == 3
    assert [table.run.is_step_closed(step, table.now) for step in table.plan.steps]


@much
@given(days)
def test_the_ledger_expects_the_first_count_and_all_that_was_added_since(said: Said) -> None:
    run = play(said, play(usual_day(range(2, 18)))).run
    if not run.ledger.counts:
        return
    first = run.ledger.counts[0]
    since = sum(one.number for one in run.ledger.added if one.seq > first.seq)
    assert run.ledger.expected()["sponges"] == first.found["sponges"] + since


TIMERS = """
timers:
  - {id: lying, title: Look at the eyes, short: eyes, starts: PST, stops: [POR], minutes: 1, repeat: true,
     evidence: [EST]}
  - {id: again, title: Next dose, short: dose, starts: dose, by_choice: {cefazolin: 2, vancomycin: site},
     evidence: [EST]}
  - {id: dry, title: Skin dries, short: dry, starts: hand, stops: [PCB], seconds: [30, 60], evidence: [EST]}
"""
WIDE = small_plan(text=SMALL + EVENTS + TIMERS)
EVENT = as_pause(WIDE.checklist.events[0])
AGAIN = tuple(item.id for pause in WIDE.pauses.values() for item in pause.items)
ROLES = ("surgeon", "scrub", "circulating_nurse", "anaesthetist")
CLOCKS = ("lying", "again", "dry")
entries = st.integers(1, 60)
people = st.sampled_from(TEAM)
on_the_way = st.one_of(
    st.just(StartEvent("BLEED")),
    st.builds(ReopenPause, st.sampled_from((*WIDE.pauses, "BLEED#1")), st.sampled_from(REASONS)),
    st.builds(DeclareEmergency, st.sampled_from(REASONS)),
    st.just(EndEmergency()),
    st.builds(GiveReason, entries, st.sampled_from(REASONS), voices),
    st.builds(JoinTeam, people, st.sampled_from(ROLES), st.sampled_from(("", *(one.id for one in TEAM)))),
    st.builds(LeaveTeam, st.sampled_from([one.id for one in TEAM]), st.sampled_from(ROLES)),
    st.builds(StartTimer, st.sampled_from(CLOCKS)),
    st.builds(AnswerTimer, st.sampled_from(CLOCKS)),
    st.builds(SnoozeTimer, st.sampled_from(CLOCKS), st.integers(0, 5), st.sampled_from(REASONS)),
)
answers_there = st.builds(
    AnswerItem,
    st.builds(
        "{}#{}".format, st.sampled_from((*AGAIN, *(item.id for item in EVENT.items))), st.integers(1, 3)
    ),
    st.sampled_from(State), st.sampled_from(VALUES), st.sampled_from(REASONS), voices,
)  # fmt: skip
wide_commands = st.one_of(
    usual, usual, on_the_way, on_the_way, answers, sides, answers_there, stamps, passes, undone, undone
)
wide_days = st.lists(st.tuples(wide_commands, people, st.integers(0, 90)), max_size=50)


def wide(*said: Said) -> Table:
    """Play days on a checklist with an event and clocks."""
    table = Table()
    table.plan, table.run = WIDE, Run(WIDE)
    for one in said:
        play(one, table)
    return table


@much
@given(wide_days, st.integers(0, 60), st.integers(0, 60))
def test_what_came_on_the_way_folds_the_same_from_any_cut(said: Said, one: int, two: int) -> None:
    table = wide(said)
    first, second = sorted((one, two))
    lines = table.lines
    in_parts = advance(advance(fold(WIDE, lines[:first]), lines[first:second]), lines[second:])
    assert in_parts == fold(WIDE, lines) == table.run
    assert in_parts.plan == table.run.plan


opened_and_undone = st.lists(
    st.tuples(
        st.one_of(
            st.just(StartEvent("BLEED")),
            st.just(ReopenPause("SI", "moved")),
            st.builds(Undo, st.integers(2, 8), st.just("wrong")),
        ),
        people,
        st.just(5),
    ),
    max_size=10,
)


@much
@given(opened_and_undone)
def test_no_two_pauses_are_the_same_one(said: Said) -> None:
    table = wide([(AnswerItem("SI.consent", State.DONE), NURSE, 5)], said)
    steps = [step.id for step in table.run.plan.steps]
    assert len(steps) == len(set(steps))


@much
@given(wide_days, st.integers(0, 60))
def test_undo_takes_back_exactly_one_record_of_any_kind(said: Said, position: int) -> None:
    table = wide(said)
    before = table.run
    if not before.live:
        return
    one = before.live[position % len(before.live)]
    without = [line for line in table.lines if line.seq != one.seq]
    try:
        table.say(Undo(one.seq, "wrong"))
    except Refused:
        return
    after = fold(WIDE, without)
    assert (table.run.live, table.run.plan) == (after.live, after.plan)
    assert (table.run.team, table.run.owed, table.run.timer_marks) == (after.team, after.owed, after.timer_marks)
    assert table.run.taken_back[-1] == one


@much
@given(wide_days, on_the_way | answers_there)
def test_a_step_on_the_way_and_its_undo_leave_what_was(said: Said, step: Command) -> None:
    table = wide(said)
    before = table.run
    try:
        entered = table.say(step)
    except Refused:
        return
    table.say(Undo(entered))
    assert (table.run.live, table.run.plan, table.run.owed) == (before.live, before.plan, before.owed)
    assert (table.run.team, table.run.is_emergency) == (before.team, before.is_emergency)


@much
@given(wide_days, st.sets(st.integers(0, 17), max_size=5), wide_days)
def test_no_gate_is_passed_in_silence_even_in_an_emergency(said: Said, skipped: set[int], later: Said) -> None:
    table = wide(said, usual_day(skipped), later)
    for before, stamp in gates_at(table):
        assert not stamp.passed or before.is_emergency
        for pause in before.plan.gated_by.get(stamp.stamp, ()):
            missing = {item.id for item in before.missing(pause, stamp.occurred_at)}
            accepted = before.passes.get(pause.id)
            silent = missing - set(accepted.missing if accepted else ())
            assert not silent or pause.id in stamp.passed
    reasons = [table.run.find(one.ref) for one in table.run.live if isinstance(one, Given)]
    explained = {one.stamp for one in reasons if isinstance(one, Stamp)}
    for stamp in table.run.stamps.values():
        assert not stamp.passed or stamp in table.run.owed or stamp.stamp in explained


@much
@given(wide_days)
def test_what_was_put_off_is_not_lost_on_the_way(said: Said) -> None:
    put_off = (AnswerItem("SI.images", State.DEFERRED, defer_to="TO"), NURSE, 5)
    table = wide([put_off], said)
    answer = table.run.answers.get("SI.images")
    if answer is not None and answer.state is State.DEFERRED:
        time_out = table.run.plan.pauses["TO"]
        assert "SI.images" in [item.id for item in table.run.missing(time_out, table.now)]


@much
@given(wide_days)
def test_every_view_of_what_came_on_the_way_can_be_shown(said: Said) -> None:
    table = wide(said)
    run, view = table.run, View(table.now, ZoneInfo("UTC"))
    rows = run_rows(run, view)
    assert {row.id for row in rows} >= {step.id for step in run.plan.steps}
    alert_lines(run, view, 80)
    signals(run, 5)
    for site in ({}, {"dry": 40, "again-vancomycin": "3 min DEMO"}):
        clock_lines(clocks(run, table.now, site), 80)
    assert all(pause.id in run.plan.pauses for pause in run.plan.pauses.values())
    assert {stint.until for stint in run.present} <= {None}
