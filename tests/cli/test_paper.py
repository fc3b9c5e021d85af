"""A form entered on the command line: once, by two people, and compared with the screen."""

import json

import pytest

FORM = "DT-261123-060000-4F1A"


@pytest.fixture
def enter(ortool):
    """Enter a line of the form."""

    def call(*args: str):
        return ortool("--by", "cn1", "run", *args, "--paper", FORM, "--written-by", "an1")

    return call


def test_a_line_entered_twice_counts_once_and_says_so(enter, ortool, head, at):
    assert enter("stamp", "1001", "PIR", "--at", "09:02").code == 0
    stands = head()
    at("10:30")
    told = enter("stamp", "1001", "PIR", "--at", "09:02")
    assert told.code == 0
    assert "entered already from this form at 10:30 by Cy Nurse. Nothing was changed." in told.out + told.err
    told = enter("stamp", "1001", "PIR", "--at", "09:20")
    assert told.code == 1
    assert "says 09:20" in told.err
    assert head() == stands


def test_a_line_that_stands_on_the_screen_is_told_with_both_times(enter, ortool, head):
    assert ortool("--by", "sc1", "run", "start", "1001", "--at", "09:10").code == 0
    stands = head()
    told = enter("stamp", "1001", "PIR", "--at", "09:02")
    assert told.code == 1
    assert f"time stamp PIR at 09:10: entered on the screen at 10:30 by Di Scrub; form {FORM} says 09:02." in told.err
    assert head() == stands


def test_the_form_is_compared_with_the_screen(enter, ortool):
    assert enter("stamp", "1001", "PIR", "--at", "09:02", "--verified-by", "sc1").code == 0
    counted = ("--found", "sponges=10", "--found", "needles=4", "--second", "sc1", "--at", "09:05")
    assert enter("count", "1001", "baseline", *counted).code == 0
    assert enter("add", "1001", "sponges", "5", "--at", "09:30").code == 0
    assert ortool("--by", "cn1", "run", "answer", "1001", "TMO.1").code == 0
    told = ortool("run", "show", "1001", "--paper", FORM)
    assert "3 entered from this form, 1 from elsewhere, " in told.out + told.err
    assert "1 h 28" in told.out or "88 min" in told.out
    found = json.loads(ortool("run", "show", "1001", "--paper", FORM.lower(), "--json").out)
    standing = {line["line"]: line["standing"] for line in found["lines"]}
    assert (standing["PIR"], standing["sponges"], standing["TMO.1"]) == ("entered", "entered", "elsewhere")
    assert standing["TMO.4"] == "missing"
    stamp = next(line for line in found["lines"] if line["line"] == "PIR")
    assert (stamp["by"], stamp["written_by"], stamp["verified_by"], stamp["lag_seconds"]) == ("cn1", "an1", "sc1", 5280)


def test_who_compares_needs_a_form_and_is_another_person(enter, ortool):
    told = ortool("--by", "cn1", "run", "stamp", "1001", "PIR", "--verified-by", "sc1")
    assert (told.code, "Give the form's number" in told.err) == (2, True)
    told = enter("stamp", "1001", "PIR", "--at", "09:02", "--verified-by", "cn1")
    assert (told.code, "does not verify it too" in told.err) == (1, True)
