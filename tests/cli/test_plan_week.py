"""`ortool plan week`: propose, fix one, propose again, book as one, take back as one."""

import json
import re
import signal

import pytest
import sqlcipher3

ADD = ["--by", "co1", "case", "add", "--procedure", "hip", "--surgeon", "su1", "--side", "left"]
WEEK = ["plan", "week", "--from", "2026-12-01", "--days", "2", "--work", "60"]


NO_CASE = "entry 1 of its cases has no valid number."


def place(times: int = 1, **changed: str) -> bytes:
    """Return a plan's file with one place, so many times."""
    said = {"case": "1004", "room": '"OR1"', "start": '"2026-12-01T08:00:00Z"', "end": '"2026-12-01T09:00:00Z"'}
    one = ", ".join(f'"{name}": {value}' for name, value in (said | changed).items())
    return f'{{"schema": "ortool.plan.week/1", "placed": [{", ".join([f"{{{one}}}"] * times)}]}}'.encode()


@pytest.fixture
def waiting(ortool, made_once):
    """The site with six cases that wait for two rooms' two mornings and one surgeon."""

    def wait() -> None:
        for number in range(6):
            assert ortool(*ADD, "--hospital-number", f"W-{number}", "--name", f"Waits {number}").code == 0
        for room in ("OR1", "OR2"):
            assert ortool("--by", "co1", "room", "set", room, "--hours", "tue-wed 08:00-13:00").code == 0

    made_once("six wait", wait)
    return ortool


def slots(ortool) -> int:
    return 6 - len(json.loads(ortool("case", "waiting", "--json").out))


def test_a_week_is_proposed_fixed_booked_and_taken_back(waiting):
    told = waiting(*WEEK)
    assert told.code == 0, told.err
    assert "4 cases placed, 2 wait on." in told.out
    assert "from the best possible" in told.out
    assert "used with turnover" in told.out  # on the screens it is without
    assert "Dr Ann Surgeon" in told.out  # one surgeon is the reason that two wait
    assert "Waits" not in told.out  # no patient is named
    assert slots(waiting) == 0
    plan = json.loads(waiting(*WEEK, "--json").out)
    assert plan == json.loads(waiting(*WEEK, "--json").out)
    left = plan["waiting"][0]["case"]
    fixed = ("--fix", f"{left}=OR2@2026-12-02")
    again = json.loads(waiting(*WEEK, *fixed, "--json").out)
    there = next(one for one in again["placed"] if one["case"] == left)
    assert (there["room"], there["start"][:10]) == ("OR2", "2026-12-02")
    assert plan["bound"] >= plan["points"] >= plan["baseline"]["points"]
    told = waiting("--by", "co1", *WEEK, *fixed, "--apply")
    assert (told.code, "4 slots booked" in told.err) == (0, True), told
    assert slots(waiting) == 4
    placed = sorted(one["case"] for one in again["placed"])
    asked, undone = (waiting("--by", "co1", "slot", "undo", *more) for more in (["--dry-run"], []))
    for told, words in ((asked, "Would be free again"), (undone, "Free again")):
        lines = sorted(told.out.splitlines())
        heads = [f"{words}: case {case}, Theatre " for case in placed]
        assert [line[: len(head)] for line, head in zip(lines, heads, strict=True)] == heads, told
    assert slots(waiting) == 0


def test_a_slot_that_moved_stands_again_by_its_case(ortool):
    move = ("--by", "co1", "slot", "move", "1003", "--room", "OR2", "--start", "2026-11-25 10:00")
    assert ortool(*move).code == 0
    told = ortool("--by", "co1", "slot", "undo", "--dry-run")
    assert told.out == "Would stand again: case 1003, Theatre 2, Tue 24 Nov 2026, 09:00 to 10:30.\n"
    assert ortool("--by", "co1", "slot", "undo").out == told.out.replace("Would stand", "Stands")


def test_who_is_overtaken_is_said(waiting):
    assert waiting("--by", "co1", "case", "change", "1009", "--priority", "5").code == 0
    fixed = (*WEEK, "--fix", "1009=OR1@2026-12-01")
    plan = json.loads(waiting(*fixed, "--json").out)
    wait = [one["case"] for one in plan["waiting"]]
    assert [one["case"] for one in plan["overtaken"]] == wait
    assert plan["overtaken"][0] == {
        "case": wait[0], "priority": 3, "days": 0, "count": 1,
        "by": [{"case": 1009, "priority": 5, "days": 0}], "reason": plan["waiting"][0]["reason"],
    }  # fmt: skip
    told = waiting(*fixed)
    assert f"{wait[0]} (priority 3, 0 days)  1009 (priority 5, 0 days)" in told.out
    assert f"{len(wait)} of them were overtaken: in a block" in told.out
    assert "overtaken" not in waiting(*WEEK).out


def test_a_saved_plan_is_where_the_next_begins(waiting, site):
    saved = waiting(*WEEK, "--json").out
    plan = json.loads(saved)
    (site / "plan.json").write_text(saved)
    warm = ("plan", "week", "--from", "2026-12-01", "--days", "2", "--work", "1", "--warm", site / "plan.json")
    told = waiting(*warm, "--json")
    assert json.loads(told.out)["placed"] == plan["placed"]
    assert "4 of 4 cases of the earlier plan lie as they lay there" in told.err
    moved = plan["placed"][0]["case"], "OR2" if plan["placed"][0]["room"] == "OR1" else "OR1"
    again = json.loads(waiting(*warm, "--fix", f"{moved[0]}={moved[1]}", "--json").out)
    assert again == json.loads(waiting(*warm, "--fix", f"{moved[0]}={moved[1]}", "--json").out)
    assert moved in {(one["case"], one["room"]) for one in again["placed"]}
    assert (
        len([one for one in again["placed"] if one not in plan["placed"]]) <= 2
    )  # the one that is fixed, and one in its way
    assert waiting("--by", "co1", *warm, "--apply").code == 0
    told = waiting(*warm)
    assert (told.code, "places nobody who waits for these days" in told.err) == (1, True), told


def test_a_terminal_is_told_how_far_the_search_is(waiting, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    assert re.search(r"\r\033\[KSearching · \d+ of 1 s · -?\d+ points", waiting(*WEEK[:-2], "--seconds", "1").err)
    assert re.search(r"\r\033\[KSearching · \d+ s · -?\d+ points", waiting(*WEEK).err)
    monkeypatch.setenv("COLUMNS", "20")
    lines = waiting(*WEEK).err.split("\r\033[K")[1:-1]
    assert all(len(line) < 20 and line.endswith("…") for line in lines), lines


@pytest.mark.parametrize("at", ["ortool.cli.session.open_theatre_of", "ortool.services.planning.solve"])
def test_ctrl_c_ends_in_a_plan_that_is_not_booked(waiting, head, monkeypatch, at):
    before, handler = head(), signal.getsignal(signal.SIGINT)
    module, _, name = at.rpartition(".")
    deed, again = getattr(__import__(module, fromlist=[name]), name), []

    def pressed(*args, **named):
        signal.raise_signal(signal.SIGINT)
        again.append(signal.getsignal(signal.SIGINT))
        return deed(*args, **named)

    monkeypatch.setattr(at, pressed)
    told = waiting("--by", "co1", *WEEK[:-2], "--seconds", "3600", "--apply", "--json")
    assert told.code == 1
    assert told.err == ("The search was cut off: nothing is booked. Give --seconds to book what is found by then.\n")
    assert json.loads(told.out)["placed"]
    assert again == [signal.SIG_DFL]  # a second one ends at once
    assert waiting(*WEEK[:-1], "1000000").code == 0
    assert signal.getsignal(signal.SIGINT) is handler
    monkeypatch.setattr(at, deed)
    assert head() == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty."),
        (b"\xff\xfe\x00", "it is cut off or damaged."),
        (b"[" * 200_000, "it is cut off or damaged."),
        (b"[]", "it holds something else."),
        (b'{"schema": "ortool.plan.week/1"}', "it does not say which cases are placed."),
        (b'{"schema": "ortool.plan.week/9", "placed": []}', "it is of another kind or version."),
        (b'{"schema": "ortool.plan.week/1", "placed": [{"case": "\\u001b[31m[red]"}]}', NO_CASE),
        (b'{"schema": "ortool.plan.week/1", "placed": [7]}', "entry 1 of its cases is none."),
        (place(start='"2026-12-01T09:00:00"'), "entry 1 of its cases has no start with a time zone."),
        (place(start='"9999-12-31T23:59:00-23:00"'), "a time is out of range."),
        (place(case='"1004"'), NO_CASE),
        (place(case="1" * 5000), "it is cut off or damaged."),
        (place(case="0"), NO_CASE),
        (place(room='"' + "x" * 100 + '"'), "entry 1 of its cases has no valid room."),
        (place(10_001), "it places more than 10000 cases."),
        (place(2), "a case is placed twice."),
    ],
    ids=range(16),
)
def test_a_file_that_is_no_plan_is_one_sentence(waiting, site, content, words):
    (site / "plan.json").write_bytes(content)
    told = waiting(*WEEK, "--warm", site / "plan.json")
    assert (told.code, told.out) == (2, "")
    assert told.err == f"plan.json is no plan that `ortool plan week --json` wrote: {words}\n"
    assert "There is no file" in waiting(*WEEK, "--warm", site / "none.json").err


BAD = [
    ("--from 2026-12-05 --days 1", 1, "No block and no room is open in these days."),
    ("--from 2026-11-02", 1, "These days are past or within the freeze window"),
    ("--from 0001-01-01", 2, "0001-01-01 is not a date"),
    ("--from 9999-12-31", 2, "9999"),
    ("--from someday", 2, "someday"),
    ("--days 0", 2, "'--days': Input should be greater than or equal to 1"),
    ("--days 29", 2, "'--days': Input should be less than or equal to 28"),
    ("--seconds nan", 2, "'--seconds': Input should be"),
    ("--work -1", 2, "'--work': Input should be greater than or equal to 0"),
    ("--fix 9999=OR1", 1, "Case 9999 does not wait."),
    ("--fix 1001=OR1", 1, "Case 1001 does not wait."),
    ("--fix 1004=OR9", 2, "There is no room 'OR9'."),
    (
        "--fix 1004=OR1@2026-12-24",
        2,
        "Thu 24 Dec 2026 is not in the days that are planned. Planned: Tue 01 Dec 2026 to Wed 02 Dec 2026.",
    ),
    ("--fix 1004=OR1@2026-13-01", 2, "2026-13-01"),
    ("--fix 1004=OR1@9999-12-31", 2, "9999-12-31 is not a date"),
    ("--fix 1004", 2, "'1004' says no case and place."),
    ("--fix 1004=[red]x", 2, "There is no room '[red]x'."),
    ("--fix 1004=OR1 --fix 1004=OR2", 1, "Case 1004 cannot lie where it is fixed"),
    ("--fix 1004=OR1 --forbid 1004=OR1", 1, "Case 1004 cannot lie where it is fixed"),
    ("--days 5 --fix 1004=OR1@2026-12-05", 1, "Take it back."),
    ("--fix 1004=OR1 --fix 1004=OR2", 1, "Take one of them back."),
    ("--fix 1004=@2026-12-01 --forbid 1004=@2026-12-01", 1, "Take one of them back."),
    ("--forbid 9999=OR1", 1, "Case 9999 does not wait."),
    ("--forbid 1004=OR9", 2, "There is no room 'OR9'."),
    ("--forbid 1004=@2026-12-24", 2, "is not in the days that are planned."),
    (" ".join(f"--fix {n}=OR1@2026-12-01" for n in range(1004, 1008)), 1, "OR1 on Tue 01 Dec has 300"),
    (" ".join(f"--fix {n}=@2026-12-01" for n in range(1004, 1008)), 1, "Dr Ann Surgeon cannot be in two rooms at the"),
]


@pytest.mark.parametrize(("line", "code", "words"), BAD, ids=[line[:40] for line, _, _ in BAD])
def test_what_cannot_be_is_a_sentence(waiting, head, line, code, words):
    before = head()
    told = waiting("--by", "co1", *WEEK, *line.split(), "--apply")
    assert (told.code, told.out) == (code, ""), told
    assert words in " ".join(told.err.split())
    assert "Traceback" not in told.err
    assert head() == before


def test_nobody_waiting_is_a_sentence(ortool):
    assert ortool(*WEEK) == (1, "", "Nobody waits for a slot. `ortool case waiting` lists who does.\n")


def test_a_case_without_a_length_waits_on_and_says_so(waiting, site):
    """Such a row cannot be made any more, and may be there from before."""
    with sqlcipher3.connect(site / "site.db") as connection:
        connection.execute("UPDATE procedure SET minutes_one = 0, minutes_two = 0")
    told = waiting(*WEEK)
    assert told.code == 0, told
    assert "Its procedure is planned with 0 min in the room: no length of a case." in told.out
    (site / "none.toml").write_text('[[procedures]]\nid = "x"\nname = "X"\nshort = "X"\nminutes = 0')
    made = waiting("init", "--site", "X", "--theatre", site / "none.toml", "--settings", site / "other.toml")
    assert (made.code, "greater than or equal to 5" in made.err) == (2, True), made
