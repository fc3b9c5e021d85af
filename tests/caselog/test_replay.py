"""A replay is the fold of what had been typed by then: entry by entry, forwards and backwards, the same."""

from datetime import timedelta

from ortool.caselog.history import read_history
from ortool.caselog.milestones import CaseState
from ortool.caselog.replay import Replay, nearest
from ortool.checklist.run import fold
from tests.caselog.a_case import at, dossier, eventful

ENTRIES = sorted(eventful(), key=lambda entry: entry.seq)
REPLAY = Replay(dossier(), ENTRIES)
FRESH = Replay(dossier(), ENTRIES)


def test_every_frame_is_the_fold_of_its_entries_in_any_order_of_looking() -> None:
    order = [*range(len(ENTRIES), -1, -1), *range(len(ENTRIES) + 1)]
    for index in order:
        frame = REPLAY.frame(index)
        run, folded = frame.dossier.run, fold(frame.dossier.run.base, ENTRIES[:index])  # type: ignore[union-attr]
        assert run is not None
        assert (run.live, run.undone, run.taken_back) == (folded.live, folded.undone, folded.taken_back)
        assert frame.dossier.history == read_history(ENTRIES[:index])
        assert frame.dossier.version == index


def test_what_was_typed_late_is_on_no_screen_before() -> None:
    seqs = [entry.seq for entry in ENTRIES]
    late = next(entry for entry in ENTRIES if entry.recorded_at - entry.occurred_at > timedelta(minutes=5))
    one = Replay(dossier(), [late])
    assert one.index_at(late.occurred_at) == 0
    assert one.index_at(late.recorded_at) == 1
    assert seqs == sorted(seqs)


def test_undone_answers_come_and_go() -> None:
    undone = next(index for index, entry in enumerate(ENTRIES) if entry.kind == "entry.undone")
    before, after = FRESH.frame(undone), FRESH.frame(undone + 1)
    assert "TMO.1" in before.dossier.run.answers  # type: ignore[union-attr]
    assert "TMO.1" not in after.dossier.run.answers  # type: ignore[union-attr]
    assert after.words == "undone: TMO.1 done"


def test_the_state_of_the_case_follows() -> None:
    states = [REPLAY.frame(index).dossier.case.state for index in range(len(ENTRIES) + 1)]
    assert states[0] is CaseState.BOOKED
    assert states[-1] is CaseState.SIGNED
    assert CaseState.RUNNING in states
    assert REPLAY.frame(-5).index == 0
    assert REPLAY.frame(10**6).index == len(ENTRIES)
    assert REPLAY.frame(0).at == at("06:00")


def test_phases_are_jumped_to_in_both_directions() -> None:
    starts = REPLAY.phase_starts()
    assert [REPLAY.frame(index).entry.body["stamp"] for index in starts] == ["PIR", "PST", "PF", "APACU"]  # type: ignore[union-attr]
    assert nearest(starts, 0, 1) == starts[0]
    assert nearest(starts, starts[1], -1) == starts[0]
    assert nearest(starts, starts[0], -1) == 0
    assert nearest(starts, starts[-1], 1) == starts[-1]
