"""The clock of one terminal, guarded: does the time of day run as the time since the start of the computer does?

Order in the journal is by number, never by time; what is guarded here is what people read off a time.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

from ortool.errors import Refused
from ortool.journal.entry import from_micros, to_micros

TOLERANCE = timedelta(seconds=2)
SYNC_ASKED_EVERY_NS = 60 * 1_000_000_000
_TIME_ERROR = 5
CLOSE_NS = 50_000_000
READINGS = 20


class ClockState(IntEnum):
    """What an entry says of the clock that it was written by. `JUMPED` stays until the jump is taken back."""

    UNKNOWN = 0
    SYNCED = 1
    UNSYNCED = 2
    JUMPED = 3


class ClockDoubt(Refused):
    """The clock stands before the newest entry: somebody has to say that it is right before anything is written."""


def wall_clock() -> datetime:
    """Return the computer's own time (UTC), whatever clock is played above it."""
    return datetime.now(UTC)


def steady_ns() -> int:
    """Return nanoseconds since this computer was started, sleep included: nobody can set this clock."""
    # Elsewhere than on Linux the monotonic clock goes on in sleep by itself.
    return time.clock_gettime_ns(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def is_synchronised() -> bool | None:
    """Return whether the system says that its clock is kept by a time server, None where it does not tell."""
    import ctypes

    try:
        answer = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))
    except (AttributeError, OSError):
        return None
    return None if answer < 0 else answer != _TIME_ERROR


class ClockGuard:
    """Compares the wall clock with the steady one at every look. Nothing here changes either."""

    def __init__(
        self,
        wall: Callable[[], datetime],
        steady: Callable[[], int] = steady_ns,
        synchronised: Callable[[], bool | None] = is_synchronised,
    ) -> None:
        self._wall, self._steady, self._synchronised = wall, steady, synchronised
        self._first = self._last = self._offset()
        self._pending = 0
        self._jumped_at: datetime | None = None
        self._asked: tuple[int, bool | None] | None = None

    def _offset(self) -> int:
        """Return how far the clocks are apart (microseconds), read so close together that no pause lies between."""
        for _ in range(READINGS):
            before = self._steady()
            wall = to_micros(self._wall())
            if self._steady() - before < CLOSE_NS:
                break
        return wall - before // 1_000

    def look(self) -> timedelta:
        """Return by how much the clock has jumped and not been told in the journal yet; zero for not at all."""
        offset = self._offset()
        if abs(offset - self._last) > TOLERANCE // timedelta(microseconds=1):
            self._pending += offset - self._last
            self._jumped_at = self._wall()
        self._last = offset
        return timedelta(microseconds=self._pending)

    def told(self, jump: timedelta) -> None:
        """The journal has this jump now."""
        self._pending -= jump // timedelta(microseconds=1)

    @property
    def jumped_by(self) -> timedelta:
        """By how much the clock is away from where it began here; zero within the tolerance."""
        away = timedelta(microseconds=self._last - self._first)
        return away if abs(away) > TOLERANCE else timedelta()

    @property
    def state(self) -> ClockState:
        """What an entry that is written now says of the clock."""
        if self.jumped_by:
            return ClockState.JUMPED
        now = self._steady()
        if self._asked is None or now - self._asked[0] > SYNC_ASKED_EVERY_NS:
            self._asked = now, self._synchronised()
        kept = self._asked[1]
        return ClockState.UNKNOWN if kept is None else ClockState.SYNCED if kept else ClockState.UNSYNCED

    def sentence(self, zone: ZoneInfo) -> str:
        """Return what a screen says as long as the clock stands elsewhere than it did; empty where it does not."""
        by = self.jumped_by
        if not by or self._jumped_at is None:
            return ""
        how = "forward" if by > timedelta() else "back"
        return (
            f"CLOCK JUMPED {how} by {spelled(abs(by))} at {self._jumped_at.astimezone(zone):%H:%M:%S}: running times "
            f"and timers that began before are wrong by that much. Read them off the wall."
        )


def doubt(newest_us: int, now: datetime, zone: ZoneInfo) -> ClockDoubt | None:
    """Return the doubt about a clock that stands before the newest entry (recorded at `newest_us`), or None."""
    newest = from_micros(newest_us)
    if newest - now <= TOLERANCE:
        return None
    here, there = now.astimezone(zone), newest.astimezone(zone)
    return ClockDoubt(
        f"This computer's clock says {here:%d %b %Y %H:%M:%S}, but the newest entry was recorded at "
        f"{there:%d %b %Y %H:%M:%S}, {spelled(newest - now)} later.",
        "Set the clock; where it is right, go on with --clock-ok (on the screens: Ctrl+P, Clock).",
    )


def spelled(length: timedelta) -> str:
    """Return a length of time in its two largest units."""
    seconds = int(length.total_seconds())
    days, hours, minutes = seconds // 86_400, seconds // 3_600 % 24, seconds // 60 % 60
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (seconds % 60, "s")]
    named = [f"{number} {unit}" for number, unit in parts if number]
    return " ".join(named[:2]) or "0 s"
