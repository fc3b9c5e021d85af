"""Everybody who appears in a case, and what they did."""

from collections.abc import Iterable, Iterator

from ortool.caselog.dossier import Dossier
from ortool.caselog.findings import PersonLine
from ortool.caselog.marks import Marker
from ortool.checklist.records import Record


def person_lines(dossier: Dossier, marker: Marker) -> tuple[PersonLine, ...]:
    """Return the surgeon, the anaesthetist, and then the rest by first appearance; undone entries count too."""
    case = dossier.case
    records = sorted(_records(dossier), key=lambda record: record.seq)
    found = [case.surgeon_id, case.anaesthetist_id]
    found += [person for record in records for person in (record.actor, _second(record))]
    return tuple(_person(dossier, person, records, marker) for person in dict.fromkeys(filter(None, found)))


def _records(dossier: Dossier) -> Iterator[Record]:
    history, run = dossier.history, dossier.run
    yield from (*history.plans, *history.remarks, *history.signatures, *history.opened, *history.claims)
    if run:
        yield from (*run.live, *run.taken_back, *run.undone)


def _second(record: Record) -> str:
    return str(getattr(record, "second", ""))


def _person(dossier: Dossier, person: str, records: Iterable[Record], marker: Marker) -> PersonLine:
    case = dossier.case
    roles = {"surgeon": case.surgeon_id, "anaesthetist": case.anaesthetist_id}
    entered = [record for record in records if record.actor == person]
    seconded = [record for record in records if _second(record) == person]
    return PersonLine(
        person,
        marker.name(person),
        tuple(role for role, holder in roles.items() if holder == person),
        len(entered),
        len(seconded),
        tuple(dict.fromkeys(record.auth for record in entered)),
        tuple(sorted({record.seq for record in (*entered, *seconded)})),
    )
