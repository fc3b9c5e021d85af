"""Setting a theatre up: rooms, people and procedures from a TOML file."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ortool.checklist.definition import Role
from ortool.errors import BadInput
from ortool.people.permissions import Grant, Verb
from ortool.people.person import Actor, Person
from ortool.reading import TOML_BYTES, read_toml
from ortool.schedule.recurrence import Series
from ortool.schedule.windows import WindowKind
from ortool.services.again import repeatable
from ortool.services.people import keep_an_administrator
from ortool.services.series import put
from ortool.services.theatre import Desk, Theatre
from ortool.storage.tables import PersonRow, ProcedureRow, RoomRow
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
            row = RoomRow(id=identifier(room.id), name=clean(room.name), position=position)
            done[_put(desk, row, f"room:{row.id}", "room.set")] += 1
        for person in file.people:
            roles = " ".join(role.value for role in person.roles)
            name, initials = clean(person.name), clean(person.initials)
            given = " ".join(sorted(person.given or ()))
            added = PersonRow(id=identifier(person.id), name=name, initials=initials, roles=roles, given=given)
            if person.given is None and (standing := desk.session.get(PersonRow, added.id)):
                added.given = standing.given
            done[_put(desk, added, f"person:{added.id}", "person.set")] += 1
        for line in file.procedures:
            known = _procedure(line)
            done[_put(desk, known, f"procedure:{known.id}", "procedure.set")] += 1
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
    )


def _put(desk: Desk, row: RoomRow | PersonRow | ProcedureRow, stream: str, kind: str) -> str:
    standing = desk.session.get(type(row), row.id)
    if isinstance(row, RoomRow | PersonRow) and isinstance(standing, RoomRow | PersonRow):
        row.active = standing.active  # who was retired comes back by a verb of its own, not by an old file
    body: dict[str, Any] = row.model_dump()
    if standing is not None and standing.model_dump() == body:
        return "same"
    desk.session.merge(row)
    desk.session.flush()
    desk.append(stream, kind, body)
    return "new" if standing is None else "changed"
