"""Cases of the past come in, and every figure made of them is made a second time by pandas from the file itself."""

import io

import pandas as pd
import pytest

from ortool.caselog.found import Wanted
from ortool.errors import NotPermitted
from ortool.exchange.past_map import Add, built_in, read_map
from ortool.exchange.past_rows import PastFile
from ortool.people.person import Actor, Person
from ortool.services import history, people
from ortool.services.boards import to_sign
from ortool.services.finding import find_cases
from ortool.services.history import import_past
from ortool.services.journals import verify_journal
from ortool.services.setup import SYSTEM
from ortool.services.statistics import past_cases, statistics_of
from ortool.storage.store import cursor_of
from tests import reference

SOURCES = ("generated", "real")


def utilisation(source):
    return reference.utilisation() if source == "generated" else reference.real(reference.UTILISATION)


def vital(source):
    return reference.vital() if source == "generated" else reference.real(reference.VITAL)


def minutes(lengths):
    return lengths.dt.total_seconds() / 60


@pytest.mark.parametrize("source", SOURCES)
def test_rooms_days_are_what_pandas_makes_of_the_file(source, make_file_suite):
    text = utilisation(source)
    theatre = make_file_suite(time_zone="America/New_York").theatre
    done = import_past(theatre, SYSTEM, text, built_in("or-utilization"))
    frame = pd.read_csv(io.StringIO(text))
    assert (done.new, done.faults) == (len(frame), ())
    for name in ("OR Schedule", "Wheels In", "Start Time", "End Time", "Wheels Out"):
        frame[name] = pd.to_datetime(frame[name], format="%m/%d/%y %H:%M").dt.tz_localize("America/New_York")
    frame["day"], frame["booked"] = frame["OR Schedule"].dt.date, frame["Booked Time (min)"]
    frame["length"] = minutes(frame["Wheels Out"] - frame["Wheels In"])
    frame["delay"] = minutes(frame["Wheels In"] - frame["OR Schedule"]).clip(lower=0)
    keys = ["OR Suite", "day"]
    frame = frame.sort_values(["OR Schedule", "Encounter ID"])
    found = statistics_of(theatre, Wanted())

    def same(name, value, n=None):
        figure = found.find(name)
        assert figure.value == pytest.approx(value), name
        assert n is None or figure.n == n

    firsts = frame.groupby(keys).head(1)
    for grace in (0, 5, 15):
        same(f"first_starts_{grace}", 100 * (firsts["delay"] <= grace).mean(), len(firsts))
    same("first_delay", firsts["delay"].mean())
    same("tardiness", frame["delay"].mean(), len(frame))

    frame["place"] = frame.groupby(keys).cumcount()
    frame["planned_end"] = frame["OR Schedule"] + pd.to_timedelta(frame["booked"], unit="min")
    actual = frame.sort_values(["Wheels In", "OR Schedule", "Encounter ID"])
    before = actual.groupby(keys)[["Wheels Out", "planned_end", "place"]].shift()
    gap = minutes(actual["Wheels In"] - before["Wheels Out"])
    empty = minutes(actual["OR Schedule"] - before["planned_end"])
    kept = gap[(actual["place"] == before["place"] + 1) & (gap >= 0) & (empty <= 60)]
    same("turnover_median", kept.median(), len(kept))
    same("turnover_mean", kept[kept <= 60].mean(), int((kept <= 60).sum()))
    same("turnover_prolonged", 100 * (kept > 60).mean())

    week = frame[frame["OR Schedule"].dt.day_of_week < 5].copy()
    midnight = week["OR Schedule"].dt.normalize()
    opens, closes = midnight + pd.Timedelta("7h30min"), midnight + pd.Timedelta("15h30min")
    starts = week["Wheels In"].where(week["Wheels In"] > opens, opens)
    ends = week["Wheels Out"].where(week["Wheels Out"] < closes, closes)
    week["inside"] = minutes(ends - starts).clip(lower=0)
    days = week.groupby(keys).agg(inside=("inside", "sum"), length=("length", "sum"), n=("day", "size"))
    staffed = 480 * len(days)
    same("utilisation_raw", 100 * days["inside"].sum() / staffed, len(week))
    same("utilisation_adjusted", 100 * (days["length"].sum() + 30 * days["n"].sum()) / staffed)
    same("under_run", (480 - days["inside"]).mean(), len(days))
    week["over"] = minutes(week["Wheels Out"] - closes).clip(lower=0)
    over = week.groupby(keys)["over"].max()
    same("over_run", over.mean(), len(over))
    same("over_run_share", 100 * (over > 0).mean())

    error = frame["length"] - frame["booked"]
    relative = (error / frame["booked"]).abs()
    same("bias", error.mean(), len(frame))
    same("mae", error.abs().mean())
    same("mape", 100 * relative.mean())
    same("hits_10", 100 * (relative <= 0.1).mean())
    same("hits_20", 100 * (relative <= 0.2).mean())
    same("bias_8h", 480 * error.sum() / frame["length"].sum())

    for chapter in found.chapters:
        if chapter.id == "room_by_procedure":
            assert len(chapter.figures) == min(12, frame["Service"].nunique())
            for figure in chapter.figures:
                lengths = frame[frame["Service"] == figure.label]["length"]
                five = lengths.quantile([0, 0.25, 0.5, 0.75, 1]).tolist()
                assert [figure.five.low, figure.five.q1, figure.five.median, figure.five.q3, figure.five.high] == (
                    pytest.approx(five)
                )
    assert all(figure.late is None for chapter in found.chapters for figure in chapter.figures)


@pytest.mark.parametrize("source", SOURCES)
def test_lengths_without_dates_are_what_pandas_makes_of_the_file(source, make_file_suite):
    text = vital(source)
    theatre = make_file_suite().theatre
    done = import_past(theatre, SYSTEM, text, built_in("vitaldb"))
    frame = pd.read_csv(io.StringIO(text))
    sound = (
        (frame["aneend"] >= frame["opend"]) & (frame["opend"] >= frame["opstart"])
        & (frame["opstart"] >= frame["anestart"]) & (frame["aneend"] > frame["anestart"])
        & (frame["aneend"] - frame["anestart"] <= 86_400)
    )  # fmt: skip
    assert done.new == int(sound.sum())
    assert [fault.line for fault in done.faults] == [int(place) + 2 for place in frame.index[~sound]]
    assert all(fault.sentence for fault in done.faults)
    found = statistics_of(theatre, Wanted())
    lengths = (frame["opend"] - frame["opstart"])[sound] / 60
    by_name = lengths.groupby(frame["opname"].str.casefold())
    figures = next(one for one in found.chapters if one.id == "procedure_by_procedure").figures
    assert figures
    for figure in figures:
        assert figure.value == pytest.approx(by_name.median()[figure.label.casefold()])
        assert figure.n == by_name.size()[figure.label.casefold()]
    # Nothing of it was planned, and no room is known: those figures have no case, and say so.
    assert {found.find(name).n for name in ("bias", "first_starts_0", "utilisation_raw", "cancelled")} == {0}
    assert found.find("bias").note


def test_a_case_comes_in_once_and_stands_as_the_journal_says(suite):
    theatre, text = suite.theatre, reference.utilisation(days=3)
    asked = import_past(theatre, SYSTEM, text, built_in("or-utilization"), dry_run=True)
    assert not asked.written
    assert not past_cases(theatre, Wanted())
    first = import_past(theatre, SYSTEM, text, built_in("or-utilization"))
    again = import_past(theatre, SYSTEM, text, built_in("or-utilization"))
    assert (asked.new, first.new, again.new, again.known) == (first.rows, first.rows, 0, first.rows)
    assert verify_journal(theatre).faults == []
    case = past_cases(theatre, Wanted())[0]
    with theatre.store.writing() as session:
        session.connection().exec_driver_sql(f"UPDATE case_time SET occurred_at = 1 WHERE case_id = '{case.id}'")
    assert any("occurred_at" in fault for fault in verify_journal(theatre).faults)


def test_the_journal_says_of_an_imported_case_nothing_that_can_be_tried(suite):
    theatre, text, mapped = suite.theatre, reference.utilisation(days=1), built_in("or-utilization")
    marks = [row.mark for row in PastFile(text, mapped, theatre.settings.zone).rows()]
    done = import_past(theatre, SYSTEM, text, mapped, "/home/quackenbush/past.csv")
    with theatre.reading() as session:
        cursor = cursor_of(session)
        cursor.execute("SELECT command_id, body FROM entry WHERE kind = 'case.imported'")
        entries = cursor.fetchall()
        cursor.close()
    assert len(entries) == done.new
    assert not {name for name, _ in entries} & {f"past:{mark}" for mark in marks}
    assert not any(b"quackenbush" in bytes(body) for _, body in entries)
    assert import_past(theatre, SYSTEM, text, mapped, dry_run=True).new == 0


def test_a_case_that_came_in_before_marks_had_a_key_is_known(suite, monkeypatch):
    theatre, text, mapped = suite.theatre, reference.utilisation(days=1), built_in("or-utilization")
    with monkeypatch.context() as patch:
        patch.setattr(history, "_command", lambda row, key: f"past:{row.mark}")
        first = import_past(theatre, SYSTEM, text, mapped)
    again = import_past(theatre, SYSTEM, text, mapped)
    assert (again.new, again.known) == (0, first.new)


def test_who_may_book_may_not_add_people_and_rooms_by_a_file(suite, monkeypatch):
    theatre, text = suite.theatre, reference.utilisation(days=1)
    people.add_person(theatre, SYSTEM, Person("x1", "Xenia", "XX", frozenset({"coordinator"})))
    scheduler = Actor(suite.person("x1").person, "pin")
    monkeypatch.setitem(theatre.store.meta, "identification", "pin")
    mapped = built_in("or-utilization")
    for add, word in (
        (Add(rooms=True), "rooms"),
        (Add(procedures=True), "procedures"),
        (Add(surgeons=True), "surgeons"),
    ):
        with pytest.raises(NotPermitted, match=f"The map adds {word}, and Xenia may not"):
            import_past(theatre, scheduler, text, mapped.model_copy(update={"add": add}))
    done = import_past(theatre, scheduler, text, mapped.model_copy(update={"add": Add()}))
    assert (done.new, len(done.faults)) == (0, done.rows)
    people.grant(theatre, SYSTEM, "x1", ["admin"])
    assert import_past(theatre, Actor(suite.person("x1").person, "pin"), text, mapped).new == done.rows


def test_a_list_of_the_past_is_nobodys_to_sign(suite):
    import_past(suite.theatre, SYSTEM, reference.utilisation(days=1), built_in("or-utilization"))
    assert find_cases(suite.theatre, Wanted()).cases
    assert not find_cases(suite.theatre, Wanted(unsigned=True)).cases
    assert not to_sign(suite.theatre)


def test_what_a_list_of_the_past_names_is_not_booked_into(suite):
    from ortool.services.boards import day_board
    from ortool.services.people import list_people

    rooms = set(day_board(suite.theatre).rooms)
    people = {person.id for person in list_people(suite.theatre)}
    import_past(suite.theatre, SYSTEM, reference.utilisation(days=1), built_in("or-utilization"))
    assert set(day_board(suite.theatre).rooms) == rooms
    assert {person.id for person in list_people(suite.theatre)} == people


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("1,OR1,2026-03-29 02:30,60,2026-03-29 05:00,2026-03-29 06:00", "happens twice or never"),
        ("1,OR1,2026-03-27 08:00,60,2026-03-27 09:00,2026-03-27 08:30", "POR is before PIR"),
        ("1,OR1,2026-03-27 08:00,60,2026-03-27 09:00,", "neither both ends"),
        ("1,OR1,2026-03-27 08:00,9999,2026-03-27 09:00,2026-03-27 10:00", "cannot be planned"),
        ("1,OR7,2026-03-27 08:00,60,2026-03-27 09:00,2026-03-27 10:00", "not known here"),
        ("1,OR1,2026-03-27 08:00,60,2026-03-27 09:00", "5 cells"),
        ("1,OR1,27/3/26 8:00,60,2026-03-27 09:00,2026-03-27 10:00", "no date and time"),
    ],
)
def test_a_row_that_cannot_be_trusted_is_named(row, word, make_suite):
    mapped = read_map(
        'name = "own"\n[columns]\nkey = "id"\nroom = "room"\nstart = "plan"\nminutes = "min"\n'
        '[times]\nPIR = "in"\nPOR = "out"\n[add]\nprocedures = true\n', "own.toml",
    )  # fmt: skip
    theatre = make_suite(time_zone="Europe/Amsterdam").theatre
    good = "2,OR1,2026-03-26 08:00,60,2026-03-26 08:05,2026-03-26 09:00"
    done = import_past(theatre, SYSTEM, f"id,room,plan,min,in,out\n{row}\n{good}\n", mapped)
    assert done.new == 1
    assert [fault.line for fault in done.faults] == [2]
    assert word in done.faults[0].sentence


def test_vista_writes_its_own_dates(suite):
    text = (
        "IEN,PATIENT,OPERATING ROOM,PRINCIPAL PROCEDURE,SURGEON,SURGERY SPECIALTY,SCHEDULED START TIME,"
        "SCHEDULED END TIME,CANCEL DATE,CANCEL REASON,.203,.205,.21,.22,.23,.24,.232,.234\n"
        "77,P-1,OR1,HIP,Dr Stone,ORTHO,3220103.073,3220103.09,,,3220103.07,3220103.0735,3220103.0736,3220103.08,"
        "3220103.0845,3220103.09,3220103.085,3220103.0855\n"
    )
    found = PastFile(text, built_in("vista"), suite.theatre.settings.zone)
    (row,) = found.rows()
    zone = suite.theatre.settings.zone
    assert f"{row.start.astimezone(zone):%Y-%m-%d %H:%M}" == "2022-01-03 07:30"
    assert f"{row.times['PIR'].astimezone(zone):%H:%M}" == "07:35"
    assert sorted(row.times) == ["AF", "AS", "PF", "PIH", "PIR", "POR", "PST", "RCS"]
