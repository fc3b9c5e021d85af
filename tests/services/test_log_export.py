"""Case logs go out: every format of one whole case, and nothing in a de-identified one that says whose it is."""

import csv
import io
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from fhir.resources.R4B.bundle import Bundle

import ortool.exchange
from ortool.caselog.found import Wanted
from ortool.checklist.coded import COMPLICATIONS
from ortool.checklist.commands import ExplainDelay, JoinTeam, RecordComplication, StampMilestone
from ortool.errors import BadInput, NeedsIdentity, NotPermitted
from ortool.exchange.case_log import CaseLogs
from ortool.exchange.deidentify import shift_of
from ortool.exchange.past_map import built_in, read_map
from ortool.people.person import NOBODY, Actor
from ortool.services import booking, running
from ortool.services.history import import_past
from ortool.services.log_export import Form, case_logs, export_logs
from ortool.services.setup import SYSTEM
from ortool.services.statistics import statistics_of
from tests import reference
from tests.services.suite import MORNING

SCHEMA = Path(ortool.exchange.__file__).parent / "schemas" / "case-logs-1.json"
SECRET = ("Canary, Clara", "H-CANARY-77", "told her sister", "1931-02-03", "81.5", "Dr Stone", "Nora Nurse", "IMG-1")


@pytest.fixture
def suite(make_file_suite):
    return make_file_suite()


@pytest.fixture
def whole(suite):
    """A whole case, signed, of a patient who is 95."""
    case = suite.case(name="Canary, Clara", hospital_number="H-CANARY-77", born=date(1931, 2, 3))
    booking.book(suite.theatre, suite.nurse, case.id, "OR1", MORNING, 60)
    suite.act(case, JoinTeam(suite.voice("n2"), "scrub"))
    for minutes in (5, 1):
        suite.clock.pass_time(minutes=minutes)
    suite.through(case)
    running.add_note(suite.theatre, suite.nurse, case.id, "told her sister")
    running.sign(suite.theatre, suite.surgeon, case.id)
    return case


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_the_schema_beside_the_code_is_that_of_the_code_and_the_export_fits_it(suite, whole):
    assert json.loads(SCHEMA.read_text("utf-8")) == CaseLogs.model_json_schema(by_alias=True)
    found = CaseLogs.model_validate_json(export_logs(suite.theatre, Wanted(), Form.JSON, identified=True))
    (log,) = found.cases
    assert (log.patient.name, log.patient.age, log.case) == ("Canary, Clara", 95, str(whole.number))
    dossier = running.open_case(suite.theatre, whole.id)
    assert {one.stamp: one.occurred_at for one in log.milestones} == {
        name: one.occurred_at for name, one in dossier.run.stamps.items()
    }
    assert {one.item for pause in log.pauses for one in pause.answers} == {
        item.id for pause in dossier.run.plan.pauses.values() for item in dossier.run.items_of(pause)
        if item.id in dossier.run.answers
    }  # fmt: skip
    assert log.signatures[0].digest == dossier.history.signatures[0].digest
    assert "told her sister" in log.notes


def test_the_fhir_bundle_is_valid_and_says_the_same(suite, whole):
    made = json.loads(export_logs(suite.theatre, Wanted(), Form.FHIR, identified=True))
    read = Bundle.model_validate(made)  # the library models R4B (4.3.0), in which these resources are as in R4 (4.0.1)
    kinds = [entry.resource.get_resource_type() for entry in read.entry]
    (log,) = case_logs(suite.theatre, Wanted(), identified=True).cases
    assert kinds.count("QuestionnaireResponse") == len(log.pauses) > 0
    assert {"Procedure", "Appointment", "Slot", "Schedule", "Provenance", "AuditEvent", "Encounter"} <= set(kinds)
    procedure = next(one["resource"] for one in made["entry"] if one["resource"]["resourceType"] == "Procedure")
    assert procedure["status"] == "completed"
    assert procedure["performedPeriod"]["start"] == f"{log.time_of('PST'):%Y-%m-%dT%H:%M:%SZ}"
    stamps = {
        part["valueCode"] for one in procedure["extension"] for part in one["extension"] if part["url"] == "stamp"
    }
    assert stamps == {one.stamp for one in log.milestones}
    urls = {one["fullUrl"] for one in made["entry"]}
    assert len(urls) == len(made["entry"])
    assert set(_references(made)) <= urls


def test_complications_delays_and_reads_go_from_the_case_to_every_reader(suite, whole, monkeypatch):
    suite.act(whole, RecordComplication("intra.dural-tear", "II"), who="s1")
    monkeypatch.setitem(suite.theatre.store.meta, "identification", "pin")
    suite.theatre.reader = Actor(suite.person("s1").person, "pin")
    running.open_log(suite.theatre, whole.id)
    monkeypatch.delitem(suite.theatre.store.meta, "identification")
    (log,) = case_logs(suite.theatre, Wanted(event="intra.dural-tear"), identified=True).cases
    assert log.events == ("intra.dural-tear",)
    assert [read.person for read in log.reads] == ["Dr Stone"]
    figure = statistics_of(suite.theatre, Wanted()).find("event_intra.dural-tear")
    assert (figure.value, figure.n, figure.cases) == (100, 1, (whole.id,))
    made = json.loads(export_logs(suite.theatre, Wanted(), Form.FHIR, identified=True))
    Bundle.model_validate(made)
    kinds = {}
    for one in made["entry"]:
        kinds.setdefault(one["resource"]["resourceType"], []).append((one["fullUrl"], one["resource"]))
    ((url, condition),) = kinds["Condition"]
    procedure_url, procedure = kinds["Procedure"][0]
    assert condition["code"]["text"] == COMPLICATIONS["intra.dural-tear"].title
    assert procedure["complicationDetail"] == [{"reference": url}]
    read = next(one for _, one in kinds["AuditEvent"] if "entity" in one)
    assert read["entity"] == [{"what": {"reference": procedure_url}}]
    assert {one["questionnaire"].partition("|")[2] for _, one in kinds["QuestionnaireResponse"]} == {
        str(running.open_case(suite.theatre, whole.id).plan.checklist.version)
    }
    assert [one["slot"] for _, one in kinds["Appointment"]] == [[{"reference": kinds["Slot"][0][0]}]]
    assert set(_references(made)) <= {one["fullUrl"] for one in made["entry"]}
    without = case_logs(suite.theatre, Wanted()).cases[0]
    assert (without.reads, without.events) == ((), log.events)


def test_a_reason_for_all_of_a_delay_counts_what_the_others_leave(suite):
    case = suite.case()
    booking.book(suite.theatre, suite.nurse, case.id, "OR1", MORNING, 60)
    suite.clock.pass_time(minutes=40)
    suite.act(case, StampMilestone("PIR"), ExplainDelay("start", "F01", 12), ExplainDelay("start", "P01"))
    chapter = next(one for one in statistics_of(suite.theatre, Wanted()).chapters if one.id == "delays")
    assert {one.id: one.value for one in chapter.figures} == {"delay_P01": 28, "delay_F01": 12}


def _references(value):
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _references(one)


def test_a_placed_implant_is_a_device_with_its_udi():
    from ortool.exchange.case_log import CaseLog, ImplantLog, Who
    from ortool.exchange.fhir import bundle

    at = MORNING
    placed = ImplantLog(part="screw", place="L4-left", action="placed", description="Screw 6.4 x 45", serial="S1",
                        device_identifier="51022222233336", lot="A213B1", expires=date(2028, 7, 7), entry="scan",
                        occurred_at=at)  # fmt: skip
    log = CaseLog(case="1", patient=Who(id="p"), procedure_id="x", procedure="X", specialty="", levels="L4-5", side="",
                  surgeon="Dr A", anaesthetist="", urgency="elective", state="signed", room="1", planned_start=at,
                  planned_end=at + timedelta(hours=1), is_planned=True, from_list_of_the_past=False,
                  implants=(placed,))  # fmt: skip
    made = bundle(CaseLogs(site="here", made_at=at, identified=True, cases=(log,)))
    Bundle.model_validate(made)
    device = next(one["resource"] for one in made["entry"] if one["resource"]["resourceType"] == "Device")
    assert device["udiCarrier"] == [{"deviceIdentifier": "51022222233336", "entryType": "barcode"}]
    assert (device["lotNumber"], device["serialNumber"], device["expirationDate"]) == ("A213B1", "S1", "2028-07-07")


@pytest.mark.parametrize("form", ["csv", "json", "fhir", "omop"])
def test_without_names_nothing_says_whose_it_is(form, suite, whole):
    suite.clock.pass_time(days=400)  # when it was made stands in the file
    text = export_logs(suite.theatre, Wanted(), Form(form))
    assert [word for word in (*SECRET, "Theatre 1", f"{MORNING:%Y-%m-%d}") if word in text] == []
    named = export_logs(suite.theatre, Wanted(), Form(form), identified=True)
    assert "H-CANARY-77" in named


def test_without_names_lengths_stay_and_days_move_by_whole_weeks(suite, whole):
    (plain,) = case_logs(suite.theatre, Wanted(), identified=True).cases
    (hidden,) = case_logs(suite.theatre, Wanted()).cases
    shift = hidden.planned_start - plain.planned_start
    assert shift
    assert shift % timedelta(weeks=1) == timedelta()
    assert [one.occurred_at - shift for one in hidden.milestones] == [one.occurred_at for one in plain.milestones]
    assert hidden.patient.age == 90
    again = case_logs(suite.theatre, Wanted()).cases[0]
    assert again == hidden
    shifts = {shift_of(b"key", str(number)) for number in range(2_000)}
    assert timedelta() not in shifts
    assert len(shifts) == 52


def test_rows_of_milestones_and_a_logbook(suite, whole):
    (log,) = case_logs(suite.theatre, Wanted(), identified=True).cases
    found = rows(export_logs(suite.theatre, Wanted(), Form.OMOP, identified=True))
    assert [one["milestone_source_value"] for one in found] == [one.stamp for one in log.milestones]
    text = export_logs(suite.theatre, Wanted(), Form.LOGBOOK, trainee="n2")
    (line,) = rows(text)
    assert (line["role"], line["supervisor"]) == ("scrub", "Dr Stone")
    assert not any(word in text for word in ("Canary", "told her"))


def test_cases_from_a_list_go_out_too_and_say_so(suite):
    import_past(suite.theatre, SYSTEM, reference.utilisation(days=1), built_in("or-utilization"))
    found = rows(export_logs(suite.theatre, Wanted(), Form.CSV))
    assert {one["from_list_of_the_past"] for one in found} == {"True"}
    Bundle.model_validate_json(export_logs(suite.theatre, Wanted(), Form.FHIR))


PAST = """
name = "unnamed"
columns = {procedure = "what", name = "who"}
times = {PIR = "in", POR = "out"}
add = {rooms = true, procedures = true, surgeons = true}
"""
ROWS = """what,who,in,out
Hernia,Alpha Anna,2026-01-05 08:00,2026-01-05 09:00
Hernia,Beta Bob,2026-01-06 08:00,2026-01-06 09:30
Hernia,,2026-01-07 08:00,2026-01-07 09:30
"""


def test_patients_without_a_number_are_not_one_patient(suite):
    import_past(suite.theatre, SYSTEM, ROWS, read_map(PAST, "map"))
    made = json.loads(export_logs(suite.theatre, Wanted(), Form.FHIR, identified=True))["entry"]
    patients = [one["resource"] for one in made if one["resource"]["resourceType"] == "Patient"]
    assert [one.get("name") for one in patients] == [[{"text": "Alpha Anna"}], [{"text": "Beta Bob"}], None]
    assert not any("identifier" in one for one in patients)
    assert len({one.patient.id for one in case_logs(suite.theatre, Wanted()).cases}) == 3


def test_an_export_leaves_no_run_behind(suite, whole):
    suite.theatre.runs.clear()
    assert case_logs(suite.theatre, Wanted()).cases[0].pauses
    assert suite.theatre.runs == {}


def test_only_a_logbook_is_of_somebody(suite, whole):
    for form, trainee in ((Form.JSON, "n2"), (Form.LOGBOOK, "")):
        with pytest.raises(BadInput, match="logbook"):
            export_logs(suite.theatre, Wanted(), form, trainee=trainee)


def test_names_go_out_to_whoever_may_name_patients(suite, whole, monkeypatch):
    monkeypatch.setitem(suite.theatre.store.meta, "identification", "pin")
    suite.theatre.reader = NOBODY
    with pytest.raises(NeedsIdentity):
        export_logs(suite.theatre, Wanted(), Form.CSV)
    suite.theatre.reader = Actor(suite.surgeon.person, "pin")
    with pytest.raises(NotPermitted):
        export_logs(suite.theatre, Wanted(), Form.CSV, identified=True)
    assert export_logs(suite.theatre, Wanted(), Form.CSV)
