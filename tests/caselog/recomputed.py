"""The figures of a case log a second time, from an exported journal alone: no line of the log's own code is used.

The file is the NDJSON that `ortool journal export --texts` writes; planned minutes and what each pause asks come from the
text of the checklist that the run began with. Everything is plain JSON arithmetic on microseconds.
"""

import hashlib
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

US = timedelta(microseconds=1)
FORMULAS = {
    "anaesthesia_preparation": [("AR", "AS")],
    "surgical_preparation": [("PST", "AR")],
    "preparation": [("PC", "AR")],
    "procedure_time": [("PF", "PST")],
    "skin_to_room_exit": [("POR", "PF")],
    "room_wait": [("PIR", "RR")],
    "room_occupancy": [("POR", "PIR")],
    "case_time": [("RCF", "RSS")],
    "anaesthesia_controlled": [("AR", "PIR"), ("POR", "PF")],
    "extubation": [("EXT", "PF")],
    "pacu_stay": [("DPACU", "APACU")],
    "pacu_hold": [("DPACU", "RFD")],
}


def iso(micros: int) -> str:
    """Return a time as the log writes it."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + micros * US).strftime("%Y-%m-%dT%H:%M:%SZ")


def length(micros: int) -> dict[str, int]:
    """Return whole minutes, half a minute rounded away from zero, and whole seconds, the rest dropped."""
    sign, size = (-1 if micros < 0 else 1), abs(micros)
    return {"minutes": sign * ((size + 30_000_000) // 60_000_000), "seconds": sign * (size // 1_000_000)}


class Recomputed:
    """One case, read from the lines of an exported journal."""

    def __init__(self, path: Path, case_number: int, database: Path) -> None:
        lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()[1:]]
        self.entries = [self._opened(line) for line in lines]
        added = next(
            one for one in self.entries if one["kind"] == "case.added" and one["body"]["number"] == case_number
        )
        self.own = [one for one in self.entries if one["stream"] == added["stream"]]
        undone = {one["body"]["ref"] for one in self.own if one["kind"] == "entry.undone"}
        self.live = [one for one in self.own if one["seq"] not in undone]
        self.names = {one["body"]["id"]: one["body"]["name"] for one in self.entries if one["kind"] == "person.set"}
        self.stamps = {one["body"]["stamp"]: one for one in self.of("milestone.stamped")}
        with closing(sqlite3.connect(database)) as tables:
            wanted = self.of("run.started")[0]["body"]["sha256"]
            (text,) = tables.execute("select text from checklist where sha256 = ?", [wanted]).fetchone()
        assert hashlib.sha256(text.encode()).hexdigest() == wanted
        self.checklist = json.loads(text)

    @staticmethod
    def _opened(line: dict[str, Any]) -> dict[str, Any]:
        texts = {name: text for name, (_, text) in line.get("texts", {}).items()}
        body = json.loads(line["body"])
        shown = {
            name: texts[value["$secret"]] if isinstance(value, dict) and "$secret" in value else value
            for name, value in body.items()
        }
        return line | {"body": shown, "raw": line["body"]}

    def of(self, *kinds: str) -> list[dict[str, Any]]:
        """Return the entries of these kinds that stand."""
        return [one for one in self.live if one["kind"] in kinds]

    def milestones(self) -> dict[str, tuple[str, str, dict[str, int], str, bool, int]]:
        """Return each stamp: occurred, typed, lag, by whom, whether beyond five minutes, and its entry."""
        return {
            name: (
                iso(one["occurred_us"]),
                iso(one["recorded_us"]),
                length(one["recorded_us"] - one["occurred_us"]),
                self.names[one["actor"]],
                one["recorded_us"] - one["occurred_us"] > 300_000_000,
                one["seq"],
            )
            for name, one in self.stamps.items()
        }

    def intervals(self) -> dict[str, dict[str, int] | None]:
        """Return each derived interval, None where a stamp is missing."""
        at = {name: one["occurred_us"] for name, one in self.stamps.items()}
        return {
            name: length(sum(at[later] - at[earlier] for later, earlier in parts))
            if all(stamp in at for part in parts for stamp in part)
            else None
            for name, parts in FORMULAS.items()
        }

    def plan(self) -> dict[str, Any]:
        """Return the planned span, and how far the patient's coming and going were from it."""
        slot = self.of("slot.booked", "slot.moved")[-1]["body"]
        return {
            "start": iso(slot["start_us"]),
            "end": iso(slot["end_us"]),
            "start_delay": length(self.stamps["PIR"]["occurred_us"] - slot["start_us"]),
            "over_run": length(self.stamps["POR"]["occurred_us"] - slot["end_us"]),
        }

    def elapsed(self, starts: str, ends: str) -> int:
        """Return the microseconds between two stamps."""
        return int(self.stamps[ends]["occurred_us"] - self.stamps[starts]["occurred_us"])

    def pauses(self) -> dict[str, tuple[str, str]]:
        """Return when the first and the last answer of each pause happened, of those entered before what it gates.

        An item that was put off is answered in the pause that it was put off to; only its putting off stays behind.
        """
        asked = {item["id"]: pause["id"] for pause in self.checklist["pauses"] for item in pause["items"]}
        held = {pause["id"]: set(pause.get("gates", ())) for pause in self.checklist["pauses"]}
        given: dict[str, list[tuple[int, int]]] = {}
        passed: dict[str, int] = {}
        moved: dict[str, str] = {}
        for one in self.of("item.answered", "milestone.stamped"):
            body, happened = one["body"], ""
            if one["kind"] == "milestone.stamped":
                happened = body["stamp"]
            else:
                name, _, place = body["item"].partition("@")
                happened = asked.get(name, "")
                pause = moved.get(body["item"], f"{happened}@{place}" if place else happened)
                given.setdefault(pause, []).append((one["seq"], one["occurred_us"]))
                if body["state"] == "deferred":
                    moved[body["item"]] = body["defer_to"]
            for pause, targets in held.items():
                if happened in targets:
                    passed.setdefault(pause, one["seq"])
        found = {}
        for pause, answers in given.items():
            gate = passed.get(pause.partition("@")[0])
            times = [at for seq, at in answers if gate is None or seq < gate] or [at for _, at in answers]
            found[pause] = iso(min(times)), iso(max(times))
        return found

    def planned(self) -> dict[str, tuple[list[tuple[float, float]], str, str]]:
        """Return of each phase the planned minutes (P50, P90) of its parts as the checklist says, and its two stamps."""
        row = "one_level" if self.of("run.started")[0]["body"]["facts"]["levels"] == "1" else "two_levels"
        minutes = {one["id"]: tuple(float(part) for part in one[row]) for one in self.checklist["durations"]}
        return {
            one["id"]: ([minutes[part] for part in one["durations"]], one["starts"], one["ends"])
            for one in self.checklist["phases"]
        }

    def counts(self) -> list[tuple[str, dict[str, int], dict[str, int], str, str]]:
        """Return each count: found, expected as the first count and what was added make it, and the two people."""
        expected: dict[str, int] = {}
        rows = []
        for one in self.of("count.recorded", "count.added"):
            body = one["body"]
            if one["kind"] == "count.added":
                expected[body["category"]] += body["number"]
                continue
            expected = expected or dict(body["found"])
            people = self.names[one["actor"]], self.names[body["second"]]
            rows.append((body["moment"], dict(body["found"]), dict(expected), *people))
        return rows

    def late(self) -> tuple[int, int]:
        """Return how many stamps, answers and counts were typed more than five minutes late, of how many."""
        timed = self.of("milestone.stamped", "item.answered", "count.recorded")
        return sum(one["recorded_us"] - one["occurred_us"] > 300_000_000 for one in timed), len(timed)

    def values(self) -> dict[str, str]:
        """Return the standing value of each item that was answered done with one."""
        newest = {one["body"]["item"]: one["body"] for one in self.of("item.answered")}
        return {name: body["value"] for name, body in newest.items() if body.get("value") and body["state"] == "done"}

    def departures(self) -> dict[str, tuple[str, str, str]]:
        """Return what was answered other than done: state, reason, and the second person's name."""
        newest = {one["body"]["item"]: one["body"] for one in self.of("item.answered")}
        return {
            name: (body["state"], body.get("reason", ""), self.names.get(body.get("second", ""), ""))
            for name, body in newest.items()
            if body["state"] not in ("done", "deferred")
        }

    def entered(self) -> dict[str, int]:
        """Return how many entries of the run each person made, undone ones too, with bookings, notes and signatures."""
        tally: dict[str, int] = {}
        for one in self.own:
            if one["kind"] not in ("case.added", "run.started"):
                tally[one["actor"]] = tally.get(one["actor"], 0) + 1
        return tally

    def digest(self, covers: int) -> str:
        """Return the SHA-256 over the links of the first entries of the case, each link recomputed from its line."""
        whole = hashlib.sha256()
        for one in self.own[:covers]:
            whole.update(bytes.fromhex(self.link(one)))
        return whole.hexdigest()

    @staticmethod
    def link(line: dict[str, Any]) -> str:
        """Return SHA-256(0x00, link before, header, 0x00, body) of a line, body as it stands in the file."""
        names = ("seq", "stream", "version", "command_id", "kind", "schema", "occurred_us", "recorded_us", "mono_ns",
                 "boot", "clock", "actor", "auth", "device")  # fmt: skip
        header = json.dumps([line[name] for name in names], ensure_ascii=False, separators=(",", ":"))
        whole = b"\x00" + bytes.fromhex(line["prev"]) + header.encode() + b"\x00" + line["raw"].encode()
        return hashlib.sha256(whole).hexdigest()
