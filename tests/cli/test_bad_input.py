"""Bad input: one sentence that names the place and the mend, the right exit code, and nothing half-written."""

from pathlib import Path

import pytest

from ortool.cli import session

BOOK = ["--by", "co1", "slot", "book", "1004", "--room", "OR2"]
ADD = [
    "--by",
    "co1",
    "case",
    "add",
    "--hospital-number",
    "H-9",
    "--name",
    "Nine",
    "--procedure",
    "hip",
    "--surgeon",
    "su1",
]
HEADER = "date,room,start,minutes,mrn,name,procedure,surgeon\n"
ROW = "2026-12-01,OR1,08:00,60,H-9,Nine,hip,su1\n"

REFUSED = [
    # (arguments, exit code, words that the sentence must hold)
    (["case", "import", "absent.csv"], 2, ["absent.csv", "no file"]),
    (["case", "show", "4711"], 2, ["4711", "ortool case list"]),
    (["run", "show", "x'; drop table entry"], 2, ["no case"]),
    ([*ADD[:-3], "knee", "--surgeon", "su1"], 2, ["knee", "hip"]),
    ([*ADD[:-3], "hp", "--surgeon", "su1"], 2, ["Did you mean hip?"]),
    ([*ADD[:-3], "brain transplant", "--surgeon", "su1"], 2, ["Known: hip"]),
    ([*BOOK, "--start", "2026-03-29 12:30", "--minutes", "60"], 1, ["Sun 29 Mar 2026 is past"]),
    ([*ADD[:-1], "cn1"], 2, ["cn1", "no surgeon"]),
    ([*ADD, "--born", "1950-02-30"], 2, ["does not exist", "28 days"]),
    ([*ADD, "--levels", "L9"], 2, ["is not a level", "L4-5"]),
    ([*ADD, "--side", "west"], 2, ["west", "left, right"]),
    ([*BOOK, "--start", "2026-02-30 08:00", "--minutes", "60"], 2, ["does not exist", "28 days"]),
    ([*BOOK, "--start", "2027-03-28 02:30", "--minutes", "60"], 2, ["does not exist in Europe/Amsterdam", "jumps"]),
    ([*BOOK, "--start", "2026-10-25 02:30", "--minutes", "60"], 2, ["happens twice", "+02:00 or 02:30+01:00"]),
    ([*BOOK, "--start", "2026-11-25", "--minutes", "60"], 2, ["YYYY-MM-DD HH:MM"]),
    ([*BOOK, "--start", "2026-11-25 08:00", "--end", "2026-11-25 07:00"], 1, ["ends before it starts"]),
    ([*BOOK, "--start", "2026-11-25 08:00"], 2, ["--minutes or --end"]),
    ([*BOOK, "--start", "2026-11-25 08:00", "--minutes", "2000"], 1, ["longer than a day"]),
    ([*BOOK, "--start", "2026-11-25 08:00", "--minutes", "many"], 2, ["--minutes", "ortool slot book --help"]),
    ([*BOOK[:-1], "OR9", "--start", "2026-11-25 08:00", "--minutes", "60"], 2, ["OR9", "OR1, OR2"]),
    (["--by", "co1", "slot", "book", "1004", "--room", "OR1", "--start", "2026-11-23 10:00", "--minutes", "60"], 1,
     ["Theatre 1 is taken by case 1001", "nearest start"]),
    (["--by", "nobody", "slot", "cancel", "1001", "--reason", "x"], 2, ["nobody", "ortool person list"]),
    (["slot", "cancel", "1001", "--reason", "x"], 2, ["--by PERSON", "ORTOOL_PERSON"]),
    (["--by", "co1", "slot", "cancel", "1001", "--reason", " "], 1, ["needs a reason"]),
    (["--by", "cn1", "run", "stamp", "1001", "PST"], 1, ["waits for TMO Time out", "TMO.1"]),
    (["--by", "cn1", "run", "stamp", "1001", "XYZ"], 1, ["no time stamp 'XYZ'"]),
    (["--by", "cn1", "run", "read", "1001", "map-low", "58"], 1, ["no clock 'map-low'"]),
    (["--by", "cn1", "run", "answer", "1001", "TMO.9", "done"], 1, ["no item 'TMO.9'"]),
    (["--by", "cn1", "run", "answer", "1001", "TMO.1", "maybe"], 2, ["maybe", "done"]),
    (["--by", "cn1", "run", "answer", "1001", "TMO.3", "done", "--value", "900"], 1, ["outside 30 to 150 mmHg"]),
    (["--by", "cn1", "run", "answer", "1001", "TMO.4", "no"], 1, ["needs a reason"]),
    (["--by", "cn1", "run", "answer", "1001", "TMO.1", "override", "--reason", "x"], 1, ["second person"]),
    (["--by", "cn1", "run", "answer", "1001", "TMO.1", "done", "--at", "25:00"], 2, ["not a time of day", "HH:MM"]),
    (["--by", "cn1", "run", "count", "1001", "baseline", "--second", "sc1", "--found", "sponges"], 2, ["sponges=20"]),
    (["--by", "cn1", "run", "count", "1001", "baseline", "--second", "sc1", "--found", "sponges=-1"], 2, ["no count"]),
    (["--by", "cn1", "run", "undo", "1001"], 1, ["nothing to undo"]),
    (["--by", "su1", "log", "sign", "1001"], 1, ["can be signed once the patient is out"]),
    (["--by", "cn1", "log", "sign", "1001"], 1, ["its surgeon, Dr Ann Surgeon"]),
    (["--by", "su1", "log", "amend", "1001", "x"], 1, ["not signed", "run note"]),
    (["--by", "co1", "person", "add", "su1", "X", "--initials", "X", "--role", "surgeon"], 1, ["Dr Ann Surgeon"]),
    (["--by", "co1", "person", "add", "n1", "X", "--initials", "X", "--role", "pilot"], 2, ["pilot", "surgeon"]),
    (["calendar", "export", "--room", "OR7"], 2, ["OR7", "OR1, OR2"]),
    (["calendar", "export", "--audience", "everyone"], 2, ["everyone", "busy"]),
    (["calendar", "export", "--out", "no/such/folder/x.ics"], 2, ["x.ics", "folder"]),
    (["checklist", "show", "none"], 2, ["none", "small"]),
    (["checklist", "check", "absent.yaml"], 2, ["absent.yaml", "no file"]),
    (["slot", "list", "--day", "soon"], 2, ["soon", "YYYY-MM-DD"]),
    (["cases"], 2, ["Did you mean `ortool case`"]),
    (["slot", "list", "--dayz", "today"], 2, ["--dayz"]),
]  # fmt: skip


@pytest.fixture
def with_case(ortool):
    """The site with a case that has no slot."""
    assert ortool(*ADD).out == "1004\n"
    return ortool


@pytest.mark.parametrize(("arguments", "code", "words"), REFUSED, ids=[" ".join(one[0])[:60] for one in REFUSED])
def test_a_refusal_is_one_sentence_and_writes_nothing(with_case, head, arguments, code, words):
    before = head()
    told = with_case(*arguments)
    assert told.code == code, told
    assert told.out == ""
    assert all(word in told.err for word in words), told.err
    assert "Traceback" not in told.err
    assert told.err.strip().count("\n") == 0
    assert head() == before


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        (HEADER + ROW.replace("hip", "knee"), [], ['list.csv:line 2, column "procedure"', "not a known procedure"]),
        (HEADER + ROW.replace("2026-12-01", "2026-02-30"), [], ['list.csv:line 2, column "date"', "does not exist"]),
        (HEADER + ROW + ROW.replace("9", "8").replace("Nine", "Ten"), [], ["list.csv:line 3", "is taken by case"]),
        (HEADER + ROW.replace("su1", "cn1"), [], ['column "surgeon"', "no surgeon here", "Dr Ann Surgeon"]),
        (HEADER.replace("name", "who") + ROW, [], ['column "name"', "no column", '"who"']),
        (HEADER + ROW, ["--column", "name=Pateint"], ['No column is headed "Pateint"']),
        (HEADER + ROW.replace("08:00", "02:30").replace("2026-12-01", "2027-03-28"), [], ["does not exist", "jumps"]),
    ],
)  # fmt: skip
def test_a_faulty_list_is_refused_whole_with_every_place(ortool, site, head, text, options, words):
    (site / "list.csv").write_text(text)
    before = head()
    told = ortool("--by", "co1", "case", "import", site / "list.csv", "--yes", *options)
    assert told.code == 1, told
    assert all(word in told.err for word in words), told.err
    assert "Nothing was written" in told.err
    assert head() == before


@pytest.mark.parametrize(
    ("data", "options", "words"),
    [
        (b"", [], ["list.csv", "empty"]),
        (b"\xff\xfe\x00d", [], ["list.csv", "not UTF-8"]),
        ((HEADER + ROW).encode(), ["--column", "nmae=who"], ["nmae", "Did you mean name"]),
        ((HEADER + ROW).encode(), ["--column", "name"], ["--column name=Patient"]),
        ((HEADER + ROW).encode(), [], ["nobody to ask", "--yes"]),
    ],
)
def test_a_list_that_cannot_be_read_is_bad_input(ortool, site, head, data, options, words, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    (site / "list.csv").write_bytes(data)
    before = head()
    told = ortool("--by", "co1", "case", "import", site / "list.csv", *options)
    assert told.code == 2, told
    assert all(word in told.err for word in words), told.err
    assert head() == before


def test_a_checklist_with_a_double_id_is_told_with_its_place(ortool, site):
    good = Path(__file__).parent / "checklists" / "small.yaml"
    bad = site / "bad.yaml"
    bad.write_text(good.read_text().replace("id: TMO.2", "id: TMO.1"))
    told = ortool("checklist", "check", good, bad)
    line = next(number for number, row in enumerate(bad.read_text().splitlines(), 1) if "Blood at hand" in row)
    assert told.code == 1
    assert f"{bad}:{line}:" in told.out
    assert "the id `TMO.1` is used twice" in told.out
    assert "approve every checklist" in told.err


def test_a_faulty_checklist_in_use_stops_a_case_with_its_place(ortool, site):
    (site / "lists").mkdir()
    (site / "lists" / "bad.yaml").write_text("id: [")
    text = (site / "settings.toml").read_text()
    (site / "settings.toml").write_text(text[: text.index("checklists")] + f'checklists = "{site / "lists"}"\n')
    told = ortool("run", "show", "1001")
    assert told.code == 2
    assert "bad.yaml:2:1:" in told.err
    doctor = ortool("doctor")
    assert doctor.code == 1
    assert "WRONG" in doctor.out


def test_no_database_says_what_to_do_and_makes_none(ortool, site):
    (site / "site.db").unlink()
    told = ortool("case", "list")
    assert told.code == 2
    assert "ortool init" in told.err
    assert not (site / "site.db").exists()


def test_a_settings_file_with_an_unknown_key_is_named(ortool, site):
    (site / "settings.toml").write_text('time_zome = "UTC"\n')
    told = ortool("case", "list")
    assert told.code == 2
    assert "time_zome" in told.err
    assert "time_zone" in told.err


def test_something_that_is_no_database_is_a_storage_fault(ortool, site):
    (site / "site.db").write_bytes(b"not a database at all" * 400)
    told = ortool("case", "list")
    assert told.code == 3
    assert "cannot be read" in told.err


def test_an_unexpected_fault_shows_no_value(ortool, monkeypatch):
    def broken():
        raise RuntimeError("One, Patient H-1")

    monkeypatch.setattr(session, "clock", broken)
    told = ortool("slot", "board")
    assert told.code == 3
    assert "RuntimeError" in told.err
    assert "Patient" not in told.err
    assert "Traceback" not in told.err


def test_an_interrupt_is_quiet(ortool, monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr(session, "clock", interrupted)
    told = ortool("slot", "board")
    assert told.code == 130
    assert told.err == ""
