"""The tables beside the journal, made anew from its entries alone and compared with the tables that stand there.

Nothing of the verbs that write the tables is used: what they got wrong, or what somebody changed behind them, differs.
The entries do not say how long a room is kept free after a slot: any whole minutes up to an hour pass.
"""

import itertools
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

import msgspec

from ortool.caselog.milestones import CaseState, state_of
from ortool.journal.canonical import decode
from ortool.journal.entry import Header
from ortool.journal.log import Cursor
from ortool.journal.secrets import MARK

Row = dict[str, Any]
_US = timedelta(microseconds=1)
_DAY, _MINUTE = timedelta(days=1) // _US, timedelta(minutes=1) // _US
_LONGEST_TURNOVER = timedelta(hours=1) // _US
_SAME_MOMENT = timedelta(minutes=1) // _US
_CASE_COLUMNS = {
    "number": "number", "hospital_number": "hospital_number", "name": "patient_name", "born": "born",
    "procedure": "procedure_id", "levels": "levels", "side": "side", "surgeon": "surgeon_id",
    "anaesthetist": "anaesthetist_id", "urgency": "urgency", "allergies": "allergies",
    "neuromonitoring": "neuromonitoring", "notes": "notes",
}  # fmt: skip
# What a case that was added before there was a waiting list of this kind waits with.
_WAITS: Row = {"priority": 3, "waiting_since": "", "due": "", "needs": ""}
_IMPLANT_COLUMNS = ("part", "place", "device_identifier", "lot", "serial", "expires")


class Tables:
    """What the entries say that must stand in the tables. Hand every entry to `take`, then ask `differences`."""

    def __init__(self) -> None:
        self._lists: dict[str, dict[str, Row]] = {"room": {}, "person": {}, "procedure": {}, "equipment": {}}
        self._cases: dict[str, Row] = {}
        self._slots: dict[str, Row] = {}
        self._implants: dict[int, Row] = {}
        self._stamps: dict[str, dict[int, Row]] = {}
        self._feeds: dict[str, Row] = {}
        self._meta: dict[str, str] = {}
        self._proofs: dict[str, dict[str, bool]] = {}
        self._texts: dict[str, str] = {}
        self._series: dict[str, Row] = {}
        self._days: dict[tuple[str, str], Row] = {}
        self._sources: dict[str, Row] = {}
        self._lanes: dict[tuple[str, int], list[tuple[str, int, int, int]]] = {}
        self._readers: dict[str, Callable[[Header, Mapping[str, Any], str], None]] = {
            "identification.set": self._identified,
            "person.pin_set": self._proof,
            "person.badge_set": self._proof,
            "room.set": self._listed,
            "person.set": self._listed,
            "procedure.set": self._listed,
            "case.added": self._case,
            "case.imported": self._imported,
            "case.waits": self._waits,
            "case.team_changed": self._team,
            "case.signed": self._signed,
            "run.started": self._started,
            "feed.added": self._feed,
            "feed.revoked": self._feed_revoked,
            "series.set": self._set_series,
            "series.day_changed": self._changed_day,
            "series.removed": self._removed_series,
            "source.set": self._set_source,
            "source.withdrawn": self._withdrawn,
            "slot.booked": self._slot,
            "slot.moved": self._slot,
            "slot.restored": self._restored,
            "slot.released": self._given_up,
            "slot.cancelled": self._cancelled,
            "case.cancelled": self._turned,
            "case.restored": self._turned,
            "equipment.set": self._listed,
            "milestone.stamped": self._stamped,
            "entry.undone": self._undone,
            "implant.placed": self._implant,
            "implant.wasted": self._implant,
            "implant.explanted": self._implant,
        }

    def take(self, header: Header, body: bytes) -> None:
        """Follow one entry. One that cannot be read is left to the check of the chain."""
        if (reader := self._readers.get(header.kind)) is None:
            return
        try:
            reader(header, decode(body), header.stream.partition(":")[2])
        except (msgspec.DecodeError, LookupError, TypeError, ValueError, AttributeError):
            return

    def _listed(self, header: Header, body: Mapping[str, Any], _of: str) -> None:
        table = header.kind.partition(".")[0]
        # A person who was entered before there were grants and addresses has none.
        self._lists[table][body["id"]] = ({"given": "", "email": ""} if table == "person" else {}) | dict(body)

    def _identified(self, _header: Header, body: Mapping[str, Any], _of: str) -> None:
        self._meta["identification"] = body["by"]

    def _proof(self, header: Header, body: Mapping[str, Any], person: str) -> None:
        proof = "pin" if header.kind == "person.pin_set" else "badge"
        self._proofs.setdefault(person, {"pin": False, "badge": False})[proof] = body.get("has", True)

    def _case(self, _header: Header, body: Mapping[str, Any], case_id: str) -> None:
        row = {column: body[name] for name, column in _CASE_COLUMNS.items()}
        waits = {name: body.get(name, usual) for name, usual in _WAITS.items()}
        self._cases[case_id] = row | waits | {"checklist_sha256": "", "state": ""}

    def _waits(self, _header: Header, body: Mapping[str, Any], case_id: str) -> None:
        self._cases[case_id] |= {name: body[name] for name in _WAITS if name in body}

    def _team(self, _header: Header, body: Mapping[str, Any], case_id: str) -> None:
        self._cases[case_id] |= {"surgeon_id": body["surgeon"], "anaesthetist_id": body["anaesthetist"]}

    def _imported(self, header: Header, body: Mapping[str, Any], case_id: str) -> None:
        """Follow a case of the past: it, its slot that holds nothing, and its times came in one entry."""
        self._case(header, body, case_id)
        # No later entry takes one of its times back by itself: their keys are the number of no entry.
        self._stamps[case_id] = {
            -place: {"stamp": stamp, "occurred_at": at, "recorded_at": header.recorded_us, "seq": header.seq}
            for place, (stamp, at) in enumerate(body["times"].items(), 1)
        }
        self._cases[case_id]["state"] = body["state"]
        self._slots[body["slot"]] = {
            "case_id": case_id,
            "room_id": body["room"],
            "start_at": body["start_us"],
            "end_at": body["end_us"],
            "state": body["slot_state"],
            "cancel_reason": body["reason"],
            "revision": 0,
            "changed_at": body["changed_us"],
        }

    def _signed(self, _header: Header, _body: Mapping[str, Any], case_id: str) -> None:
        self._cases[case_id]["state"] = CaseState.SIGNED.value

    def _started(self, _header: Header, body: Mapping[str, Any], case_id: str) -> None:
        if case_id in self._cases:  # a run beside the operation has a stream of its own
            self._cases[case_id]["checklist_sha256"] = body["sha256"]

    def _slot(self, header: Header, body: Mapping[str, Any], case_id: str) -> None:
        self._slots[body["slot"]] = {
            "case_id": case_id,
            "room_id": body["room"],
            "start_at": body["start_us"],
            "end_at": body["end_us"],
            "state": "held" if body.get("held") else "booked",
            "cancel_reason": "",
            "revision": body["revision"],
            "changed_at": header.recorded_us,
        }
        if "claims" in body:
            held = {(what, lane): (start, end) for what, lane, start, end in body["claims"]}
            self._slots[body["slot"]] |= {"lanes": {}, "held": held}
        else:
            self._take_lanes(body["slot"], self._cases[case_id])

    def _restored(self, header: Header, body: Mapping[str, Any], case_id: str) -> None:
        self._cases[case_id]["state"] = ""
        self._slot(header, body, case_id)

    def _take_lanes(self, slot_id: str, case: Row) -> None:
        """Give the people of a slot their lanes, as they were free when it was booked or moved."""
        slot = self._slots[slot_id]
        slot["lanes"] = {}
        start, end = slot["start_at"], slot["end_at"]
        for person in (case["surgeon_id"], case["anaesthetist_id"]):
            near = [one for day in (-1, 0, 1) for one in self._lanes.get((person, start // _DAY + day), ())]
            taken = {
                lane for other, begins, ends, lane in near
                if begins < end and ends > start and other != slot_id and self._stands(other, person, begins)
            }  # fmt: skip
            lane = next(number for number in itertools.count(1) if number not in taken)
            slot["lanes"][f"person:{person}"] = lane
            self._lanes.setdefault((person, start // _DAY), []).append((slot_id, start, end, lane))

    def _stands(self, slot_id: str, person: str, begins: int) -> bool:
        """Whether a slot still holds a person from this time on: it may have been moved or cancelled since."""
        slot = self._slots[slot_id]
        return slot["state"] == "booked" and slot["start_at"] == begins and f"person:{person}" in slot["lanes"]

    def _given_up(self, header: Header, body: Mapping[str, Any], _case_id: str) -> None:
        self._slots[body["slot"]] |= {
            "state": header.kind.partition(".")[2],
            "cancel_reason": body["reason"],
            "revision": body["revision"],
            "changed_at": header.recorded_us,
        }

    def _cancelled(self, header: Header, body: Mapping[str, Any], case_id: str) -> None:
        self._given_up(header, body, case_id)
        self._cases[case_id]["state"] = CaseState.CANCELLED.value

    def _turned(self, header: Header, _body: Mapping[str, Any], case_id: str) -> None:
        """Follow a case that was cancelled while it had no slot, or that waits again."""
        is_gone = header.kind == "case.cancelled"
        self._cases[case_id]["state"] = CaseState.CANCELLED.value if is_gone else ""

    def _feed(self, _header: Header, body: Mapping[str, Any], feed: str) -> None:
        names = ("token_sha256", "kind", "subject", "audience")
        row = {name: body[name] for name in names}
        self._feeds[feed] = row | {"expires_at": body["expires_us"], "revoked_at": None}

    def _feed_revoked(self, _header: Header, body: Mapping[str, Any], feed: str) -> None:
        self._feeds[feed]["revoked_at"] = body["revoked_us"]

    def _set_series(self, header: Header, body: Mapping[str, Any], series: str) -> None:
        self._series[series] = dict(body) | {"changed_at": header.recorded_us}

    def _changed_day(self, header: Header, body: Mapping[str, Any], series: str) -> None:
        self._days[series, body["day"]] = {name: body[name] for name in ("cancelled", "starts", "days", "ends")}
        said = {"last_day": body["last_day"], "revision": body["revision"]}
        self._series[series] |= said | {"changed_at": header.recorded_us}

    def _removed_series(self, header: Header, body: Mapping[str, Any], series: str) -> None:
        self._series[series] |= {"active": False, "revision": body["revision"], "changed_at": header.recorded_us}

    def _set_source(self, _header: Header, body: Mapping[str, Any], source: str) -> None:
        row = dict(body)
        self._sources[source] = {"origin": row.pop("text"), "active": True} | row

    def _withdrawn(self, _header: Header, body: Mapping[str, Any], source: str) -> None:
        self._sources[source] |= {"active": False, "revision": body["revision"]}

    def _stamped(self, header: Header, body: Mapping[str, Any], case_id: str) -> None:
        self._stamps.setdefault(case_id, {})[header.seq] = {
            "stamp": body["stamp"],
            "occurred_at": header.occurred_us,
            "recorded_at": header.recorded_us,
            "seq": header.seq,
        }

    def _undone(self, _header: Header, body: Mapping[str, Any], case_id: str) -> None:
        self._stamps.get(case_id, {}).pop(body["ref"], None)
        if body["ref"] in self._implants:
            self._implants[body["ref"]]["undone"] = True

    def _implant(self, header: Header, body: Mapping[str, Any], case_id: str) -> None:
        if case_id not in self._cases:
            return
        row = {name: body.get(name, "") for name in _IMPLANT_COLUMNS}
        action = header.kind.partition(".")[2]
        self._implants[header.seq] = row | {"case_id": case_id, "action": action, "undone": False}

    def differences(self, cursor: Cursor) -> list[str]:
        """Return a sentence for everything that differs. It names rows and columns, never what stands in them."""
        cursor.execute("SELECT id, txt FROM secret_text")
        self._texts = dict(cursor.fetchall())
        placed = {slot["case_id"] for slot in self._slots.values() if slot["state"] in ("booked", "held")}
        for case_id, row in self._cases.items():
            stamped = {stamp["stamp"] for stamp in self._stamps.get(case_id, {}).values()}
            row["state"] = row["state"] or state_of(stamped).value
            row["placed"] = case_id in placed
        found: list[str] = []
        for table, rows in self._lists.items():
            found += self._compare(table, rows, _keyed(_read(cursor, table), "id"))
        found += self._compare("case", self._cases, _keyed(_read(cursor, "op_case"), "id"), "number")
        found += self._compare("slot", self._slots, _keyed(_read(cursor, "slot"), "id"))
        found += self._compare("feed", self._feeds, _keyed(_read(cursor, "feed"), "id"))
        found += self._compare("implant", self._implants, _keyed(_read(cursor, "implant"), "seq"))
        times = {(case, row["stamp"]): row for case in self._cases for row in self._stamps.get(case, {}).values()}
        standing = {(row["case_id"], row["stamp"]): row for row in _read(cursor, "case_time")}
        found += self._compare("milestone", times, standing)
        found += self._compare("series", self._series, _keyed(_read(cursor, "series"), "id"))
        found += self._compare("calendar", self._sources, _keyed(_read(cursor, "calendar_source"), "id"))
        days = {(row["series_id"], _plain(row["day"])): row for row in _read(cursor, "series_change")}
        found += self._compare("changed day", self._days, days)
        found += self._claims(_read(cursor, "claim"))
        kept = {row["name"]: row["value"] for row in _read(cursor, "meta")}
        said = [name for name, value in self._meta.items() if kept.get(name) != value]
        found += [f"{name}: what the database keeps is not what the journal says" for name in said]
        found += self._lost_proofs(_keyed(_read(cursor, "credential"), "person_id"))
        return found

    def _lost_proofs(self, standing: Mapping[Any, Row]) -> Iterable[str]:
        """Yield whose PIN or badge came or went without an entry. Which it is, no entry says: that is on purpose."""
        for person in self._proofs.keys() | standing.keys():
            has = {proof: bool(standing.get(person, {}).get(proof)) for proof in ("pin", "badge")}
            for proof, wanted in self._proofs.get(person, {"pin": False, "badge": False}).items():
                if has[proof] != wanted:
                    yield f"person {person}: a {proof} {'is gone' if wanted else 'stands there that no entry made'}"

    def _compare(
        self, what: str, wanted: Mapping[Any, Row], standing: Mapping[Any, Row], label: str = ""
    ) -> Iterable[str]:
        for key in wanted.keys() | standing.keys():
            name = f"{what} {(standing.get(key) or wanted[key]).get(label, key)}"
            if key not in standing:
                yield f"{name}: its row is gone, though the journal has it"
            elif key not in wanted:
                yield f"{name}: a row stands there that no entry made"
            else:
                for column, value in wanted[key].items():
                    if column not in ("lanes", "held") and not self._is_same(column, value, standing[key].get(column)):
                        yield f"{name}: {column} is not what the journal says"

    def _is_same(self, column: str, wanted: Any, standing: Any) -> bool:
        value = self._resolved(wanted)
        if column == "changed_at":
            return isinstance(standing, int) and abs(standing - wanted) <= _SAME_MOMENT
        return value is None or _plain(value) == _plain(standing)

    def _resolved(self, value: Any) -> Any:
        """Return the text of a commitment (None for one that is forgotten), and anything else as it is."""
        if isinstance(value, dict) and MARK in value:
            return self._texts.get(value[MARK])
        return "" if value is None else value

    def _claims(self, standing: list[Row]) -> Iterable[str]:
        by_slot: dict[str, dict[tuple[str, int], Row]] = {}
        for row in standing:
            by_slot.setdefault(row["slot_id"], {})[row["resource"], row["lane"]] = row
        for slot_id, slot in self._slots.items():
            rows = by_slot.pop(slot_id, {})
            stands = slot["state"] in ("booked", "held")
            if stands and "held" in slot:
                yield from self._taken(slot_id, slot, rows)
                continue
            held = {resource: row for (resource, _), row in rows.items()}
            wanted = self._resources(slot) if stands else set()
            if wanted is None:
                continue
            for resource in wanted ^ held.keys():
                how = "is not held" if resource in wanted else "is held by no entry"
                yield f"slot {slot_id}: {resource.partition(':')[0]} {how}"
            for resource in wanted & held.keys():
                row, is_room = held[resource], resource.startswith("room:")
                longer = row["end_at"] - slot["end_at"]
                fits = 0 <= longer <= (_LONGEST_TURNOVER if is_room else 0) and longer % _MINUTE == 0
                if row["lane"] != slot["lanes"].get(resource, 1):
                    yield f"slot {slot_id}: {resource.partition(':')[0]} is held in another lane than was free"
                if row["start_at"] != slot["start_at"] or not fits:
                    yield f"slot {slot_id}: {resource.partition(':')[0]} is held for another time than it was booked"
        for slot_id in by_slot:
            yield f"slot {slot_id}: something is held for a slot that no entry made"
        yield from _overlaps(standing)

    def _taken(self, slot_id: str, slot: Row, rows: Mapping[tuple[str, int], Row]) -> Iterable[str]:
        """Yield how the claims of a slot differ from those that its entry names; its patient's stands in no entry."""
        wanted: dict[tuple[str, int], tuple[int, int]] = dict(slot["held"])
        patient = self._resolved(self._cases[slot["case_id"]]["hospital_number"])
        if patient is not None:
            wanted[f"patient:{patient}", 1] = slot["start_at"], slot["end_at"]
        for place in wanted.keys() | rows.keys():
            what, row = place[0].partition(":")[0], rows.get(place)
            if row is None:
                yield f"slot {slot_id}: {what} is not held"
            elif place not in wanted:
                if patient is not None or what != "patient":
                    yield f"slot {slot_id}: {what} is held by no entry"
            elif (row["start_at"], row["end_at"]) != wanted[place]:
                yield f"slot {slot_id}: {what} is held for another time than it was booked"

    def _resources(self, slot: Row) -> set[str] | None:
        """Return what a slot must hold; None where a forgotten text would be needed to tell."""
        case = self._cases.get(slot["case_id"])
        if case is None or (patient := self._resolved(case["hospital_number"])) is None:
            return None
        people = {f"person:{case[role]}" for role in ("surgeon_id", "anaesthetist_id") if case[role]}
        return {f"room:{slot['room_id']}", f"patient:{patient}", *people}


def _overlaps(claims: list[Row]) -> Iterable[str]:
    ordered = sorted(claims, key=lambda row: (row["resource"], row["lane"], row["start_at"]))
    for before, after in itertools.pairwise(ordered):
        same = (before["resource"], before["lane"]) == (after["resource"], after["lane"])
        if same and after["start_at"] < before["end_at"]:
            yield f"slot {after['slot_id']}: {after['resource'].partition(':')[0]} is held twice at one time"


def _read(cursor: Cursor, table: str) -> list[Row]:
    cursor.execute(f"SELECT * FROM {table}")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _keyed(rows: list[Row], key: str) -> dict[Any, Row]:
    return {row[key]: row for row in rows}


def _plain(value: Any) -> Any:
    """Return a value as both sides can be compared: nothing is an empty text, a day its ISO form."""
    if value is None:
        return ""
    return value if isinstance(value, str | int) else value.isoformat()
