"""Every difference between two versions is told in a sentence, and no difference in none."""

import pytest

from ortool.checklist.difference import differences
from ortool.checklist.loading import parse_checklist
from tests.checklist.test_loading import SMALL


def told(*changes: tuple[str, str]) -> list[str]:
    text = SMALL
    for old, new in changes:
        assert text.count(old) >= 1
        text = text.replace(old, new, 1)
    return differences(parse_checklist(SMALL, "old"), parse_checklist(text, "new"))


def test_the_same_checklist_has_no_difference():
    assert told() == []
    assert told(("title: Small", "title: Small  # a comment")) == []


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('version: "1"', 'version: "2"', "the checklist: version was 1, is now 2"),
        ("procedures: [any]", "procedures: [any, tlif]", "the checklist: procedures was any, is now any, tlif"),
        ("response: Hangs free", "response: Free", 'item A.1 Abdomen: response was "Hangs free", is now Free'),
        ("hard_stop: true", "hard_stop: false", "item A.1 Abdomen: hard stop was yes, is now no"),
        ("prompt: Abdomen", "prompt: Belly", "item A.1 Abdomen: prompt was Abdomen, is now Belly"),
        ("[S11, ", "[S12, ", "item A.1 Abdomen: evidence was S11, "),
        ("minutes: {cefazolin: 60}", "minutes: {cefazolin: 45}", "by was rule dose_in_window, of ABX, "),
        ("target_seconds: 60", "target_seconds: 90", "pause A Pause: target seconds was 60, is now 90"),
        ("gates: [OUT]", "gates: []", "pause A Pause: gates was OUT, is now nothing"),
        ("one_level: [8, 15]", "one_level: [9, 15.5]", "stay Stay: one level was 8 to 15, is now 9 to 15.5"),
        ("meaning: In the room", "meaning: In here", 'time stamp IN In: meaning was "In the room", is now "In here"'),
        ("title: First,", "title: Baseline,", "count first First: title was First, is now Baseline"),
        ("title: Sponges,", "title: Swabs,", "count category sponges Sponges: title was Sponges, is now Swabs"),
        ("title: Whole", "title: All", "phase whole Whole: title was Whole, is now All"),
    ],
)  # fmt: skip
def test_a_change_is_told(old, new, sentence):
    found = told((old, new))
    assert len(found) == 1
    assert found[0].startswith(sentence) or sentence in found[0]


def test_items_that_come_and_go_are_told_with_their_weight():
    end = SMALL.index("      - id: A.2")
    first = SMALL[SMALL.index("      - id: A.1") : end]
    assert told((first, "")) == ["item A.1 Abdomen removed (was a hard stop)"]
    assert told((first, first + first.replace("A.1", "A.9"))) == ["item A.9 Abdomen added (hard stop)"]


def test_another_order_is_told():
    start, middle, end = (SMALL.index(part) for part in ("      - id: A.1", "      - id: A.2", "      - id: A.3"))
    one, two = SMALL[start:middle], SMALL[middle:end]
    (sentence,) = told((one + two, two + one))
    assert sentence == "pause A Pause: the items come in another order: A.2 now stands where A.1 stood"


def test_clocks_implants_and_the_count_path_are_told_too():
    from pathlib import Path

    from ortool.services.checklists import read_file

    old = read_file(Path(__file__).parents[2] / "checklists" / "dynamic-lumbar-stabilisation.yaml").checklist
    eyes = next(one for one in old.timers if one.id == "eyes")
    timers = [one.model_copy(update={"warn_before": 3}) if one is eyes else one for one in old.timers]
    path = old.count_path.model_copy(update={"items": old.count_path.items[1:]})
    new = old.model_copy(update={"timers": tuple(timers[1:]), "count_path": path, "implants": old.implants[:1]})
    assert differences(old, new) == [
        "timer antibiotic-window Antibiotic window until incision removed",
        "timer eyes Eyes, face and tube: warn before was 2, is now 3",
        "count path CD The count does not agree: item CD.1 Count incorrect, said aloud removed",
        "implant connector Cord and spacer removed",
    ]
