"""Whatever is said at the table, in whatever order: the promises that always hold."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ortool.checklist.commands import AddToCount, AnswerItem, Command, PassGate, RecordCount, StampMilestone, Undo
from ortool.checklist.phases import phase_clocks
from ortool.checklist.records import GatePass, Stamp, State
from ortool.checklist.run import Run, advance, fold
from ortool.errors import Refused
from tests.checklist.test_run_rules import ANAESTHETIST, NURSE, SCRUB, SURGEON, Table
from tests.services.suite import whole_case

TEAM = (NURSE, SCRUB, SURGEON, ANAESTHETIST)
ITEMS = tuple(Table().plan.items)
STAMPS = ("PIR", "AI", "PST", "PCB", "POR")
VALUES = ("", "81.5", "left", "cefazolin", "IMG-1", "none known", "999")
REASONS = ("", "emergency")
voices = st.sampled_from((None, *TEAM))

answers = st.builds(
    AnswerItem, st.sampled_from(ITEMS), st.sampled_from(State), st.sampled_from(VALUES), st.sampled_from(REASONS),
    voices, st.sampled_from(("", "TO", "SO")),
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
commands = st.one_of(usual, usual, usual, answers, stamps, stamps, passes, counts, added, undone)
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
@given(days, answers | stamps | counts | added)
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
