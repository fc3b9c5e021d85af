"""One rehearsed case, told, explained, signed and amended: played once for all tests of the whole log."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ortool.caselog.report import CaseReport, make_report
from ortool.checklist.commands import Device, ExplainDelay, PlaceImplant, RecordComplication, WasteImplant
from ortool.people.person import Actor
from ortool.services.boards import day_board
from ortool.services.journals import export_journal
from ortool.services.people import find_person, list_people
from ortool.services.rehearsal import rehearse, story_for
from ortool.services.running import act, add_note, open_case, open_log, sign
from ortool.services.sample import SITE_VALUES, fill_sample
from ortool.services.theatre import Theatre, open_theatre
from ortool.settings import Settings

EVENING = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
LABEL = "(01)51022222233336(17)280707(10)A213B1(21)"
SCREW = {"diameter": "6.4", "length": "45", "walls": "5", "purchase": "good", "emg": "14"}
START = datetime(2026, 11, 23, 7, 25, 17, tzinfo=UTC)


@dataclass
class Played:
    """The theatre, the case, its report after the signature, and the journal as a file."""

    theatre: Theatre
    case_id: str
    surgeon: Actor
    report: CaseReport
    exported: Path
    path: Path


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp("played")
    settings = Settings(time_zone="Europe/Amsterdam", site_values=SITE_VALUES)
    theatre = open_theatre(settings, folder / "day.db", lambda: EVENING)
    fill_sample(theatre, date(2026, 11, 23))
    case = next(one.case for one in day_board(theatre).all_cases if one.case.number == 1004)
    plan = open_case(theatre, case.id).plan
    assert plan is not None
    rehearse(theatre, case.id, list_people(theatre), START, storyline=story_for(plan))
    nurse, surgeon = (Actor(find_person(theatre, name)) for name in ("cn1", case.surgeon_id))
    for place, serial in (("L2 left", "S1"), ("L2 right", "S2")):
        act(theatre, nurse, case.id, PlaceImplant("screw", place, Device(LABEL + serial), SCREW))
    act(theatre, nurse, case.id, WasteImplant("screw", Device(LABEL + "S3"), "dropped", "L3 left"))
    act(theatre, nurse, case.id, ExplainDelay("start", "F01", 15, "Room 2 over-ran"))
    act(theatre, nurse, case.id, ExplainDelay("start", "f05", 10))
    act(theatre, surgeon, case.id, RecordComplication("intra.dural-tear", "I", 2, "Sealed"))
    sign(theatre, surgeon, case.id)
    act(theatre, surgeon, case.id, RecordComplication("post.haematoma", "IIIb-d", 4))
    run = open_case(theatre, case.id).run
    assert run is not None
    add_note(theatre, surgeon, case.id, "Clock on the wall", about=run.stamps["PST"].seq, after="09:40")
    report = make_report(open_log(theatre, case.id), EVENING, 5)
    exported = folder / "journal.ndjson"
    export_journal(theatre, nurse, exported, "test", with_texts=True)
    yield Played(theatre, case.id, surgeon, report, exported, folder / "day.db")
    theatre.close()
