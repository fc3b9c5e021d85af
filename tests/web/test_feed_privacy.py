"""Every patient field of every case of the sample theatre is looked for in every feed, file and mail below `named`."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from email import message_from_bytes, policy

import pytest
from sqlmodel import col, select

from ortool.calendar import Audience
from ortool.calendar.feed import FeedKind
from ortool.people.person import Actor
from ortool.services import feeds, people
from ortool.services.calendars import export_calendar, services_of
from ortool.services.cases import list_rooms
from ortool.services.inviting import invite
from ortool.services.mailing import Folder
from ortool.services.sample import fill_sample
from ortool.services.theatre import Theatre, open_theatre
from ortool.settings import Settings
from ortool.storage.tables import CaseRow, ProcedureRow, SlotRow
from tests.web.conftest import start, stop
from tests.web.test_feeds import spellings

pytestmark = pytest.mark.xdist_group("served")
# What a patient's fields share with services, with the sentences of every calendar and page, and with HTTP.
COMMON = {"elective", "theatre", "spine", "surgery", "none", "known", "none known", "needs", "right", "level", "weeks"}
COMMON |= {"frame", "request"}
LEVELS = [audience for audience in Audience if audience.allowed_in_feeds]


def fields_of(theatre: Theatre) -> set[str]:
    """Return every value of a patient, its words, and a birth date in each way of writing it."""
    found: set[str] = set()
    with theatre.reading() as session:
        for case, procedure in session.exec(
            select(CaseRow, ProcedureRow).join(ProcedureRow, col(ProcedureRow.id) == col(CaseRow.procedure_id))
        ).all():
            texts = [case.patient_name, case.allergies, case.notes, procedure.name, procedure.short]
            found |= {case.hospital_number, case.levels, case.side, case.urgency, *texts}
            found |= {word for text in texts[:3] for word in re.findall(r"[\w-]{5,}", text)}
            if case.born:
                found |= {
                    case.born.strftime(form) for form in ("%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y")
                }
        staff = " ".join(one.name for one in people.list_people(theatre)).casefold()
    rooms = " ".join(list_rooms(theatre).values()).casefold()
    return {
        value for value in found
        if len(value) > 3 and value.casefold() not in COMMON and value.casefold() not in f"{staff} {rooms}"
    }  # fmt: skip


def served(theatre: Theatre, folder) -> Iterator[bytes]:
    """Yield every feed of every level, over HTTP, with what its headers and its page say."""
    boss = Actor(people.list_people(theatre, "coordinator")[0])
    subjects = [(FeedKind.ROOM, room) for room in list_rooms(theatre)]
    subjects += [(FeedKind.SERVICE, service) for service in services_of(theatre)]
    for role in ("surgeon", "anaesthetist"):
        subjects += [(FeedKind.PERSON, one.id) for one in people.list_people(theatre, role)]
    tokens = [
        feeds.add_feed(theatre, boss, kind, subject, level).token
        for kind, subject in dict.fromkeys(subjects)
        for level in LEVELS
    ]
    server = start(folder, "--feeds-only")
    with server.client() as client:
        for token in tokens:
            answer = client.get(f"/calendar/{token}.ics")
            assert answer.status_code == 200
            yield answer.content
            yield repr(answer.headers.multi_items()).encode()
        yield client.get(f"/calendar/{tokens[-1]}").content
    assert stop(server) == 0
    yield server.said.read_bytes()


def written(theatre: Theatre, today: date, folder) -> Iterator[bytes]:
    """Yield files of every level, and mails to the people of some cases."""
    for level in LEVELS:
        yield export_calendar(theatre, today, 60, level)
    boss = Actor(people.list_people(theatre, "coordinator")[0])
    for one in people.list_people(theatre):
        people.set_email(theatre, boss, one.id, f"{one.id}@hospital.example")
    folder.mkdir()
    with theatre.reading() as session:
        placed = session.exec(select(SlotRow.case_id).where(SlotRow.state == "booked").limit(3)).all()
    for case in placed:
        invite(theatre, boss, case, Folder(folder), Audience.TEAM)
    for path in folder.iterdir():
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        yield "\n".join(f"{name}: {value}" for name, value in mail.items()).encode()
        yield from (part.get_payload(decode=True) for part in mail.walk() if not part.is_multipart())


def test_no_patient_field_of_the_sample_theatre_leaves_below_named(tmp_path):
    (tmp_path / "settings.toml").write_text('site = "Sample"\nmail_from = "theatre@hospital.example"\n')
    theatre = open_theatre(Settings(site="Sample", mail_from="theatre@hospital.example"), tmp_path / "ortool.db")
    today = datetime.now().date()
    fill_sample(theatre, today)
    fields = fields_of(theatre)
    outputs = [*served(theatre, tmp_path), *written(theatre, today, tmp_path / "mails")]
    named = export_calendar(theatre, today, 60, Audience.NAMED)
    theatre.close()

    def lines(parts: list[bytes]) -> str:
        return "\n".join(
            {line for part in parts for line in part.replace(b"\r\n ", b"").decode().splitlines()}
        ).casefold()

    assert len(fields) > 100
    said = lines(outputs)
    assert said.count("summary:") > 100
    leaked = [value for value in sorted(fields) for form in spellings(value) if form.casefold() in said]
    assert leaked == []
    seen = lines([named]).replace("\\", "")
    assert sum(value.casefold() in seen for value in fields) > len(fields) / 3, "and where it may be, it is found"
