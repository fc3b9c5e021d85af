"""What an entry says, in one line: what an addendum about it sets right."""

from datetime import tzinfo

from ortool.checklist.decide import subject, words
from ortool.checklist.records import Answer, Complication, Count, Implant, Live, Stamp
from ortool.checklist.run import Run


def said_before(run: Run, ref: int, zone: tzinfo) -> str:
    """Return what the standing record of entry `ref` says, times in `zone`; empty where no record stands there."""
    record = run.find(ref)
    return "" if record is None else f"{_said(run, record)}, {record.occurred_at.astimezone(zone):%Y-%m-%d %H:%M}"


def _said(run: Run, record: Live) -> str:
    match record:
        case Answer():
            item = run.plan.items.get(record.item)
            unit = item.unit if item else ""
            reason = f"({record.reason})" if record.reason else ""
            parts = (record.item, item.prompt if item else "", words(record.state), record.value, unit, reason)
            return " ".join(filter(None, parts))
        case Stamp():
            stamp = run.plan.stamps.get(record.stamp)
            return f"{record.stamp} {stamp.title}" if stamp else record.stamp
        case Count():
            return f"count {record.moment}: " + ", ".join(f"{name} {found}" for name, found in record.found.items())
        case Implant():
            marks = (record.device_identifier, record.lot and f"lot {record.lot}", record.serial)
            return " ".join(filter(None, (subject(record), *marks, *record.values.values())))
        case Complication():
            return " ".join(filter(None, (subject(record), record.grade, record.text)))
        case _:
            return subject(record)
