"""The checklist as it was run: every step with its mark, its words and its time, for terminals and for JSON."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ortool.caselog.dossier import Dossier
from ortool.checklist.definition import Item, ItemType
from ortool.checklist.earlier import earlier, has_changed
from ortool.checklist.phases import phase_clocks
from ortool.checklist.plan import PlannedPause, PlannedStep
from ortool.checklist.records import Answer, Count, Stamp, State
from ortool.checklist.run import Run
from ortool.cli.shapes import stamp as at
from ortool.presentation.alerts import unclaimed_words
from ortool.presentation.answers import earlier_words, raised_words, value_words
from ortool.presentation.plain import entries
from ortool.presentation.words import PHASE_GLYPHS, STATE_WORDS, clock, glyph, lag, minutes


class RunSheet:
    """A run at one moment (UTC), written out."""

    def __init__(self, dossier: Dossier, run: Run, now: datetime, zone: ZoneInfo, late_minutes: int) -> None:
        self.dossier, self.run, self.now, self.zone, self.late = dossier, run, now, zone, late_minutes

    def lines(self) -> Iterator[str]:
        """Yield the sheet line by line."""
        case, checklist = self.dossier.case, self.run.plan.checklist
        yield f"Case {case.number}: {case.patient_name}, {case.hospital_number}, born {case.born or 'not stated'}"
        yield " ".join(filter(None, (f"{case.procedure},", case.levels, case.side, f"[{case.state.value}]")))
        approval = f"approved by {checklist.approved_by}" if checklist.approved_by else "NOT LOCALLY APPROVED"
        pinned = "" if self.dossier.started else " (not begun)"
        identity = f"version {checklist.version}, {self.dossier.sha256[:12]}"
        yield f"Checklist {checklist.title}, {identity}: {approval}{pinned}"
        phase = None
        for step in self.run.plan.steps:
            if step.phase is not phase:
                phase = step.phase
                yield ""
                yield self._phase(phase.id)
            yield from self._step(step)
        for words in raised_words(self.run, self.zone, self.now):
            yield f"ASK AGAIN {words}"
        yield from self._taken_back()
        if owed := self.dossier.history.owed:
            yield ""
            yield f"{unclaimed_words(len(owed))}: ortool run claim {self.dossier.case.number} ({entries(owed)})"

    def _phase(self, phase_id: str) -> str:
        one = next(one for one in phase_clocks(self.run, self.now) if one.phase.id == phase_id)
        words = f"{PHASE_GLYPHS[one.state]} {one.phase.title.upper()}: {one.state.value}"
        planned = f"planned {minutes(one.p50)}, at most {minutes(one.p90)} in nine of ten"
        took = f"; took {minutes(one.elapsed)}, {one.grade}" if one.started else ""
        return f"{words}; {planned}{took}"

    def _step(self, step: PlannedStep) -> Iterator[str]:
        if step.stamp:
            found = self.run.stamps.get(step.stamp.id)
            moment = clock(found.occurred_at if found else None, self.zone)
            yield f"  {moment:>5}  {step.stamp.title} ({step.id}){self._tail(found)}"
        elif step.pause:
            state = self.run.pause_state(step.pause, self.now).value
            yield f"         {step.pause.id} {step.pause.title}: {state}"
            for item in self.run.items_of(step.pause):
                yield f"         {self._item(item, step.pause)}"
            if passed := self.run.passes.get(step.pause.id):
                who = f"{self._name(passed.actor)} and {self._name(passed.second)}"
                yield f"         ! gate passed by {who}: {passed.reason} (open: {', '.join(passed.missing)})"
        elif step.record:
            yield f"         {self._item(step.record)}"

    def _item(self, item: Item, pause: PlannedPause | None = None) -> str:
        state = self.run.state_of(item, self.now, pause.id if pause else "")
        answer = self.run.answers.get(item.id)
        words = [f"{glyph(state)} {item.id} {item.prompt}", STATE_WORDS[state]]
        day = self.now.astimezone(self.zone).date()
        if item.confirms and state is State.OPEN:
            words.append(earlier_words(self.run, item, self.zone, self.now, self.dossier.names))
        elif answer:
            words += [
                value_words(item, answer, self.zone, day),
                answer.reason and f"({answer.reason})",
                self._tail(answer).strip(),
            ]
        elif item.type is ItemType.AUTO:
            words.append(self.run.auto_result(item, self.now).sentence)
        elif item.moment and (count := self.run.ledger.last(item.moment)):
            words += [self._count(count), self._tail(count).strip()]
        return "  ".join(filter(None, words))

    def _count(self, count: Count) -> str:
        if not count.differences:
            return "count correct"
        return "count does not agree: " + ", ".join(f"{name} {n:+d}" for name, n in count.differences.items())

    def _tail(self, record: Answer | Stamp | Count | None) -> str:
        if record is None:
            return ""
        who = self._name(record.actor)
        second = getattr(record, "second", "")
        people = f"{who} and {self._name(second)}" if second else who
        if claimer := self.dossier.history.claimed.get(record.seq):
            people += f", claimed by {self._name(claimer)}"
        late = lag(record.occurred_at, record.recorded_at, self.late)
        moment = "" if isinstance(record, Stamp) else f"{clock(record.occurred_at, self.zone)} "
        return f"  {moment}{people}" + (f", {late}" if late else "")

    def _taken_back(self) -> Iterator[str]:
        if self.run.undone:
            yield ""
            yield "TAKEN BACK"
        for one in self.run.undone:
            reason = f": {one.reason}" if one.reason else ""
            yield f"  {clock(one.occurred_at, self.zone):>5}  {one.what}, undone by {self._name(one.actor)}{reason}"

    def _name(self, person_id: str) -> str:
        return self.dossier.names.get(person_id, person_id)

    def as_json(self) -> dict[str, Any]:
        """Return the run as a JSON shape."""
        checklist = self.run.plan.checklist
        return {
            "case": self.dossier.case.number,
            "list": self.dossier.list_id or None,
            "state": self.dossier.case.state.value,
            "checklist": {
                "id": checklist.id,
                "version": checklist.version,
                "sha256": self.dossier.sha256,
                "locally_approved": bool(checklist.approved_by),
            },
            "started": self.dossier.started,
            "phases": [
                {
                    "id": one.phase.id,
                    "state": one.state.value,
                    "planned_p50": round(one.p50.total_seconds() / 60),
                    "planned_p90": round(one.p90.total_seconds() / 60),
                    "started": at(one.started),
                    "ended": at(one.ended),
                    "grade": one.grade if one.started else None,
                }
                for one in phase_clocks(self.run, self.now)
            ],
            "steps": [self._step_json(step) for step in self.run.plan.steps],
            "undone": [
                {"what": one.what, "reason": one.reason, "by": one.actor, "at": at(one.occurred_at)}
                for one in self.run.undone
            ],
            "unclaimed": list(self.dossier.history.owed),
        }

    def _step_json(self, step: PlannedStep) -> dict[str, Any]:
        if step.stamp:
            found = self.run.stamps.get(step.id)
            return {"stamp": step.id, "title": step.stamp.title} | self._record_json(found)
        if step.record:
            return {"record": self._item_json(step.record)}
        assert step.pause is not None
        passed = self.run.passes.get(step.id)
        return {
            "pause": step.id,
            "title": step.pause.title,
            "state": self.run.pause_state(step.pause, self.now).value,
            "items": [self._item_json(item, step.id) for item in self.run.items_of(step.pause)],
            "passed": {"reason": passed.reason, "second": passed.second, "missing": list(passed.missing)}
            | self._record_json(passed)
            if passed
            else None,
        }

    def _item_json(self, item: Item, pause_id: str = "") -> dict[str, Any]:
        answer = self.run.answers.get(item.id)
        shape: dict[str, Any] = {
            "item": item.id,
            "prompt": item.prompt,
            "state": self.run.state_of(item, self.now, pause_id).value,
        }
        if answer:
            shape |= {"value": answer.value, "reason": answer.reason, "second": answer.second}
            shape |= {"scan": dict(answer.scan)} if answer.scan else {}
            shape |= {"stops": list(answer.stops)} if answer.stops else {}
            shape |= {"confirms": answer.confirms, "confirms_entry": answer.ref} if answer.confirms else {}
            shape |= {"earlier_answer_changed": True} if has_changed(self.run, answer) else {}
        return shape | self._earlier_json(item) | self._record_json(answer)

    def _earlier_json(self, item: Item) -> dict[str, Any]:
        before = earlier(self.run, item)
        shown = before and {"item": before.item, "value": before.value, **self._record_json(before)}
        return {"earlier": shown} if item.confirms else {}

    def _record_json(self, record: Any) -> dict[str, Any]:
        if record is None:
            return {"seq": None, "occurred_at": None}
        return {
            "seq": record.seq,
            "by": record.actor,
            "occurred_at": at(record.occurred_at),
            "recorded_at": at(record.recorded_at),
        }
