"""Small helpers of the benchmarks: quantiles, and one line per figure."""

import statistics
import time
from collections.abc import Callable


def timed(deed: Callable[[], object], times: int) -> list[float]:
    """Return how long each of `times` deeds took, in milliseconds."""
    took: list[float] = []
    for _ in range(times):
        began = time.perf_counter()
        deed()
        took.append((time.perf_counter() - began) * 1000)
    return took


def p(took: list[float], percent: int) -> float:
    """Return a percentile."""
    return statistics.quantiles(took, n=100, method="inclusive")[percent - 1]


def line(name: str, took: list[float], baseline: list[float] | None = None) -> str:
    """Return one figure as a line, with its ratio to the baseline of the same run."""
    words = f"{name:<44} p50 {p(took, 50):8.3f} ms   p99 {p(took, 99):8.3f} ms   n {len(took)}"
    return words + (f"   p50 ratio {p(took, 50) / p(baseline, 50):5.2f}" if baseline else "")
