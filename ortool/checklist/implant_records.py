"""Entries about implants, read back as records."""

from collections.abc import Callable
from datetime import date

from ortool.checklist.records import Action, EntryLike, Implant

_TEXTS = (
    "part", "place", "device_identifier", "lot", "serial", "raw", "entry", "description",
    "regulatory_context", "reason", "second",
)  # fmt: skip


def _reader(action: Action) -> Callable[[EntryLike], Implant]:
    def read(entry: EntryLike) -> Implant:
        body = entry.body
        return Implant(
            entry.seq,
            entry.occurred_at,
            entry.recorded_at,
            entry.actor,
            entry.auth,
            action,
            values={str(name): str(value) for name, value in body.get("values", {}).items()},
            expires=date.fromisoformat(body["expires"]) if body.get("expires") else None,
            stops=tuple(str(stop) for stop in body.get("stops", ())),
            ref=int(body.get("ref", 0)),
            **{name: str(body.get(name, "")) for name in _TEXTS},
        )

    return read


READERS: dict[str, Callable[[EntryLike], Implant]] = {f"implant.{action.value}": _reader(action) for action in Action}
"""The reader of each kind of entry about implants."""
