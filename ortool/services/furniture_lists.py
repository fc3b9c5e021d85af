"""Rooms and equipment come in as lists: all of a list or nothing of it."""

from datetime import timedelta

from ortool.exchange.furniture_list import ListedEquipment, ListedRoom, read_equipment, read_rooms
from ortool.people.permissions import Verb
from ortool.people.person import Actor
from ortool.schedule.resources import Equipment, Kind
from ortool.services.furnishing import RoomWords, furniture, put_equipment, put_room
from ortool.services.importing import Imported, all_or_nothing
from ortool.services.theatre import Theatre


def import_rooms(
    theatre: Theatre, actor: Actor, text: str, file: str = "", dry_run: bool = False
) -> Imported[ListedRoom]:
    """Read a list of rooms and set every one as it says; a room that is not on it stays. A dry run writes nothing."""

    def put(one: ListedRoom) -> None:
        words = RoomWords(one.name, one.can, one.hours, one.turnover, one.in_use)
        with theatre.writing(actor, Verb.SET_THEATRE) as desk:
            put_room(desk, one.id, words)

    return all_or_nothing(theatre, actor, Verb.SET_THEATRE, read_rooms(text, file), file, dry_run, put)


def import_equipment(
    theatre: Theatre, actor: Actor, text: str, file: str = "", dry_run: bool = False
) -> Imported[ListedEquipment]:
    """Read a list of equipment and set all of it as it says; what is not on it stays. A dry run writes nothing."""
    standing = {one.id: (one, used) for one, used in furniture(theatre).equipment}

    def put(one: ListedEquipment) -> None:
        old, used = standing.get(one.id, (Equipment(one.id, one.name, Kind.EQUIPMENT, 1), True))
        new = Equipment(
            one.id,
            one.name,
            one.kind or old.kind,
            old.units if one.units is None else one.units,
            old.ready if one.ready is None else timedelta(minutes=one.ready),
        )
        with theatre.writing(actor, Verb.SET_THEATRE) as desk:
            put_equipment(desk, new, used if one.in_use is None else one.in_use)

    return all_or_nothing(theatre, actor, Verb.SET_THEATRE, read_equipment(text, file), file, dry_run, put)
