"""How long a test waits for what takes a known time on an idle machine."""

import os


def patient(seconds: float) -> float:
    """Return a limit in wall-clock seconds: as it is on an idle machine, longer by as much as this one is busy."""
    return seconds * (1 + os.getloadavg()[0] / (os.cpu_count() or 1))
