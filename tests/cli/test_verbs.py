"""The verbs do what they say, from booking to the signed and amended log."""

import json
import stat

import pytest

PAST_MIDNIGHT = "00:05"


def ok(told):
    assert told.code == 0, told
    return told


def test_a_case_is_added_booked_moved_and_cancelled(ortool):
    number = ok(ortool(
        "case", "add", "--hospital-number", "H-9", "--name", "Nine", "--procedure", "hip", "--surgeon", "AS",
        "--anaesthetist", "bo sleep", "--born", "1980-01-31", "--side", "left", "--by", "co1",
    )).out.strip()  # fmt: skip
    free = ["--room", "OR2", "--start", "2026-11-25 08:00", "--minutes", "90"]
    assert "would fit" in ok(ortool("slot", "check", number, *free)).out
    assert json.loads(ortool("case", "show", number, "--json").out)["slot"] is None
    assert "08:00 to 09:30" in ok(ortool("--by", "co1", "slot", "book", number, *free)).out
    late = ["--room", "OR1", "--start", "2026-11-25 10:00", "--end", "2026-11-25 11:00", "--reason", "room broken"]
    assert json.loads(ok(ortool("--by", "co1", "slot", "move", number, *late, "--json")).out)["revision"] == 1
    ok(ortool("--by", "co1", "case", "cancel", number, "--reason", "fever"))
    shown = json.loads(ortool("case", "show", number, "--json").out)
    assert (shown["state"], shown["slot"]["cancel_reason"]) == ("cancelled", "fever")


def test_a_case_that_waits_is_cancelled_without_a_slot(ortool):
    one, other = (
        ok(ortool(
            "case", "add", "--hospital-number", number, "--name", "Nine", "--procedure", "hip", "--surgeon", "AS",
            "--by", "co1",
        )).out.strip() for number in ("H-8", "H-9")
    )  # fmt: skip
    ok(ortool("--by", "co1", "case", "cancel", one, "--reason", "treated elsewhere"))
    assert "it had no slot" in ok(ortool("--by", "co1", "slot", "cancel", other, "--code", "XP02")).out
    assert json.loads(ortool("case", "show", one, "--json").out)["state"] == "cancelled"
    assert "Nobody waits" in ok(ortool("case", "waiting")).err


def test_an_import_asks_and_a_dry_run_writes_nothing(ortool, site, head, monkeypatch):
    (site / "list.csv").write_text(
        "Datum;room;start;minutes;mrn;name;procedure;surgeon\n01-12-2026;or 1;08:00;60;H-9;Nine;Hip;su1\n"
    )
    options = ["case", "import", site / "list.csv", "--column", "date=Datum", "--date-order", "dmy"]
    before = head()
    told = ok(ortool(*options, "--dry-run"))
    assert "H-9" in told.out
    assert "Nothing was written. 1 case could be booked" in told.err
    assert head() == before
    monkeypatch.setattr("ortool.cli.importing._confirmed", lambda *_: False)
    assert "Nothing was written" in ok(ortool("--by", "co1", *options)).err
    assert head() == before
    assert "1 case is booked" in ok(ortool("--by", "co1", *options, "--yes")).err
    assert head() != before


def test_a_waiting_list_comes_in_and_goes_out_as_a_file(ortool, site, head):
    (site / "wait.csv").write_text("mrn,name,operation,surgeon,priority,due\nH-8,Eight,hip,su1,high,2026-12-24\n")
    before = head()
    told = ortool("--by", "co1", "case", "import", site / "wait.csv", "--waiting", "--dry-run")
    assert (told.code, "2026-12-24" in told.out, head()) == (0, True, before)
    assert "1 case could be added" in told.err
    told = ortool("--by", "co1", "case", "import", site / "wait.csv", "--waiting", "--yes")
    assert (told.code, "1 case is added." in told.err) == (0, True)
    assert ortool("case", "waiting", "--csv", site / "out.csv").code == 0
    assert '"Eight"' in (site / "out.csv").read_text()
    told = ortool("--by", "co1", "case", "import", site / "out.csv", "--waiting", "--yes")
    assert (told.code, 'out.csv:line 2, column "procedure": H-8 is on the list' in told.err) == (1, True)


def test_rooms_and_equipment_come_in_as_lists(ortool, site, head):
    (site / "things.csv").write_text("id,name,units,kind,ready\nmill,Mill,2,set,90\n")
    before = head()
    told = ortool("--by", "co1", "equipment", "import", site / "things.csv", "--dry-run", "--json")
    assert (told.code, json.loads(told.out)["equipment"][0]["units"], head()) == (0, 2, before)
    assert ortool("--by", "co1", "equipment", "import", site / "things.csv", "--yes").code == 0
    for what in ("room", "equipment"):
        assert ortool(what, "list", "--csv", site / "out.csv").code == 0
        before = head()
        told = ortool("--by", "co1", what, "import", site / "out.csv", "--yes")
        assert (told.code, head()) == (0, before), told.err
    (site / "rooms.csv").write_text("id,name,hours\nOR1,One,mon 9-8\n")
    told = ortool("--by", "co1", "room", "import", site / "rooms.csv", "--yes")
    assert (told.code, 'rooms.csv:line 2, column "hours"' in told.err, head()) == (1, True, before)


def test_a_whole_run_by_script_ends_in_a_signed_and_amended_log(ortool, at):
    def run(*arguments, by="cn1"):
        return ok(ortool("--by", by, "run", *arguments))

    run("start", "1001", "--at", "09:02")
    assert ortool("--by", "cn1", "run", "start", "1001").code == 1
    run("count", "1001", "baseline", "--found", "sponges=10", "--found", "needles=4", "--second", "sc1")
    run("add", "1001", "sponges", "5")
    run("answer", "1001", "TMO.1", "override", "--reason", "band lost", "--second", "an1", by="su1")
    run("answer", "1001", "TMO.2", "not-applicable", "--reason", "no loss expected")
    run("answer", "1001", "TMO.3", "done", "--value", "75", "--command-id", "once")
    assert "saved before" in run("answer", "1001", "TMO.3", "done", "--value", "75", "--command-id", "once").err
    run("answer", "1001", "TMO.5", "done")
    run("undo", "1001")
    run("gate", "1001", "TMO", "--reason", "urgent", "--second", "su1", by="an1")
    run("stamp", "1001", "PST", "--at", "10:15")
    at("10:30")
    told = run("count", "1001", "closing-1", "--as-expected", "--found", "sponges=14", "--second", "sc1")
    assert "running" in told.err
    assert "count does not agree: sponges -1" in ok(ortool("run", "show", "1001")).out
    run("count", "1001", "closing-1", "--as-expected", "--second", "sc1")
    run("answer", "1001", "CL.2", "done", "--value", "left")
    run("stamp", "1001", "PCB")
    run("note", "1001", "Second [red]tray[/] opened")
    run("answer", "1001", "SO.1", "done")
    run("answer", "1001", "SO.2", "done", "--value", "ward")
    run("stamp", "1001", "POR")
    sheet = ok(ortool("run", "show", "1001")).out
    for words in (
        "NOT LOCALLY APPROVED",
        "OVERRIDDEN",
        "gate passed by Dr Bo Sleep and Dr Ann Surgeon: urgent",
        "TAKEN BACK",
    ):
        assert words in sheet
    signed = ok(ortool("--by", "su1", "log", "sign", "1001"))
    assert "left open: TMO Time out" in signed.err or "Signed by Dr Ann Surgeon" in signed.err
    assert ortool("--by", "cn1", "run", "note", "1001", "more").code == 1
    ok(ortool("--by", "su1", "log", "amend", "1001", "Walked today"))
    log = ok(ortool("log", "show", "1001")).out
    assert "Walked today" in log
    assert "[red]tray[/]" in log
    assert "1001" not in ok(ortool("log", "list", "--unsigned")).out
    assert ok(ortool("journal", "verify")).code == 0


def test_a_time_of_day_that_is_still_to_come_means_yesterday(ortool, at):
    at(PAST_MIDNIGHT)
    ok(ortool("--by", "cn1", "run", "start", "1001", "--at", "23:50"))
    told = json.loads(ortool("run", "show", "1001", "--json").out)
    assert told["steps"][0]["occurred_at"] == "2026-11-22T22:50:00Z"


def test_what_was_written_on_paper_is_entered_with_its_form_and_both_times(ortool, at):
    form = "DT-261123-073000-4F1A"
    at("09:40")
    ok(ortool("--by", "cn1", "run", "stamp", "1001", "PIR", "--at", "09:50", "--paper", form))
    found = ("--found", "sponges=10", "--found", "needles=4", "--second", "sc1")
    ok(ortool("--by", "cn1", "run", "count", "1001", "baseline", *found, "--at", "10:00", "--paper", form))
    ok(ortool("--by", "cn1", "run", "answer", "1001", "TMO.1", "done", "--at", "10:05", "--paper", form.lower()))
    lines = json.loads(ok(ortool("journal", "show", "--case", "1001", "--json")).out)
    typed = [line for line in lines if line["body"].get("transcribed") == form]
    assert [line["kind"] for line in typed] == ["milestone.stamped", "count.recorded", "item.answered"]
    assert all(line["occurred_at"] < line["recorded_at"] for line in typed)
    assert ok(ortool("log", "show", "1001")).out.count(form) >= 2


@pytest.mark.parametrize(
    "words", [["stamp", "1001", "PIR"], ["answer", "1001", "TMO.1", "done"],
              ["count", "1001", "baseline", "--found", "sponges=1", "--found", "needles=1", "--second", "sc1"]],
    ids=["stamp", "answer", "count"],
)  # fmt: skip
def test_paper_says_what_it_is_for_and_asks_for_its_time(ortool, head, words):
    before = head()
    told = ortool("--by", "cn1", "run", *words, "--paper", "DT-1")
    assert told.code == 1
    assert "has its own time" in told.err
    told = ortool("--by", "cn1", "run", *words, "--at", "10:00", "--paper", "form [1]")
    assert told.code == 1
    assert "is no form number" in told.err
    assert head() == before
    shown = " ".join(ok(ortool("run", words[0], "--help")).out.split())
    assert "what was written on paper is entered as transcribed, with both times" in shown


def test_global_options_may_stand_behind_the_command(ortool):
    ok(ortool("run", "note", "1001", "x", "--by", "cn1"))
    ok(ortool("run", "note", "1001", "x", "--by=cn1"))


def test_a_person_comes_and_goes_and_stays_named(ortool):
    ok(ortool("--by", "co1", "person", "add", "cn9", "Eve New", "--initials", "EN", "--role", "scrub"))
    ok(ortool("--by", "cn9", "run", "note", "1001", "here"))
    assert "is retired" in ok(ortool("--by", "co1", "person", "retire", "EN")).err
    assert "cn9" not in ok(ortool("person", "list")).out
    assert ortool("--by", "cn9", "run", "note", "1001", "again").code == 2
    assert "Eve New" in ok(ortool("log", "show", "1001")).out


@pytest.mark.parametrize(
    ("audience", "shown", "hidden"),
    [("busy", "OR1: busy", "orthopaedics"), ("slot", "case 1001", "Surgeon"), ("team", "Dr Ann Surgeon", "One"),
     ("named", "One", "nothing")],
)  # fmt: skip
def test_a_calendar_says_what_its_audience_may_read(ortool, site, audience, shown, hidden):
    out = site / "x.ics"
    told = ok(ortool("calendar", "export", "--audience", audience, "--days", "2", "--out", out))
    text = out.read_text()
    assert shown in text
    assert hidden not in text
    assert ("WARNING" in told.err) == (audience == "named")
    assert "4 to 24 hours" in told.err
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_a_calendar_can_be_narrowed_to_a_room_and_a_person(ortool, site):
    def events(*options):
        ok(ortool("calendar", "export", "--days", "5", "--out", site / "x.ics", *options))
        return (site / "x.ics").read_text().count("BEGIN:VEVENT")

    assert events() == 3
    assert events("--room", "OR2") == 1
    assert events("--person", "Ann") == 3
    assert events("--person", "cn1") == 0


def test_a_backup_is_a_whole_database_and_overwrites_nothing(ortool, site, head):
    copy = site / "copy.db"
    before = head()
    assert "verified" in ok(ortool("db", "backup", copy)).err
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert ortool("db", "backup", copy).code == 1
    (site / "site.db").unlink()
    copy.rename(site / "site.db")
    assert head() == before


def test_a_backup_of_an_encrypted_database_is_encrypted(ortool, site):
    (site / "key").write_text("ab" * 32)
    text = (site / "settings.toml").read_text() + f'key_file = "{site / "key"}"\n'
    (site / "settings.toml").write_text(text)
    (site / "site.db").unlink()
    from ortool.services.theatre import open_theatre
    from ortool.settings import load_settings

    path = f"sqlite:///{site / 'site.db'}"
    open_theatre(load_settings({"database_url": path}, site / "settings.toml")).close()
    ok(ortool("person", "add", "a", "A", "--initials", "A", "--role", "surgeon"))
    ok(ortool("db", "backup", site / "copy.db"))
    assert not (site / "copy.db").read_bytes().startswith(b"SQLite format 3")
    (site / "site.db").unlink()
    (site / "copy.db").rename(site / "site.db")
    assert "A" in ok(ortool("person", "list")).out


def test_the_journal_shows_no_patient_unless_a_case_is_asked_for(ortool):
    assert "H-1" not in ok(ortool("journal", "show", "--json")).out
    assert "H-1" in ok(ortool("journal", "show", "--case", "1001", "--json")).out


def test_data_is_never_read_as_markup(ortool):
    for arguments in (
        ["case", "list", "--named"],
        ["case", "show", "1002"],
        ["run", "show", "1002"],
        ["log", "show", "1002"],
    ):
        assert "[bold]x[/]" in ok(ortool(*arguments)).out, arguments


@pytest.mark.parametrize("as_json", [(), ("--json",)])
def test_a_list_of_cases_names_nobody_unless_it_is_asked_to(ortool, as_json):
    for arguments in (["case", "list"], ["case", "list", "--day", "today"]):
        told = ok(ortool(*arguments, *as_json)).out
        assert "OP …H-1" in told
        assert not [word for word in ("One", "Patient", "1950") if word in told]
        assert "One, Patient" in ok(ortool(*arguments, "--named", *as_json)).out
    assert "One, Patient" in ok(ortool("case", "show", "1001", *as_json)).out


@pytest.mark.parametrize("columns", ["80", "100", "200"])
def test_a_list_has_one_line_a_case_however_wide_it_may_be(ortool, site, monkeypatch, columns):
    file = site / "theatre.toml"
    file.write_text(file.read_text().replace("Dr Ann Surgeon", "Dr Bartholomew Example-Featherstonehaugh"))
    ok(ortool("--by", "co1", "init", "--theatre", file))
    monkeypatch.setenv("COLUMNS", columns)
    surname = "Example-" if columns == "80" else "Example-Featherstonehaugh"
    for arguments in (["case", "list"], ["case", "list", "--named"], ["slot", "list", "--days", "2"]):
        lines = ok(ortool(*arguments)).out.splitlines()
        assert len(lines) == 5
        assert max(map(len, lines)) <= int(columns)
        assert all(
            surname in line and side in line for line, side in zip(lines[2:], ("left", "right", "left"), strict=True)
        )
        assert ("Dr Bartholomew" in lines[2]) == (columns == "200")


def test_an_import_is_shown_before_it_is_asked_about(ortool, site, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    rows = [f"2026-12-{day:02},OR1,{hour}:00,45,H-{day}{hour},Nine Ten,Hip,right,su1" for day in range(1, 15)
            for hour in (10, 11, 12)]  # fmt: skip
    head = "date,room,start,minutes,mrn,name,procedure,side,surgeon\n"
    (site / "list.csv").write_text(head + "\n".join([*rows, "2026-11-02,OR2,08:00,45,H-9,Old,Hip,left,su1"]) + "\n")
    told = ok(ortool("--by", "co1", "case", "import", site / "list.csv", "--yes"))
    lines = told.out.splitlines()
    assert max(map(len, lines)) <= 80
    assert " ".join(lines[2].split()) == "Tue 2026-12-01 10:00 OR1 Hip replacement right Surgeon 45 NT …110 2"
    assert lines[42] == "… and 3 more; --dry-run shows every one."
    assert lines[44] == "Mon 2026-11-02  1 case: OR2 1"
    assert lines[45] == "Tue 2026-12-01  3 cases: OR1 3"
    assert "1 case of 43 before today, Mon 23 Nov 2026." in told.err


def test_the_journal_says_its_zone_and_another_day(ortool):
    lines = ok(ortool("journal", "show", "--case", "1001")).out.splitlines()
    assert lines[0] == "Times in Europe/Amsterdam."
    assert "2026-11-22 15:00:00  15:00:00  case.added" in lines[3]
    ok(ortool("--by", "cn1", "run", "start", "1001", "--at", "2026-11-21 09:02"))
    lines = ok(ortool("journal", "show", "--case", "1001")).out.splitlines()
    assert "2026-11-23 10:30:00  2026-11-21 09:02:00  milestone.stamped" in lines[-1]


def test_output_for_a_pipe_has_no_colour_and_no_trailing_blanks(ortool):
    for arguments in (["case", "list"], ["slot", "board"], ["doctor"]):
        out = ok(ortool(*arguments)).out
        assert "\x1b" not in out
        assert all(line == line.rstrip() for line in out.splitlines())
        assert max(map(len, out.splitlines())) <= 100


class TestInit:
    def test_it_writes_settings_and_loads_the_theatre(self, ortool, site):
        (site / "settings.toml").unlink()
        (site / "site.db").unlink()
        told = ok(
            ortool(
                "init", "--site", 'A "quoted" site', "--zone", "Europe/Amsterdam", "--theatre", site / "theatre.toml"
            )
        )
        assert "2 rooms, 5 people, 1 procedures" in told.err
        assert 'A \\"quoted\\" site' in (site / "settings.toml").read_text()
        assert "Dr Ann Surgeon" in ok(ortool("person", "list")).out

    def test_it_never_overwrites(self, ortool, site, head):
        before, text = head(), (site / "settings.toml").read_text()
        assert ortool("init", "--zone", "UTC").code == 1
        assert ((site / "settings.toml").read_text(), head()) == (text, before)
        (site / "settings.toml").rename(site / "aside")
        assert "site.db exists already" in ortool("init", "--zone", "UTC").err
        assert not (site / "settings.toml").exists()

    def test_it_asks_for_the_zone_and_checks_the_file_before_it_writes(self, ortool, site):
        (site / "settings.toml").unlink()
        (site / "site.db").unlink()
        (site / "bad.toml").write_text('[[rooms]]\nid = "OR1"\n')
        assert ortool("init").code == 2
        wrong = ortool("init", "--zone", "Mars/Olympus").err
        assert wrong == "--zone: 'Mars/Olympus' is no IANA time zone; write for example Europe/Amsterdam.\n"
        told = ortool("init", "--zone", "UTC", "--theatre", site / "bad.toml")
        assert (told.code, "bad.toml: rooms 1 name" in told.err) == (2, True)
        assert not (site / "site.db").exists()
        assert not (site / "settings.toml").exists()

    def test_an_empty_theatre_is_filled_by_the_command_that_its_hints_name(self, ortool, site):
        (site / "settings.toml").unlink()
        (site / "site.db").unlink()
        assert "`ortool init --theatre FILE` loads rooms" in ok(ortool("init", "--zone", "Europe/Amsterdam")).err
        hint = "`ortool init --theatre FILE`"
        new = ["case", "add", "--hospital-number", "H-9", "--name", "Nine", "--procedure", "hip", "--surgeon", "su1"]
        assert hint in ortool("--by", "co1", *new).err
        text = (site / "settings.toml").read_text()
        told = ok(ortool("init", "--theatre", site / "theatre.toml"))
        assert "8 are new, 0 took new words, 0 stood so already" in told.err
        assert (site / "settings.toml").read_text() == text
        ok(ortool("--by", "co1", *new))

    def test_a_theatre_file_renews_what_is_there_in_somebodys_name(self, ortool, site, head):
        before = head()
        file = site / "theatre.toml"
        assert "Who is entering this?" in ortool("init", "--theatre", file).err
        assert head() == before
        file.write_text(file.read_text().replace("Ed Desk", "Ed Counter"))
        told = ok(ortool("--by", "co1", "init", "--zone", "UTC", "--theatre", file))
        assert "0 are new, 1 took new words, 7 stood so already" in told.err
        assert "--zone were not used" in told.err
        assert "Ed Counter" in ok(ortool("person", "list")).out
        assert '"by": "co1"' in ok(ortool("journal", "show", "--limit", "1000", "--json")).out

    def test_settings_without_a_database_are_kept_and_get_one(self, ortool, site):
        (site / "site.db").unlink()
        text = (site / "settings.toml").read_text()
        assert ortool("init", "--zone", "UTC").code == 1
        ok(ortool("init", "--theatre", site / "theatre.toml"))
        assert (site / "settings.toml").read_text() == text
        assert "Dr Ann Surgeon" in ok(ortool("person", "list")).out

    def test_the_database_itself_says_its_site_and_zone(self, ortool, site):
        (site / "settings.toml").unlink()
        (site / "site.db").unlink()
        made = ("--site", "St Elsewhere", "--zone", "Asia/Tokyo", "--theatre", site / "theatre.toml", "--plain")
        ok(ortool("init", *made))
        (site / "settings.toml").write_text("")
        found = {one["what"]: one["seen"] for one in json.loads(ok(ortool("doctor", "--json")).out)}
        assert found["time zone"] == "Asia/Tokyo"
        assert "Asia/Tokyo" in ok(ortool("slot", "board")).out
        (site / "settings.toml").write_text('time_zone = "Europe/Paris"\n')
        told = ok(ortool("slot", "board"))
        assert "Europe/Paris" in told.out
        assert "made for Asia/Tokyo; the settings here show times in Europe/Paris" in told.err

    def test_the_first_person_needs_nobody_to_add_them(self, ortool, site):
        (site / "settings.toml").unlink()
        (site / "site.db").unlink()
        ok(ortool("init", "--zone", "UTC"))
        ok(ortool("person", "add", "a", "Ann", "--initials", "A", "--role", "surgeon"))
        assert ortool("person", "add", "b", "Bo", "--initials", "B", "--role", "surgeon").code == 2


def test_without_a_terminal_the_screens_say_so(ortool):
    told = ortool()
    assert told.code == 2
    assert "need a terminal" in told.err


def test_the_forecast_says_when_cases_end_and_what_clashes(ortool):
    told = ortool("--by", "cn1", "run", "stamp", "1001", "PIR", "--at", "10:25")
    assert told.code == 0, told
    late = ortool("forecast")
    assert late.code == 0, late
    assert "OR1 is expected to be not ready after 1001 until" not in late.out
    assert "10:25–12:" in late.out
    assert "min late" in late.out
    assert ortool("forecast", "--room", "OR2").out.strip() == ""
    over = ortool("forecast", "--day", "2026-11-20")
    assert (over.code, "That day is over" in over.err) == (1, True)


def test_a_slot_is_told_with_what_such_a_case_takes(ortool):
    told = ortool("slot", "check", "1003", "--room", "OR2", "--start", "2026-11-25 08:00", "--minutes", "110")
    words = "P50 110 min, P90 154 min (no cases yet, few data); 50 % inside 110 min"
    assert words in " ".join(told.out.split())
