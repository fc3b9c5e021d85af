"""Setting a theatre up: rooms, people and procedures from a TOML file."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlmodel import Session, col, select

from ortool.checklist.definition import Role
from ortool.errors import BadInput
from ortool.people.permissions import Grant, Verb
from ortool.people.person import Actor, Person
from ortool.reading import TOML_BYTES, read_toml
from ortool.schedule.hours import read_hours
from ortool.schedule.recurrence import Series
from ortool.schedule.resources import MOST_UNITS, Kind, read_needs
from ortool.schedule.windows import WindowKind
from ortool.services.again import repeatable
from ortool.services.house import house_of
from ortool.services.people import keep_an_administrator
from ortool.services.series import put
from ortool.services.theatre import Desk, Theatre
from ortool.storage.tables import PersonRow, ProcedureRow, RoomRow
from ortool.storage.tables_beside import EquipmentRow
from ortool.text import clean, identifier

SYSTEM = Actor(Person("ortool", "ortool", "–", frozenset()), "system")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Site(_Part):
    """Name and zone of a site."""

    name: str = Field(default="", max_length=80)
    time_zone: str = ""


class RoomLine(_Part):
    """An operating room in the file."""

    id: str = Field(min_length=1, max_length=12)
    name: str = Field(min_length=1, max_length=80)
    capabilities: tuple[str, ...] = ()
    hours: str = ""
    turnover: int | None = Field(default=None, ge=0, le=60)


class EquipmentLine(_Part):
    """Equipment in the file: how many there are, and how many minutes one is away after its use."""

    id: str = Field(min_length=1, max_length=40)
    name: str = Field(min_length=1, max_length=80)
    kind: Kind = Kind.EQUIPMENT
    units: int = Field(default=1, ge=0, le=MOST_UNITS)
    ready_minutes: int = Field(default=0, ge=0, le=1440)


class PersonLine(_Part):
    """A person in the file. `given` are grants beyond those of the roles; without it what was granted here stays."""

    id: str = Field(min_length=1, max_length=20)
    name: str = Field(min_length=1, max_length=80)
    initials: str = Field(min_length=1, max_length=5)
    roles: tuple[Role, ...] = Field(min_length=1)
    given: tuple[Grant, ...] | None = None


class ProcedureLine(_Part):
    """A procedure in the file: minutes are planned minutes in the room for one level, and for two."""

    id: str = Field(min_length=1, max_length=40)
    name: str = Field(min_length=1, max_length=80)
    short: str = Field(min_length=1, max_length=30)
    specialty: str = ""
    aliases: tuple[str, ...] = ()
    checklist: str = ""
    minutes: int = Field(ge=5, le=1440)
    two_levels_minutes: int | None = Field(default=None, ge=5, le=1440)
    minutes_p90: int | None = Field(default=None, ge=5, le=1440)
    two_levels_minutes_p90: int | None = Field(default=None, ge=5, le=1440)
    recovery_minutes: int = Field(default=0, ge=0, le=1440)
    two_levels_recovery_minutes: int | None = Field(default=None, ge=0, le=1440)
    turnover: int | None = Field(default=None, ge=0, le=60)
    needs: tuple[str, ...] = ()


class BlockLine(_Part):
    """A block in the file: whose time in a room, by a rule (RRULE) from its first day on, in the theatre's clock."""

    id: str = Field(min_length=1, max_length=20)
    room: str
    owner: str = ""
    service: str = ""
    title: str = ""
    first_day: date
    starts: str
    ends: str
    rule: str = ""
    release_days: int | None = None

    @property
    def series(self) -> Series:
        """The block as a series. Raises BadInput where it has no owner, or two."""
        if bool(self.owner) == bool(self.service):
            raise BadInput(f"The block {self.id} belongs to a person or to a service.", "Name one of them.")
        owner = f"person:{self.owner}" if self.owner else f"service:{self.service}"
        return Series(
            self.id, WindowKind.BLOCK, f"room:{self.room}", self.first_day, self.starts, self.ends,
            owner=owner, title=self.title, rule=self.rule, release_days=self.release_days,
        )  # fmt: skip


class TheatreFile(_Part):
    """What a theatre is made of."""

    site: Site = Site()
    rooms: tuple[RoomLine, ...] = ()
    equipment: tuple[EquipmentLine, ...] = ()
    people: tuple[PersonLine, ...] = ()
    procedures: tuple[ProcedureLine, ...] = ()
    blocks: tuple[BlockLine, ...] = ()


def read_theatre_file(text: str, file: str) -> TheatreFile:
    """Return the theatre written in TOML. Raises BadInput that names the file and the place."""
    if len(text.encode(errors="replace")) > TOML_BYTES:
        raise BadInput(f"{file} is larger than {TOML_BYTES // 1024} KiB.", "Is it the right file?")
    try:
        return TheatreFile.model_validate(read_toml(text))
    except ValidationError as error:
        fault = error.errors()[0]
        place = " ".join(str(part + 1) if isinstance(part, int) else str(part) for part in fault["loc"])
        raise BadInput(f"{file}: {place}: {fault['msg']}.") from None
    except ValueError as error:
        raise BadInput(f"{file}: {clean(str(error))}.") from None


_RETIRES = RoomRow | PersonRow | EquipmentRow


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many rooms, people and procedures of a file were new, how many took new words, how many stood so already."""

    new: int = 0
    changed: int = 0
    same: int = 0


@repeatable
def load_theatre(theatre: Theatre, actor: Actor, file: TheatreFile) -> Loaded:
    """Write rooms, people, procedures and blocks; what is there already takes the new words. One transaction."""
    done: Counter[str] = Counter()
    with theatre.writing(actor, Verb.SET_THEATRE) as desk:
        for position, room in enumerate(file.rooms):
            row = _room(room, position)
            done[_put(desk, row, f"room:{row.id}", "room.set")] += 1
        for one in file.equipment:
            unit = _equipment(one)
            done[_put(desk, unit, f"equipment:{unit.id}", "equipment.set")] += 1
        for person in file.people:
            roles = " ".join(role.value for role in person.roles)
            name, initials = clean(person.name), clean(person.initials)
            given = " ".join(sorted(person.given or ()))
            added = PersonRow(id=identifier(person.id), name=name, initials=initials, roles=roles, given=given)
            if standing := desk.session.get(PersonRow, added.id):
                added.email = standing.email
                added.given = standing.given if person.given is None else given
            done[_put(desk, added, f"person:{added.id}", "person.set")] += 1
        for line in file.procedures:
            known = _procedure(line)
            done[_put(desk, known, f"procedure:{known.id}", "procedure.set")] += 1
        check_needs(desk.session)
        for block in file.blocks:
            done[put(desk, block.series)[1]] += 1
        keep_an_administrator(theatre)
    return Loaded(**done)


def _procedure(line: ProcedureLine) -> ProcedureRow:
    return ProcedureRow(
        id=identifier(line.id),
        name=clean(line.name),
        short=clean(line.short),
        specialty=clean(line.specialty),
        aliases="\n".join(clean(alias) for alias in line.aliases),
        checklist_id=identifier(line.checklist),
        minutes_one=line.minutes,
        minutes_two=line.two_levels_minutes or line.minutes,
        needs=_line(line.needs),
        turnover=line.turnover,
        p90_one=line.minutes_p90,
        p90_two=line.two_levels_minutes_p90 or line.minutes_p90,
        recovery_one=line.recovery_minutes,
        recovery_two=line.recovery_minutes
        if line.two_levels_recovery_minutes is None
        else line.two_levels_recovery_minutes,
    )


def _room(line: RoomLine, position: int) -> RoomRow:
    return RoomRow(
        id=identifier(line.id),
        name=clean(line.name),
        position=position,
        capabilities=_line(line.capabilities),
        hours=read_hours(line.hours).written,
        turnover=line.turnover,
    )


def _equipment(line: EquipmentLine) -> EquipmentRow:
    return EquipmentRow(
        id=identifier(line.id).casefold(),
        name=clean(line.name),
        kind=line.kind.value,
        units=line.units,
        ready_minutes=line.ready_minutes,
    )


def _line(words: tuple[str, ...]) -> str:
    return ", ".join(str(need) for need in read_needs(", ".join(words)))


def check_needs(session: Session) -> None:
    """Raise BadInput where a procedure needs what there is neither as equipment nor as an ability of a room."""
    house = house_of(session)
    known = house.equipment.keys() | house.abilities
    for row in session.exec(select(ProcedureRow).where(col(ProcedureRow.needs) != "")).all():
        read_needs(row.needs, known)


def _put(desk: Desk, row: RoomRow | PersonRow | ProcedureRow | EquipmentRow, stream: str, kind: str) -> str:
    standing = desk.session.get(type(row), row.id)
    if isinstance(row, _RETIRES) and isinstance(standing, _RETIRES):
        row.active = standing.active  # who was retired comes back by a verb of its own, not by an old file
    body: dict[str, Any] = row.model_dump()
    if standing is not None and standing.model_dump() == body:
        return "same"
    desk.session.merge(row)
    desk.session.flush()
    desk.append(stream, kind, body)
    return "new" if standing is None else "changed"
