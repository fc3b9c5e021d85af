"""A case as it stood at any moment: the fold of its entries up to then. Nothing is written.

A moment is when an entry was typed (`recorded_at`), for that is when the screen changed; an entry that was typed late
is on no screen before.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ortool.caselog.dossier import Dossier
from ortool.caselog.history import read_history
from ortool.caselog.milestones import CaseState, state_of
from ortool.checklist.decide import subject
from ortool.checklist.phases import phase_clocks
from ortool.checklist.records import EntryLike, Live
from ortool.checklist.run import Run, advance

CACHE_EVERY = 50
_CANCEL = ("slot.cancelled", "case.cancelled")
_RESTORE = ("slot.restored", "case.restored")

_WORDS = {
    "case.added": "case added",
    "run.started": "checklist begun",
    "slot.booked": "slot booked",
    "slot.moved": "slot moved",
    "slot.cancelled": "case cancelled",
    "slot.released": "slot given back, the case waits",
    "slot.restored": "case and slot restored",
    "case.cancelled": "case cancelled while it waited",
    "case.restored": "case restored, it waits again",
    "case.waits": "how it waits",
    "case.team_changed": "surgeon or anaesthetist changed",
    "note.added": "note",
    "case.imported": "read in from a list of the past",
    "case.signed": "signed",
    "case.amended": "addendum",
    "case.opened": "opened by somebody outside the team",
    "entries.claimed": "entries claimed",
}


@dataclass(frozen=True, slots=True)
class Frame:
    """A case as it stood after `index` of its entries; `entry` is the newest of them, None before the first.

    `at` is the moment that the clocks of the screen showed (UTC), `words` what the entry did, `by` whose it was.
    """

    index: int
    at: datetime
    entry: EntryLike | None
    words: str
    by: str
    dossier: Dossier


class Replay:
    """Steps through a case. `dossier` is the case as it stands now, `entries` all of its own in order, one at least."""

    def __init__(self, dossier: Dossier, entries: Sequence[EntryLike]) -> None:
        self._dossier = dossier
        self.entries = tuple(entries)
        self._times = [entry.recorded_at for entry in self.entries]
        start = Run(dossier.run.base) if dossier.run else None
        self._kept: dict[int, Run | None] = {0: start}

    def __len__(self) -> int:
        """How many entries there are; frames are numbered from 0, before the first of them, to this."""
        return len(self.entries)

    def index_at(self, moment: datetime) -> int:
        """Return how many entries had been typed by `moment` (UTC). A clock that was put back hides none of them."""
        return max((index for index, at in enumerate(self._times, 1) if at <= moment), default=0)

    def frame(self, index: int, at: datetime | None = None) -> Frame:
        """Return the case after `index` entries, as the screen showed it when the newest was typed, or `at` (UTC)."""
        index = max(0, min(index, len(self.entries)))
        entries = self.entries[:index]
        newest = entries[-1] if entries else None
        moment = at or (newest or self.entries[0]).recorded_at
        run = self._run(index)
        history = read_history(entries)
        dossier = replace(
            self._dossier,
            run=run,
            started=any(entry.kind == "run.started" for entry in entries),
            history=history,
            version=index,
            case=replace(self._dossier.case, state=self._state(entries, run)),
            altered=None,
        )
        return Frame(index, moment, newest, _words(newest, run), newest.actor if newest else "", dossier)

    def phase_starts(self) -> tuple[int, ...]:
        """Return the frames at which a phase began: where one jumps from phase to phase."""
        run = self._run(len(self.entries))
        if run is None:
            return ()
        began = {clock.phase.starts for clock in phase_clocks(run, self._times[-1])} if self._times else set()
        stamped = {run.stamps[name].seq for name in began if name in run.stamps}
        return tuple(index for index, entry in enumerate(self.entries, 1) if entry.seq in stamped)

    def _run(self, index: int) -> Run | None:
        """Return the run after `index` entries, folded on from the nearest that is kept."""
        place = index - index % CACHE_EVERY
        base = max(kept for kept in self._kept if kept <= index)
        run = self._kept[base]
        if run is None:
            return None
        for step in range(base, place, CACHE_EVERY):
            run = advance(run, self.entries[step : step + CACHE_EVERY])
            self._kept[step + CACHE_EVERY] = run
        return advance(run, self.entries[max(base, place) : index])

    @staticmethod
    def _state(entries: Sequence[EntryLike], run: Run | None) -> CaseState:
        kinds = [entry.kind for entry in entries]
        if "case.signed" in kinds:
            return CaseState.SIGNED
        state = state_of(run.stamps if run else ())
        newest = next((kind for kind in reversed(kinds) if kind in (*_CANCEL, *_RESTORE)), "")
        return CaseState.CANCELLED if newest in _CANCEL and not state.has_started else state


def _words(entry: EntryLike | None, run: Run | None) -> str:
    if entry is None:
        return "before the first entry"
    if entry.kind == "entry.undone":
        return f"undone: {entry.body.get('what', '')}"
    if entry.kind in _WORDS:
        return _WORDS[entry.kind]
    record: Live | None = run.find(entry.seq) if run else None
    return subject(record) if record else entry.kind


def nearest(marks: Sequence[int], index: int, by: int) -> int:
    """Return the next of the ascending `marks` after `index`, or the last before it where `by` is negative."""
    if by > 0:
        place = bisect_right(marks, index)
        return marks[place] if place < len(marks) else index
    earlier = [mark for mark in marks if mark < index]
    return earlier[-1] if earlier else 0
