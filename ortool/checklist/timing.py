"""How long a phase and a whole operation may take: lognormal rows, joined by simulation, never summed.

Source of the method: May/Strum/Vargas (lognormal surgery times) and the fact base §7.3: mu = ln(P50),
sigma = ln(P90/P50)/1.2816, common-factor correlation 0.3 (assumed, EST).
"""

import math
import random
from functools import lru_cache

DRAWS = 8_000
CORRELATION = 0.3
Z90 = 1.2815515655446004

Rows = tuple[tuple[float, float], ...]


@lru_cache(maxsize=256)
def joint(rows: Rows) -> tuple[float, float]:
    """Return (P50, P90) in minutes of the sum of lognormal `rows` of (P50, P90) minutes. Same rows, same answer."""
    if not rows:
        return 0.0, 0.0
    if len(rows) == 1:
        return rows[0]
    totals = sorted(_draw(rows))
    return totals[len(totals) // 2], totals[int(len(totals) * 0.9)]


def _draw(rows: Rows) -> list[float]:
    generator = random.Random(20261122)
    gauss = generator.gauss
    shared_weight, own_weight = math.sqrt(CORRELATION), math.sqrt(1 - CORRELATION)
    parameters = [(math.log(p50), math.log(p90 / p50) / Z90) for p50, p90 in rows]
    totals: list[float] = []
    for _ in range(DRAWS // 2):
        shared = shared_weight * gauss(0, 1)
        own = [own_weight * gauss(0, 1) for _ in rows]
        for sign in (1, -1):
            totals.append(
                sum(
                    math.exp(mu + sigma * sign * (shared + noise))
                    for (mu, sigma), noise in zip(parameters, own, strict=True)
                )
            )
    return totals
