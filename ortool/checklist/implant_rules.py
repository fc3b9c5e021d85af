"""The rules of implants: what may be planned, placed, checked, wasted and taken out, and what stops it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime

from ortool.checklist.commands import (
    CheckImplant,
    Decision,
    ExplantImplant,
    PlaceImplant,
    PlanImplant,
    Voice,
    WasteImplant,
)
from ortool.checklist.construct import Cell, Construct
from ortool.checklist.implant_definition import ImplantPart
from ortool.checklist.implant_values import Identified, checked_values, identify
from ortool.checklist.places import Place, read_place
from ortool.checklist.records import Action, Implant
from ortool.checklist.rules import second_of, when
from ortool.checklist.run import Run
from ortool.errors import Refused
from ortool.text import clean

OVERRIDDEN_BY = ("surgeon",)
"""Who must be one of the two people that implant what a hard stop forbids."""

Placing = PlaceImplant | WasteImplant


class ImplantStop(Refused):
    """A hard stop: `stops` say why. The same command is taken with a reason and a second person."""

    def __init__(self, stops: tuple[str, ...]) -> None:
        super().__init__(
            f"HARD STOP: {' '.join(stops)}", "It is implanted only with a reason and a second person, one a surgeon."
        )
        self.stops = stops


def _plan(run: Run, command: PlanImplant, _actor: Voice, _now: datetime) -> Decision:
    part, place = _position(run, command.part, command.place)
    values = checked_values(part, command.values, sizes_only=True)
    if not values:
        raise Refused(f"{part.title} {place.words}: what size is planned?")
    body = _body(part, place, values)
    context = clean(command.regulatory_context)
    return Decision("implant.planned", body | ({"regulatory_context": context} if context else {}))


def _place(run: Run, command: PlaceImplant, actor: Voice, now: datetime) -> Decision:
    part, place = _position(run, command.part, command.place)
    occurred_at = when(command.occurred_at, now)
    cell = _cell(run, part, place)
    if cell and cell.implanted:
        raise Refused(f"{cell.title}: an implant is recorded there already.", "Undo it, or record it as taken out.")
    today = command.shelf.today or now.date()
    known = identify(command.device, today)
    values = checked_values(part, command.values)
    if missing := [size.title for size in part.sizes if size.id not in values]:
        raise Refused(f"{part.title} {place.words}: {missing[0].lower()} is needed.", "Read it off the label.")
    stops = tuple(_stops(run, command, known, today))
    what = f"{part.title} {place.words}"
    if stops:
        if not command.reason.strip() or command.second is None:
            raise ImplantStop(stops)
        second_of(actor, command.second, OVERRIDDEN_BY, f"{what} against a hard stop")
    elif known.entry == "manual":
        second_of(actor, command.second, (), f"{what} typed by hand")
    body = _body(part, place, values) | known.body() | _people(command.reason, command.second)
    context = clean(command.regulatory_context) or (cell.planned.regulatory_context if cell and cell.planned else "")
    body |= {"regulatory_context": context} if context else {}
    return Decision("implant.placed", body | ({"stops": list(stops)} if stops else {}), occurred_at)


def _check(run: Run, command: CheckImplant, _actor: Voice, _now: datetime) -> Decision:
    part, place = _position(run, command.part, command.place)
    cell = _cell(run, part, place)
    if cell is None or not cell.implanted:
        raise Refused(f"{part.title} {place.words}: nothing is implanted there.", "Record the implant first.")
    values = checked_values(part, command.values)
    changed = {name: value for name, value in values.items() if cell.values.get(name) != value}
    if not changed:
        raise Refused(f"{cell.title}: nothing new was written down.")
    return Decision("implant.checked", _body(part, place, changed))


def _waste(run: Run, command: WasteImplant, actor: Voice, now: datetime) -> Decision:
    part = _part(run, command.part)
    tag = read_place(part, command.place).tag if command.place else ""
    if not command.reason.strip():
        raise Refused(f"{part.title} wasted: the reason is needed.")
    known = identify(command.device, command.shelf.today or now.date())
    if known.entry == "manual":
        second_of(actor, command.second, (), f"A wasted {part.title.lower()} typed by hand")
    body: dict[str, object] = {"part": part.id, "place": tag}
    return Decision("implant.wasted", body | known.body() | _people(command.reason, command.second))


def _explant(run: Run, command: ExplantImplant, _actor: Voice, now: datetime) -> Decision:
    part, place = _position(run, command.part, command.place)
    if not command.reason.strip():
        raise Refused(f"{part.title} {place.words} taken out: the reason is needed.")
    body: dict[str, object] = {"part": part.id, "place": place.tag}
    cell = _cell(run, part, place)
    if cell and (old := cell.implanted):
        body |= {"ref": old.seq, **_identity(old)}
    elif command.device.description.strip():
        description = clean(command.device.description)
        body |= {"description": description, "lot": clean(command.device.lot), "serial": clean(command.device.serial)}
    else:
        raise Refused(
            f"{part.title} {place.words}: nothing was implanted there in this case.",
            "Describe the earlier implant that is taken out.",
        )
    return Decision("implant.explanted", body | _people(command.reason, command.second))


def _stops(run: Run, command: Placing, known: Identified, today: date) -> Iterator[str]:
    device = known.device
    if known.scan:
        yield from known.scan.faults
    if device.expires and device.expires < today:
        yield f"It expired on {device.expires.isoformat()}."
    if not device.serial:
        return
    for record in reversed(Construct(run).records):
        used = record.action in (Action.PLACED, Action.WASTED, Action.EXPLANTED) and record.serial == device.serial
        if used and same_device(record.device_identifier, device.device_identifier):
            yield f"Serial {device.serial} is recorded in this case already ({implant_subject(record)})."
            break
    for identifier, serial, where in command.shelf.used_serials:
        if serial == device.serial and same_device(identifier, device.device_identifier):
            yield f"Serial {device.serial} is recorded already in {where}."
            break


def same_device(one: str, other: str) -> bool:
    """Whether two device identifiers may be of one product; one that is not known fits any."""
    return not one or not other or one == other


def _identity(record: Implant) -> dict[str, object]:
    kept = ("device_identifier", "lot", "serial", "raw", "entry", "description")
    expires = record.expires.isoformat() if record.expires else ""
    return {name: text for name in kept if (text := getattr(record, name))} | ({"expires": expires} if expires else {})


def _people(reason: str, second: Voice | None) -> dict[str, object]:
    found: dict[str, object] = {"reason": clean(reason)} if reason.strip() else {}
    return found | ({"second": second.id} if second else {})


def _body(part: ImplantPart, place: Place, values: Mapping[str, str]) -> dict[str, object]:
    return {"part": part.id, "place": place.tag, "values": dict(values)}


def _part(run: Run, identifier: str) -> ImplantPart:
    parts = {part.id: part for part in run.plan.checklist.implants}
    if identifier not in parts:
        raise Refused(f"This checklist has no implant {clean(identifier, 40)!r}.")
    return parts[identifier]


def _position(run: Run, part_id: str, place: str) -> tuple[ImplantPart, Place]:
    part = _part(run, part_id)
    return part, read_place(part, place)


def _cell(run: Run, part: ImplantPart, place: Place) -> Cell | None:
    return Construct(run).cells.get((part.id, place.tag))


def implant_subject(record: Implant) -> str:
    """Return in a few words what a record about an implant is about."""
    return f"{record.part} {record.place} {record.action.value}".replace("  ", " ")


IMPLANT_RULES: dict[type, Callable[..., Decision]] = {
    PlanImplant: _plan,
    PlaceImplant: _place,
    CheckImplant: _check,
    WasteImplant: _waste,
    ExplantImplant: _explant,
}
