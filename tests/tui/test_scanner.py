"""The scanner tells a machine from a person: by where a barcode begins, and only then by the clock."""

import string

import pytest

from ortool.tui.scanner import FAST, LAPSE, Scanner, Seen

KEYS = set("nxodutcailbjkvw.?/ ")
SLOW = 0.1
QUICK = 0.004


def is_bound(key: str) -> bool:
    return key in KEYS


class Keyboard:
    """Sends keys to a scanner at a pace."""

    def __init__(self, prefix: str = "", here: bool = True) -> None:
        self.scanner = Scanner(prefix)
        self.here = here
        self.time = 0.0

    def send(self, text: str, pace: float, end: bool = True) -> list[Seen]:
        self.time += 1.0
        keys = [*text, *(["enter"] if end else [])]
        seen = []
        for key in keys:
            seen.append(self.scanner.see(key, None if key == "enter" else key, self.time, self.here, is_bound))
            self.time += pace
        return seen


@pytest.mark.parametrize("pace", [QUICK, SLOW])
@pytest.mark.parametrize("first", string.digits + string.ascii_uppercase + "](+=*")
def test_what_begins_like_a_barcode_is_swallowed_whole_at_any_pace(first, pace):
    keyboard = Keyboard()
    seen = keyboard.send(first + "n0u12d x", pace)
    assert seen == [Seen.TAKEN] * (len(seen) - 1) + [Seen.FINISHED]
    assert keyboard.scanner.finished == first + "n0u12d x"


@pytest.mark.parametrize("pace", [QUICK, SLOW])
def test_b_and_the_prefix_begin_a_scan_and_are_not_part_of_it(pace):
    for first, keyboard in (("b", Keyboard()), ("~", Keyboard("~")), ("~", Keyboard("~", here=False))):
        assert set(keyboard.send(first + "nuds", pace)) == {Seen.TAKEN, Seen.FINISHED}
        assert keyboard.scanner.finished == "nuds"


def test_a_key_name_can_be_the_prefix():
    scanner = Scanner("f9")
    assert scanner.see("f9", None, 0.0, False, is_bound) is Seen.TAKEN


@pytest.mark.parametrize("first", string.ascii_lowercase)
def test_a_barcode_that_begins_with_a_key_reaches_few_keys_and_no_enter(first):
    seen = Keyboard().send(first + "lwcjkundxo", QUICK)
    assert seen[-1] is Seen.FINISHED
    assert seen.count(Seen.PASSED) <= 4


def test_a_form_that_a_scan_opened_is_not_confirmed_by_its_enter():
    keyboard = Keyboard(here=False)
    assert keyboard.send("a1b2c3", QUICK)[-1] is Seen.NO_ANSWER


def test_a_person_is_not_taken_for_a_scanner():
    keyboard = Keyboard()
    assert set(keyboard.send("jjk n", SLOW)) == {Seen.PASSED}
    assert set(Keyboard(here=False).send("not needed", SLOW)) == {Seen.PASSED}
    assert set(keyboard.send("jjjjjjjj", 0.03, end=False)) == {Seen.PASSED}
    assert set(keyboard.send("        ", 0.03, end=False)) == {Seen.PASSED}


def test_escape_and_backspace_in_the_scan_line():
    scanner = Scanner()
    for key in "b12":
        scanner.see(key, key, 0.0, True, is_bound)
    assert scanner.see("backspace", "\x08", 0.1, True, is_bound) is Seen.TAKEN
    assert scanner.text == "1"
    assert scanner.see("escape", "\x1b", 0.2, True, is_bound) is Seen.LEFT
    assert scanner.text is None


def test_a_group_separator_stays_in_the_scan():
    scanner = Scanner()
    for key, char in (("b", "b"), ("1", "1"), ("ctrl+right_square_bracket", "\x1d"), ("2", "2")):
        scanner.see(key, char, 0.0, True, is_bound)
    assert scanner.text == "1\x1d2"


def test_a_field_for_a_barcode_takes_it_whole_and_lets_other_keys_go():
    scanner = Scanner()
    assert scanner.fill("tab", "\t") is Seen.PASSED
    for key in "n12":
        assert scanner.fill(key, key) is Seen.TAKEN
    assert scanner.fill("ctrl+right_square_bracket", "\x1d") is Seen.TAKEN
    assert scanner.fill("enter", "\r") is Seen.FINISHED
    assert scanner.finished == "n12\x1d"
    scanner.fill("7", "7")
    assert scanner.fill("tab", "\t") is Seen.PASSED
    scanner.fill("7", "7")
    assert scanner.see("j", "j", 5.0, True, is_bound) is Seen.PASSED


def test_a_scan_nobody_meant_lapses_and_one_that_was_meant_does_not():
    scanner = Scanner()
    scanner.see("5", "5", 0.0, True, is_bound)
    assert scanner.see("j", "j", LAPSE + 0.1, True, is_bound) is Seen.PASSED
    scanner.see("b", "b", 10.0, True, is_bound)
    assert scanner.see("j", "j", 60.0, True, is_bound) is Seen.TAKEN


def test_the_scan_line_holds_no_more_than_a_barcode():
    scanner = Scanner()
    scanner.see("b", "b", 0.0, True, is_bound)
    for _ in range(10_000):
        scanner.see("9", "9", 0.0, True, is_bound)
    assert len(scanner.text or "") < 500
    assert FAST < SLOW
