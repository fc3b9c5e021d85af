"""A small checklist, the entries of one eventful case, and its dossier."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ortool.caselog.case import Case, Slot
from ortool.caselog.dossier import Dossier
from ortool.caselog.history import read_history
from ortool.caselog.milestones import CaseState
from ortool.checklist.levels import parse_levels
from ortool.checklist.loading import content_hash, parse_checklist
from ortool.checklist.plan import facts_of, make_plan
from ortool.checklist.run import fold

CHECKLIST = """
id: tiny
version: "2"
title: Tiny operation
procedures: [tiny-op]
counts:
  - {id: baseline, title: First count, evidence: [EST]}
  - {id: closing, title: Closing count, evidence: [EST]}
count_categories:
  - {id: sponges, title: Sponges, evidence: [EST]}
  - {id: needles, title: Needles, evidence: [EST]}
stamps:
  - {id: AS, title: Anaesthesia starts, meaning: m, by: anaesthetist, required: false, standard: AACD, evidence: [EST]}
  - {id: PIR, title: Patient in room, meaning: m, by: circulating_nurse, standard: AACD, evidence: [EST]}
  - {id: AR, title: Anaesthesia ready, meaning: m, by: anaesthetist, standard: AACD, evidence: [EST]}
  - {id: TURN, title: Turn starts, meaning: m, by: circulating_nurse, evidence: [EST]}
  - {id: PST, title: Incision, meaning: m, by: circulating_nurse, standard: AACD, evidence: [EST]}
  - {id: PF, title: Procedure finished, meaning: m, by: circulating_nurse, standard: AACD, evidence: [EST]}
  - {id: EXT, title: Extubation, meaning: m, by: anaesthetist, evidence: [EST]}
  - {id: POR, title: Patient out of room, meaning: m, by: circulating_nurse, standard: AACD, evidence: [EST]}
  - {id: APACU, title: Arrival in recovery, meaning: m, by: pacu_nurse, standard: AACD, evidence: [EST]}
  - {id: RFD, title: Ready to leave recovery, meaning: m, by: pacu_nurse, standard: AACD, evidence: [EST]}
  - {id: DPACU, title: Out of recovery, meaning: m, by: pacu_nurse, standard: AACD, evidence: [EST]}
durations:
  - {id: ready, title: Ready, from: PIR, to: PST, one_level: [40, 60], two_levels: [45, 70], evidence: [EST]}
  - {id: operate, title: Operate, from: PST, to: PF, one_level: [90, 120], two_levels: [120, 160], evidence: [EST]}
  - {id: leave, title: Leave, from: PF, to: POR, one_level: [15, 25], two_levels: [15, 25], evidence: [EST]}
  - {id: stay, title: Stay, from: APACU, to: DPACU, one_level: [60, 90], two_levels: [60, 90], evidence: [EST]}
phases:
  - id: preparation
    title: Anaesthesia and positioning
    starts: PIR
    ends: PST
    durations: [ready]
    steps:
      - {stamp: AS}
      - {stamp: PIR}
      - {pause: SI}
      - {stamp: AR}
      - record:
          {id: ABX, prompt: Antibiotic started, response: Said, type: choice, choices: [cefazolin, vancomycin],
           responders: [anaesthetist], evidence: [EST]}
      - {stamp: TURN}
      - {pause: TMO}
      - {stamp: PST}
  - id: operation
    title: Operation
    starts: PST
    ends: PF
    durations: [operate]
    steps: [{pause: SO}, {stamp: PF}]
  - {id: waking, title: Waking, starts: PF, ends: POR, durations: [leave], steps: [{stamp: EXT}, {stamp: POR}]}
  - id: recovery
    title: Recovery room
    starts: APACU
    ends: DPACU
    durations: [stay]
    steps: [{stamp: APACU}, {stamp: RFD}, {stamp: DPACU}]
pauses:
  - id: SI
    title: Sign in
    gates: [AR]
    reader: circulating_nurse
    target_seconds: 60
    items:
      - {id: SI.1, prompt: Identity, response: Said, responders: [patient], hard_stop: true, evidence: [EST]}
      - {id: SI.2, prompt: Site marked, response: Seen, responders: [circulating_nurse], not_applicable: true,
         defer_to: TMO, evidence: [EST]}
      - {id: SI.3, prompt: Blood ordered, response: Units said, type: number, unit: units, responders: [anaesthetist],
         evidence: [EST]}
  - id: TMO
    title: Time out
    gates: [PST]
    reader: circulating_nurse
    target_seconds: 60
    items:
      - {id: TMO.1, prompt: Team named, response: Said, responders: [surgeon], evidence: [EST]}
      - id: TMO.2
        prompt: Antibiotic before incision
        response: In its window
        type: auto
        auto: {rule: dose_in_window, of: ABX, minutes: {cefazolin: 60, vancomycin: 120}}
        responders: [anaesthetist]
        evidence: [EST]
      - {id: TMO.3, prompt: Images on screen, response: Seen, responders: [surgeon], not_applicable: true,
         evidence: [EST]}
  - id: SO
    title: Sign out
    gates: [PF]
    reader: circulating_nurse
    target_seconds: 60
    items:
      - {id: SO.1, prompt: Procedure as done, response: Read, type: text, responders: [surgeon], evidence: [EST]}
      - {id: SO.2, prompt: Final count, response: Correct, type: count, moment: closing, responders: [scrub],
         hard_stop: true, evidence: [EST]}
      - {id: SO.3, prompt: Specimen labelled, response: Read, responders: [circulating_nurse], not_applicable: true,
         evidence: [EST]}
"""

DAY = datetime(2026, 11, 23, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAMES = {"s1": "Dr Ida Okafor", "a1": "Dr Piet Smit", "n1": "Nora Berg", "n2": "Sam Osei", "p1": "Una Plan"}


def at(clock: str) -> datetime:
    """Return a UTC time of the day of the operation."""
    hours, minutes, *seconds = (int(part) for part in clock.split(":"))
    return DAY + timedelta(hours=hours, minutes=minutes, seconds=sum(seconds))


@dataclass(frozen=True)
class Entry:
    """What the folds read of a journal entry."""

    seq: int
    kind: str
    body: dict[str, Any]
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    auth: str = "chosen"


@dataclass
class Pen:
    """Writes entries one after the other; sequence numbers leave gaps, as they do where streams share a journal."""

    entries: list[Entry] = field(default_factory=list)

    def write(
        self, kind: str, clock: str, actor: str = "n1", typed: str = "", auth: str = "chosen", **body: Any
    ) -> int:
        seq = 100 + 3 * len(self.entries)
        self.entries.append(Entry(seq, kind, body, at(clock), at(typed or clock), actor, auth))
        return seq

    def stamp(self, stamp: str, clock: str, **rest: Any) -> int:
        return self.write("milestone.stamped", clock, stamp=stamp, **rest)

    def answer(self, item: str, clock: str, state: str = "done", **rest: Any) -> int:
        return self.write("item.answered", clock, item=item, state=state, **rest)

    def plan(self, kind: str, start: str, end: str, **rest: Any) -> int:
        micros = [(at(one) - EPOCH) // timedelta(microseconds=1) for one in (start, end)]
        return self.write(kind, "06:00", "p1", room="or1", start_us=micros[0], end_us=micros[1], **rest)


def eventful() -> list[Entry]:
    """Return a case with every kind of departure: late, corrected, out of order, overridden, miscounted, undone."""
    pen = Pen()
    pen.plan("slot.booked", "07:00", "10:00")
    pen.plan("slot.moved", "08:00", "11:00", reason="Bed not free [yet]")
    pen.stamp("PIR", "08:07")
    pen.answer("SI.1", "08:10:00", second="a1")
    pen.answer("SI.2", "08:10:20", state="deferred", defer_to="TMO")
    pen.answer("SI.3", "08:10:45", actor="a1", value="2", auth="pin")
    pen.stamp("AR", "08:30", actor="a1", typed="08:41")
    pen.answer("ABX", "08:35", actor="a1", value="cefazolin")
    wrong = pen.answer("TMO.1", "08:50")
    pen.write("entry.undone", "08:50:30", ref=wrong, what="TMO.1 done", reason="")
    pen.answer("TMO.1", "08:51")
    pen.answer("SI.2", "08:51:30")
    pen.write("gate.overridden", "08:55", pause="TMO", target="PST", reason="Bleeding", second="s1", missing=["TMO.3"])
    first = pen.stamp("PST", "08:56", autos={"TMO.2": True})
    pen.stamp("PST", "08:58", typed="09:20", autos={"TMO.2": True}, corrects=first, reason="Clock on the wall")
    pen.answer("TMO.3", "09:30", state="not_applicable", reason="No images exist")
    pen.write("count.recorded", "08:00", moment="baseline", second="n2", **_count(10, 4, 10, 4))
    pen.write("count.added", "09:40", category="sponges", number=5)
    pen.write("count.recorded", "11:00", moment="closing", second="n2", **_count(14, 4, 15, 4))
    pen.write("count.recorded", "11:10", moment="closing", second="n2", **_count(15, 4, 15, 4))
    pen.answer("SO.1", "11:05", value="[NKA] as planned [/]")
    pen.answer("SO.3", "11:06", state="no", reason="Label printer broken")
    pen.answer("SO.3", "11:20", reason="Labelled by hand")
    pen.stamp("PF", "11:12")
    pen.stamp("EXT", "11:09", actor="a1", typed="11:30")
    pen.stamp("POR", "11:31")
    pen.write("note.added", "11:40", text="Line one\nline two")
    pen.stamp("APACU", "11:40", actor="n2")
    pen.stamp("DPACU", "13:00", actor="n2")
    pen.write("case.signed", "13:30", "s1", statement="I have reviewed it.", digest="ab" * 32, entries=28, auth="pin")
    pen.write("case.amended", "14:00", "s1", text="Addendum: wound dry.")
    return pen.entries


def _count(sponges: int, needles: int, expected_sponges: int, expected_needles: int) -> dict[str, Any]:
    return {
        "found": {"sponges": sponges, "needles": needles},
        "expected": {"sponges": expected_sponges, "needles": expected_needles},
    }


CASE = Case(
    id="c1",
    number=1004,
    hospital_number="HN-8830-2217",
    patient_name="Wilhelmina Quackenbush",
    born=date(1951, 4, 23),
    procedure_id="tiny-op",
    procedure="Tiny operation on the back",
    procedure_short="Tiny",
    specialty="spine",
    levels="L4-5",
    side="left",
    surgeon_id="s1",
    surgeon="Dr Ida Okafor",
    anaesthetist_id="a1",
    anaesthetist="Dr Piet Smit",
    urgency="elective",
    allergies="penicillin",
    neuromonitoring=False,
    notes="",
    state=CaseState.SIGNED,
)
SLOT = Slot("x1", "c1", "or1", "OR 1", at("08:00"), at("11:00"), False, "", 1, at("06:00"))
NOW = at("15:00")


def case(**changes: Any) -> Case:
    """Return the sample case with `changes`."""
    return replace(CASE, **changes)


def dossier(entries: list[Entry] | None = None, one: Case = CASE, checklist: str = CHECKLIST) -> Dossier:
    """Return the dossier that `entries` (the eventful case) make of a case."""
    entries = eventful() if entries is None else entries
    levels = parse_levels(one.levels)
    plan = make_plan(parse_checklist(checklist, "tiny.yaml"), levels, facts_of(levels, "left", False))
    run = fold(plan, entries)
    return Dossier(one, SLOT, run, bool(run.live), content_hash(checklist), read_history(entries), NAMES, len(entries))


WITH_EVENT = (
    CHECKLIST
    + """
events:
  - id: E1
    title: Durotomy
    priority: warning
    reader: circulating_nurse
    target_seconds: 120
    items:
      - {id: E1.1, prompt: Size seen, response: Said, type: number, unit: mm, responders: [surgeon], evidence: [EST]}
      - {id: E1.2, prompt: Repair chosen, response: Said, responders: [surgeon], not_applicable: true, evidence: [EST]}
      - {id: E1.3, prompt: Recovery told, response: Told, responders: [circulating_nurse], evidence: [EST]}
"""
)


def on_the_way() -> list[Entry]:
    """Return a case with reliefs, an event whose list is half answered, and an emergency whose reasons came later."""
    pen = Pen()
    pen.write("team.joined", "08:00", person="n1", role="circulating_nurse")
    pen.write("team.joined", "08:00", person="s1", role="surgeon")
    pen.stamp("PIR", "08:07")
    pen.write("emergency.declared", "08:20", actor="a1", typed="08:28", reason="Cauda equina [now]")
    pen.answer("SI.1", "08:21", state="overridden")
    pen.answer("SI.2", "08:22", state="not_applicable")
    pen.stamp("PST", "08:30", passed=["SI", "TMO"])
    owed = pen.entries[-1].seq
    pen.write("emergency.ended", "08:40", actor="a1")
    pen.write("team.joined", "09:00", actor="n2", typed="09:02", person="n2", role="circulating_nurse", relieves="n1")
    pen.write("event.started", "09:10", typed="09:18", event="E1", number=1, after="PST")
    pen.answer("E1.1#1", "09:11", value="4", second="s1")
    pen.answer("E1.2#1", "09:12", state="no", reason="Too small")
    pen.write("reason.given", "10:00", typed="10:01", ref=owed, reason="No time", second="s1")
    pen.answer("SI.2", "10:05", state="not_applicable", reason="Midline")
    pen.write("team.left", "10:30", person="s1", role="surgeon")
    return pen.entries
