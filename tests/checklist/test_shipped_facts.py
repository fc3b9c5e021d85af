"""The shipped checklists against rows read from the clinical fact base a second time, without the lists at hand.

Each row names its section of the fact base; `added` says that the fact base holds no such line. Wording is free and
held by key phrases only. A label is the kind of evidence (`S14`, `GK`, `EST`, `SEED`, `SITE`). A `range` only catches
slips of typing: it is the program's own.
"""

import csv
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from ortool.checklist.definition import Checklist, EventList, Item, Mode, Pause
from ortool.checklist.implant_definition import ImplantPart, Reading
from ortool.checklist.loading import items_with_paths
from ortool.checklist.ranges import is_outside
from ortool.checklist.spans import Span
from ortool.checklist.timers import Timer
from ortool.services.checklists import read_file

SHIPPED = Path(__file__).parents[2] / "checklists"
COMMITTED = Path(__file__).parent / "committed"
SPINE = "dynamic-lumbar-stabilisation"
LUMBAR = (SPINE, "interlaminar-device", "lumbar-decompression", "lumbar-fusion")
LISTS = (*LUMBAR, "any-operation", "candidate-review", "recovery-plan")
MARKS = ("hard_stop", "second_reader", "not_applicable")
Row = dict[str, str]


def rows(name: str) -> list[Row]:
    with (COMMITTED / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))


@pytest.mark.parametrize("path", sorted(COMMITTED.glob("*.csv")), ids=lambda path: path.stem)
def test_no_row_has_more_or_fewer_cells_than_its_head(path):
    with path.open(encoding="utf-8", newline="") as lines:
        assert {len(row) for row in csv.reader(lines, strict=True)} == {len(rows(path.stem)[0])}


def named(row: Row) -> str:
    return "-".join(
        value for key, value in row.items() if key in ("checklist", "pause", "item", "timer", "choice", "row")
    )


@pytest.fixture(scope="module")
def lists() -> dict[str, Checklist]:
    return {name: read_file(SHIPPED / f"{name}.yaml").checklist for name in LISTS}


def by_id(checklist: Checklist) -> dict[str, Item]:
    return {item.id: item for _, item in items_with_paths(checklist)}


def labels(evidence: Iterable[str]) -> set[str]:
    return {"GK" if label.startswith("GK") else label for label in evidence}


def lost(facts: str, text: str) -> list[str]:
    return [fact for fact in facts.split(";") if fact.casefold() not in text.casefold()]


def said(item: Item) -> str:
    return " ".join((item.prompt, item.response, item.detail, item.unit, *item.choices))


def steps(checklist: Checklist) -> dict[str, EventList | Pause]:
    """Return each list that is read when something happens, the one of a wrong count with them."""
    found: dict[str, EventList | Pause] = {event.id: event for event in checklist.events}
    return found | ({checklist.count_path.id: checklist.count_path} if checklist.count_path else {})


def bounds(part: Item | Reading) -> str:
    return "" if part.min is None or part.max is None else f"{part.min:g}-{part.max:g}"


def as_row(event: str, item: Item) -> Row:
    marks = " ".join(mark for mark in MARKS if getattr(item, mark))
    return {
        **{"event": event, "item": item.id, "type": item.type.value, "unit": item.unit, "range": bounds(item)},
        **{"choices": "|".join(item.choices), "marks": marks, "responders": " ".join(item.responders)},
    }


@pytest.mark.parametrize("name", LUMBAR)
def test_each_event_is_read_step_by_step_as_transcribed(lists, name):
    found = [(as_row(event, item), item) for event, part in steps(lists[name]).items() for item in part.items]
    found = [pair for pair in found if pair[0]["event"] == "CD"] + [pair for pair in found if pair[0]["event"] != "CD"]
    wanted = rows("events")
    assert [row["item"] for row, _ in found] == [row["item"] for row in wanted]
    for row, (seen, item) in zip(wanted, found, strict=True):
        assert seen == {key: row[key] for key in seen}
        assert labels(item.evidence) == set(row["labels"].split()), item.id
        assert lost(row["facts"], said(item)) == [], item.id
        assert (item.expect, item.when, item.defer_to, item.auto) == (None, {}, None, None)


@pytest.mark.parametrize("name", LUMBAR)
def test_each_event_has_its_name_reader_and_labels(lists, name):
    found = steps(lists[name])
    assert found.keys() == {row["event"] for row in rows("event-lists")}
    for row in rows("event-lists"):
        event = found[row["event"]]
        assert lost(row["title"], event.title) == []
        assert (event.reader.value, str(event.target_seconds)) == (row["reader"], row["seconds"])
        assert getattr(event, "priority", "") == row["priority"]
        assert labels(event.evidence) == set(row["labels"].split())


def test_the_ward_has_the_neuro_alert_too(lists):
    (event,) = lists["recovery-plan"].events
    theatre = next(one for one in lists[SPINE].events if one.id == "E9")
    assert (event.id, event.reader) == ("E9", "ward_nurse")
    same = {"responders", "reader"}
    assert [item.model_dump(exclude=same) for item in event.items] == [
        item.model_dump(exclude=same) for item in theatre.items
    ]
    assert {"pacu_nurse", "circulating_nurse"}.isdisjoint({role for item in event.items for role in item.responders})


def test_no_item_is_without_a_transcribed_row_and_no_row_without_an_item(lists):
    events = {row["item"] for row in rows("events")}
    shared = set(by_id(lists[SPINE]))
    for name, checklist in lists.items():
        written = [row["item"] for row in rows("items") if row["checklist"] == name]
        elsewhere = events | (shared if name in LUMBAR[1:] else set())
        assert sorted(written) == sorted(set(by_id(checklist)) - elsewhere), name


def wanted_of(item: Item) -> Iterable[tuple[str, bool]]:
    """Yield values and whether each is outside what is wanted, read off at the edge of the limit."""
    for value in ("4", "4.1", "4.9", "5", "8", "8.1", "8.9", "9", "35.9", "36", "99", "100", "0.89", "0.9"):
        yield value, is_outside(item, value)


def is_wanted(limit: str, value: float) -> bool:
    sign, number = re.fullmatch(r"(>=|<=|=|<|>)([0-9.]+)", limit).groups()  # type: ignore[union-attr]
    edge = float(number)
    return {">=": value >= edge, "<=": value <= edge, "=": value == edge, "<": value < edge, ">": value > edge}[sign]


@pytest.mark.parametrize("row", rows("items"), ids=named)
def test_each_item_is_as_transcribed(lists, row):
    item = by_id(lists[row["checklist"]])[row["item"]]
    assert item.hard_stop == (row["hard"] == "yes")
    assert item.when == ({row["when"]: "yes"} if row["when"] else {})
    assert row["type"] in ("", item.type.value)
    assert (item.unit, bounds(item)) == (row["unit"], row["range"])
    assert set(row["who"].split()) <= set(item.responders)
    assert set(row["labels"].split()) <= labels(item.evidence)
    if not row["wanted"]:
        assert item.expect is None
    elif item.choices:
        assert item.expect
        assert "|".join(item.expect.choices) == row["wanted"]
    else:
        above = item.max if item.max is not None else float("inf")
        edges = [(value, outside) for value, outside in wanted_of(item) if float(value) <= above]
        assert edges == [(value, not is_wanted(row["wanted"], float(value))) for value, _ in edges]


def test_stamps_mean_what_the_glossary_says(lists):
    stamps = lists[SPINE].stamps
    assert [stamp.id for stamp in stamps] == [row["stamp"] for row in rows("stamps")]
    for stamp, row in zip(stamps, rows("stamps"), strict=True):
        assert (stamp.by, stamp.standard) == (row["by"], row["standard"])
        assert stamp.required == (row["required"] == "yes")
        assert lost(row["facts"], f"{stamp.title} {stamp.meaning}") == []
        assert set(row["labels"].split()) <= labels(stamp.evidence)


@pytest.mark.parametrize("row", rows("timers"), ids=named)
@pytest.mark.parametrize("name", LUMBAR)
def test_each_clock_is_as_transcribed(lists, name, row):
    (timer,) = [one for one in lists[name].timers if one.id == row["timer"]]
    assert row["choice"] in timer.by_choice or not timer.by_choice
    lengths = lengths_of(timer, row["choice"], len(row["seconds"].split()))
    assert " ".join("site" if one is None else f"{one.about.total_seconds():g}" for one in lengths) == row["seconds"]
    assert row["warned_before"] in ("", f"{timer.warning.total_seconds():g}")
    assert (timer.starts, timer.repeat) == (row["starts"], row["repeat"] == "yes")
    assert set(row["labels"].split()) <= labels(timer.evidence)


def lengths_of(timer: Timer, choice: str, rounds: int) -> list[Span | None]:
    return [timer.length(choice, number, {})[0] for number in range(1, rounds + 1)]


def test_no_drug_has_a_clock_that_was_not_transcribed(lists):
    written = {(row["timer"], row["choice"]) for row in rows("timers") if row["choice"]}
    assert {(timer.id, drug) for timer in lists[SPINE].timers for drug in timer.by_choice} == written


def test_counts_are_of_what_and_when_as_transcribed(lists):
    spine = lists[SPINE]
    found = [("moment", part) for part in spine.counts] + [("category", part) for part in spine.count_categories]
    assert [(kind, part.id) for kind, part in found] == [(row["kind"], row["id"]) for row in rows("counts")]
    for (_, part), row in zip(found, rows("counts"), strict=True):
        assert lost(row["facts"], part.title) == []
        assert labels(part.evidence) == set(row["labels"].split())


@pytest.mark.parametrize("row", rows("pauses"), ids=named)
def test_each_pause_is_as_in_the_catalogue(lists, row):
    (pause,) = [one for one in lists[row["checklist"]].pauses if one.id == row["pause"]]
    assert (" ".join(pause.gates), pause.mode, pause.reader) == (row["gates"], Mode(row["mode"]), row["reader"])
    assert row["leader"] in ("", pause.leader)
    shortest, _, longest = row["seconds"].partition("-")
    assert int(shortest) <= pause.target_seconds <= int(longest or shortest)
    assert len(pause.items) <= int(row["most"])


@pytest.mark.parametrize("row", rows("durations"), ids=named)
def test_planned_minutes_are_those_of_the_table(lists, row):
    (found,) = [one for one in lists[row["checklist"]].durations if one.id == row["row"]]
    assert f"{found.one_level[0]:g}/{found.one_level[1]:g}" == row["one_level"]
    assert row["two_levels"] in ("", f"{found.two_levels[0]:g}/{found.two_levels[1]:g}")
    assert found.evidence == ("EST",)


def reading_row(name: str, part: ImplantPart, reading: Reading) -> Row:
    flags = " ".join(flag for flag in ("size", "final", "site", "neuromonitoring") if getattr(reading, flag))
    # A threshold is read to a tenth: 8.1 is the first that is above 8.
    limit = reading.wanted or (f">{reading.least - 0.1:g}" if reading.least is not None else "")
    return {
        **{"checklist": name, "part": part.id, "reading": reading.id, "per": part.per, "kind": reading.kind},
        **{"unit": reading.unit, "range": bounds(reading), "limit": limit, "flags": flags},
    }


def test_readings_of_implants_are_as_transcribed(lists):
    found = [
        (reading_row(name, part, reading), labels(reading.evidence))
        for name, checklist in lists.items()
        for part in checklist.implants
        for reading in part.readings
    ]
    wanted = rows("implants")
    assert [row for row, _ in found] == [{key: row[key] for key in found[0][0]} for row in wanted]
    assert all(set(row["labels"].split()) <= has for row, (_, has) in zip(wanted, found, strict=True))
