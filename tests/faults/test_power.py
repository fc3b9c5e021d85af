"""The power goes: no acknowledged deed is lost, whatever of the unsynced sectors had reached the disk."""

from pathlib import Path

import pytest

from tests.benchmarks.commit import syncs_per_tick
from tests.faults.outcome import expect, new_seed
from tests.faults.power import Disk, cut_power
from tests.faults.program import Plan
from tests.faults.tape import RECORDERS, Op, has_strace
from tests.services.suite import Clock, furnish, settings

STATES = 600  # by each recorder; the long form tries thousands


@pytest.mark.parametrize("recorder", sorted(RECORDERS))
def test_no_acknowledged_deed_is_lost_in_a_power_cut(recorder: str) -> None:
    without = has_strace() if recorder == "strace" else ""
    if without:  # then the layer inside the process shows the same, on a tape of its own
        print(f"recorded by the layer: {without}")
    expect(cut_power("layer" if without else recorder, STATES, new_seed()))


def test_the_simulator_has_teeth() -> None:
    expect(cut_power("layer", 300, new_seed(), Plan(synchronous="NORMAL"), control=True))


def test_a_tick_costs_one_sync() -> None:
    cost = syncs_per_tick("layer", 100)
    assert 1 <= cost <= 1.25


def test_both_recorders_see_the_same_steps(tmp_path: Path) -> None:
    if why := has_strace():
        pytest.skip(f"only strace sees from outside the process, and {why}")
    counts = []
    for name, record in RECORDERS.items():
        path = tmp_path / name / "ortool.db"
        furnish(path, settings(), Clock()).close()
        ops = record(path, Plan(cases=1, ticks=4)).ops
        steps = [(op.kind, op.file) for op in ops if op.kind in ("sync", "ack", "truncate")]
        counts.append((steps, {op.file for op in ops if op.kind == "write"}))
    assert counts[0] == counts[1]


def test_a_disk_keeps_what_was_synced_and_any_of_the_rest() -> None:
    disk = Disk({"": b"old" + bytes(1021)})
    disk.take(Op("write", "", 0, b"a" * 1024))
    disk.take(Op("write", "-wal", 500, b"b" * 24))
    assert [len(op.data) for op in disk.pending] == [512, 512, 12, 12]
    files = disk.after_cut([False, True, False, True])
    assert (bytes(files[""]), bytes(files["-wal"])) == (b"old" + bytes(509) + b"a" * 512, bytes(512) + b"b" * 12)
    disk.take(Op("sync", ""))
    assert disk.durable[""] == b"a" * 1024
    assert [op.file for op in disk.pending] == ["-wal", "-wal"]
