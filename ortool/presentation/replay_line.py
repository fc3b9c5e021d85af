"""The time line of a replay: which entry, when it was typed, whose it is, and where it lies among all of them."""

from zoneinfo import ZoneInfo

from ortool.caselog.replay import Frame, Replay
from ortool.presentation.pieces import Piece, fit
from ortool.presentation.plain import wall


def replay_lines(replay: Replay, frame: Frame, zone: ZoneInfo, width: int, ascii_only: bool) -> list[list[Piece]]:
    """Return two lines of at most `width` cells: what happened at this step, and the time line with its mark."""
    day = frame.at.astimezone(zone).date()
    seq = f"#{frame.entry.seq}" if frame.entry else ""
    by = frame.dossier.names.get(frame.by, frame.by)
    clock = f"{frame.at.astimezone(zone):%d %b %H:%M:%S}"
    words = "  ".join(filter(None, (f"REPLAY {frame.index} of {len(replay)}", clock, seq, frame.words, by)))
    first, last = replay.entries[0].recorded_at, replay.entries[-1].recorded_at
    begins, ends = wall(first, zone, day), wall(last, zone, day)
    room = max(4, width - len(begins) - len(ends) - 4)
    place = (room - 1) * frame.index // max(1, len(replay))
    done, mark, rest = ("=", "#", "-") if ascii_only else ("━", "●", "─")
    line = [
        Piece(f" {begins} ", "dim"),
        Piece(done * place, "done"),
        Piece(mark, "name"),
        Piece(rest * (room - 1 - place), "dim"),
        Piece(f" {ends} ", "dim"),
    ]
    return [[Piece(fit(f" {words}", width), "warn")], line]
