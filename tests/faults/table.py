"""Which rows each line of the table has, and how much each of them tries in the long form."""

from collections.abc import Callable, Iterator

from tests.benchmarks.commit import commit
from tests.benchmarks.verify import rebuild, verify
from tests.faults import backups, clocks, herds, schedulers, selection
from tests.faults.full_disk import KINDS, fill, may_mount
from tests.faults.guesses import guess
from tests.faults.outcome import Outcome, new_seed
from tests.faults.place import POSTGRESQL, SQLITE, a_database
from tests.faults.power import cut_power
from tests.faults.program import Plan
from tests.faults.refusing_disk import refuse, refuse_by_strace
from tests.faults.selection import Selection
from tests.faults.tape import has_strace
from tests.faults.theatre_day import simulate
from tests.faults.trouble import jepsen
from tests.journal import tamper

Long = Callable[[float], Iterator[Outcome]]
BOTH = (SQLITE, POSTGRESQL)


def many(number: float, scale: float, least: int = 1) -> int:
    """Return a number of rounds at a scale."""
    return max(least, round(number * scale))


def cases(*selections: Selection) -> Long:
    """Return a line that is told by test cases."""

    def told(scale: float) -> Iterator[Outcome]:
        for one in selections:
            yield one.run(scale)

    return told


def power(scale: float) -> Iterator[Outcome]:
    """T1, by both recorders, and its control."""
    for recorder in ("layer", "layer" if has_strace() else "strace"):
        yield cut_power(recorder, many(25_000, scale), new_seed(), Plan(cases=12, ticks=20))
    yield cut_power("layer", many(2_500, scale), new_seed(), Plan(synchronous="NORMAL"), control=True)


def kills(scale: float) -> Iterator[Outcome]:
    """T2."""
    yield herds.kills(many(1_000, scale), new_seed())


def refusals(scale: float) -> Iterator[Outcome]:
    """T3."""
    yield refuse(many(100, scale), 80, new_seed())
    if not has_strace():
        yield refuse_by_strace(many(20, scale), 80)


def full(scale: float) -> Iterator[Outcome]:
    """T4."""
    for kind in KINDS:
        if kind != "tmpfs" or not may_mount():
            yield fill(kind, many(10, scale))


def queue(scale: float) -> Iterator[Outcome]:
    """T5 and its control."""
    yield herds.queue(many(1_000, scale, 10), 250)
    yield herds.naive_queue(many(200, scale, 20))


def stress(scale: float) -> Iterator[Outcome]:
    """T6."""
    yield herds.wal_reset(many(10, scale), many(100, scale, 2))


def herd(scale: float) -> Iterator[Outcome]:
    """T8 and its controls."""
    from tests.postgres.cuts import naive_herd

    for store in BOTH:
        yield herds.herd(many(5_000, scale), store)
    yield herds.naive_herd(many(500, scale))
    yield naive_herd(a_database(), many(500, scale))


def mixture(scale: float) -> Iterator[Outcome]:
    """T9, and its control."""
    for store in BOTH:
        yield herds.mixture(many(100_000, scale, 800), new_seed(), store)
        yield schedulers.rush(8, 5, many(500, scale, 10), new_seed(), store)
        yield schedulers.unguarded(200, new_seed(), store)


def cuts(scale: float) -> Iterator[Outcome]:
    """T10 and its control."""
    from tests.postgres.behind import furnished_behind
    from tests.postgres.cuts import cut_ticks, fresh_ids

    with furnished_behind() as one:
        yield cut_ticks(one, many(10_000, scale, 10), new_seed())
    with furnished_behind() as one:
        yield fresh_ids(one, many(200, scale, 5))


def shots(scale: float) -> Iterator[Outcome]:
    """T11."""
    from tests.postgres.cuts import shoot_server

    yield shoot_server(many(50, scale))


def same_item(scale: float) -> Iterator[Outcome]:
    """T12."""
    yield herds.same_item(many(1_000, scale, 10), 100)


def alterations(scale: float) -> Iterator[Outcome]:
    """T13 and its control."""
    yield from tamper.rows(many(1_000, scale, 10), new_seed())


def speed(scale: float) -> Iterator[Outcome]:
    """T14."""
    yield verify(many(650_000, scale, 10_000))
    yield rebuild(many(650_000, scale, 10_000))


def latency(scale: float) -> Iterator[Outcome]:
    """T15."""
    yield commit(many(1_000, scale, 100))


def histories(scale: float) -> Iterator[Outcome]:
    """T20."""
    for store in BOTH:
        yield jepsen(many(1_800, scale, 10), new_seed(), store)


def days(scale: float) -> Iterator[Outcome]:
    """T21."""
    yield simulate(many(10_000, scale), new_seed())


def copies(scale: float) -> Iterator[Outcome]:
    """T22."""
    yield from backups.all_of(many(200, scale, 3), new_seed())


def wall_clock(scale: float) -> Iterator[Outcome]:
    """T23."""
    yield clocks.jumps(many(10_000, scale), new_seed())
    yield clocks.quiet(many(10_000, scale), new_seed())
    yield selection.T23.run(scale)


def guesses(scale: float) -> Iterator[Outcome]:
    """T25."""
    for store in BOTH:
        yield guess(many(10_000, scale, 320), store)
    yield selection.T25.run(scale)


TABLE: dict[str, Long] = {
    "T1": power, "T2": kills, "T3": refusals, "T4": full, "T5": queue, "T6": stress, "T7": cases(*selection.T7),
    "T8": herd, "T9": mixture, "T10": cuts, "T11": shots, "T12": same_item, "T13": alterations, "T14": speed,
    "T15": latency, "T16": cases(selection.T16), "T17": cases(selection.T17), "T18": cases(selection.T18),
    "T19": cases(selection.T19), "T20": histories, "T21": days, "T22": copies, "T23": wall_clock,
    "T24": cases(selection.T24), "T25": guesses, "T26": cases(selection.T26), "T27": cases(selection.T27),
}  # fmt: skip
