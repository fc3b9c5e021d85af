"""The shipped checklists hold what was committed to: no item, fact, limit or order is lost by a later edit."""

import csv
import re
from pathlib import Path

import pytest

from ortool.checklist.definition import Checklist, Item, ItemType, Role
from ortool.checklist.loading import items_with_paths
from ortool.services.checklists import read_file

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "checklists"
COMMITTED = Path(__file__).parent / "committed"
SPINE = "dynamic-lumbar-stabilisation"
OPERATIONS = (SPINE, "any-operation", "interlaminar-device", "lumbar-decompression", "lumbar-fusion")
NAMES = (*OPERATIONS, "candidate-review", "recovery-plan")

PHASES = [
    ("imaging_review", "Imaging review"),
    ("anaesthesia", "General anaesthesia and prone positioning"),
    ("exposure", "Exposure"),
    ("decompression", "Decompression"),
    ("instrumentation", "Screw and flexible connector placement"),
    ("verification", "Intraoperative imaging verification"),
    ("closure", "Layered closure"),
    ("recovery", "Recovery room"),
]
ITEMS = {
    **{"IR": 7, "P0": 9, "P1": 9, "P2": 7, "P3": 9, "P4": 6, "P5": 9, "P6": 5, "P7": 6, "P8": 5, "P9": 7},
    **{"P10": 8, "P11": 7, "P12": 9, "P13": 6, "P14": 9, "P15": 6},
}
GATES = {
    **{"IR": "IRD", "P0": "P1", "P1": "AI", "P2": "TURN", "P3": "P4 LEVEL_SKIN", "P4": "PC", "P5": "PST"},
    **{"P6": "DEC_START", "P7": "FIRST_SCREW", "P8": "P9", "P9": "P10", "P10": "PCB", "P11": "PCB", "P12": "PF"},
    **{"P13": "POR", "P14": "AF", "P15": "DPACU"},
}
SECONDS = {
    **{"P0": 120, "P1": 90, "P2": 45, "P3": 90, "P4": 45, "P5": 60, "P6": 45, "P7": 30, "P8": 20, "P9": 45},
    **{"P10": 60, "P11": 60, "P12": 90, "P13": 45, "P14": 120, "P15": 45},
}
MINUTES = {
    "imaging_review": ((10, 20), (10, 20)),
    "sign_in": ((8, 15), (8, 15)),
    "induction": ((20, 32), (20, 32)),
    "turn_prone": ((15, 25), (15, 25)),
    "skin_level": ((6, 12), (6, 12)),
    "prep_drape": ((14, 22), (14, 22)),
    "time_out": ((2, 4), (2, 4)),
    "expose": ((25, 40), (30, 48)),
    "bone_level": ((5, 12), (5, 12)),
    "decompress": ((35, 60), (55, 90)),
    "screws": ((30, 50), (42, 68)),
    "screw_images": ((10, 18), (12, 22)),
    "connectors": ((15, 25), (22, 36)),
    "final_images": ((8, 15), (9, 16)),
    "close": ((22, 35), (25, 40)),
    "sign_out": ((2, 4), (2, 4)),
    "turn_supine": ((6, 10), (6, 10)),
    "wake_leave": ((14, 28), (14, 28)),
    "pacu_stay": ((75, 150), (90, 160)),
}
MARKS = ("hard_stop", "second_reader", "not_applicable")
WINDOWS = {
    **{"cefazolin": 60, "cefuroxime": 60, "clindamycin": 60, "gentamicin": 60},
    **{"vancomycin": 120, "fluoroquinolone": 120},
}


def load(name: str) -> Checklist:
    return read_file(SHIPPED / f"{name}.yaml").checklist


@pytest.fixture(scope="module")
def spine() -> Checklist:
    return load(SPINE)


@pytest.fixture(scope="module", params=NAMES)
def shipped(request) -> Checklist:
    return load(request.param)


@pytest.fixture(scope="module", params=OPERATIONS)
def operation(request) -> Checklist:
    return load(request.param)


def rows(name: str) -> list[dict[str, str]]:
    with (COMMITTED / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def items_of(checklist: Checklist) -> dict[str, Item]:
    return {item.id: item for _, item in items_with_paths(checklist)}


def committed_rows(checklist: Checklist) -> list[dict[str, str]]:
    """Return the words of pauses and records as they stand: an edit of them is seen. Facts: test_shipped_facts.py."""
    pause_of = {item.id: pause.id for pause in checklist.pauses for item in pause.items}
    return [
        {
            "pause": pause_of.get(item.id, "record"),
            "item": item.id,
            "prompt": item.prompt,
            "response": item.response,
            "type": item.type.value,
            "marks": " ".join(mark for mark in MARKS if getattr(item, mark)),
            "responders": " ".join(item.responders),
            "evidence": " | ".join(item.evidence),
        }
        for path, item in items_with_paths(checklist)
        if path[0] in ("phases", "pauses")
    ]


def test_every_item_is_as_committed(shipped):
    found = {row["item"]: row for row in committed_rows(shipped)}
    wanted = {row["item"]: row for row in rows(f"{shipped.id}.csv")}
    assert found.keys() == wanted.keys()
    for identifier, row in wanted.items():
        assert found[identifier] == row


def committed_timers(checklist: Checklist) -> list[dict[str, str]]:
    return [
        {
            "checklist": checklist.id,
            "timer": timer.id,
            "starts": timer.starts,
            "stops": " ".join(timer.stops),
            "lengths": " ".join(str(number or "site") for number in timer.lengths)
            or " ".join(f"{name}:{number or 'site'}" for name, number in timer.by_choice.items()),
            "unit": timer.unit,
            "until": " ".join(map(str, timer.until)),
            "warns": str(timer.warn_before),
            "repeats": "yes" if timer.repeat else "",
            "evidence": " | ".join(timer.evidence),
        }
        for timer in checklist.timers
    ]


def test_every_clock_is_as_committed(shipped):
    wanted = [row for row in rows("clocks.csv") if row["checklist"] == shipped.id]
    assert committed_timers(shipped) == wanted


def test_no_length_or_limit_that_is_the_sites_own_is_shipped(shipped):
    for timer in shipped.timers:
        numbers = [*timer.lengths, *([timer.reading.below] if timer.reading else [])]
        if timer.evidence[0] == "SITE":
            assert set(numbers) == {0}, timer.id


@pytest.mark.parametrize("row", rows(f"{SPINE}-facts.csv"), ids=lambda row: f"{row['item']}-{row['section']}")
def test_no_fact_is_lost(spine, row):
    item = items_of(spine)[row["item"]]
    text = " ".join((item.prompt, item.response, item.detail, item.unit, *item.choices)).casefold()
    assert [fact for fact in row["facts"].split(";") if fact.casefold() not in text] == []
    if row["hard"]:
        assert item.hard_stop == (row["hard"] == "yes")


def test_every_item_of_every_pause_has_its_facts(spine):
    told = {row["item"] for row in rows(f"{SPINE}-facts.csv")}
    assert {item.id for pause in spine.pauses if pause.id != "IR" for item in pause.items} <= told


def test_pauses_hold_their_items_in_order(spine):
    assert {pause.id: len(pause.items) for pause in spine.pauses} == ITEMS
    for pause in spine.pauses:
        assert [item.id for item in pause.items] == [f"{pause.id}.{n + 1}" for n in range(len(pause.items))]


def test_pauses_gate_what_follows_them(spine):
    assert {pause.id: " ".join(pause.gates) for pause in spine.pauses} == GATES
    order = [step.stamp or step.pause for phase in spine.phases for step in phase.steps]
    for pause in spine.pauses:
        assert all(order.index(gate) > order.index(pause.id) for gate in pause.gates)


def test_pauses_are_worked_as_agreed(spine):
    pauses = {pause.id: pause for pause in spine.pauses}
    assert {name: pauses[name].target_seconds for name in SECONDS} == SECONDS
    assert {pause.id for pause in spine.pauses if pause.mode == "read-do"} == {"P3", "P9"}
    assert {pause.id for pause in spine.pauses if pause.never_whole} == {"P5", "P11"}
    assert {pause.id for pause in spine.pauses if pause.for_each} == {"P8"}
    leaders = [pauses[name].leader for name in ("P1", "P5", "P12")]
    assert leaders == [Role.ANAESTHETIST, Role.SURGEON, Role.CIRCULATING_NURSE]


def test_eight_phases_in_order(spine):
    assert [(phase.id, phase.title) for phase in spine.phases] == PHASES


def test_planned_minutes_are_the_tables(spine):
    assert {row.id: (row.one_level, row.two_levels) for row in spine.durations} == MINUTES


def test_durations_fill_their_phase_without_gap(shipped):
    by_id = {row.id: row for row in shipped.durations}
    used = [name for phase in shipped.phases for name in phase.durations]
    assert sorted(used) == sorted(by_id)
    for phase in shipped.phases:
        own = [by_id[name] for name in phase.durations]
        ends = [phase.starts, *(row.to_stamp for row in own)]
        assert [row.from_stamp for row in own] == ends[:-1]
        assert ends[-1] == phase.ends


def test_a_phase_is_walked_from_start_to_end(shipped):
    order = [step.stamp for phase in shipped.phases for step in phase.steps if step.stamp]
    for phase in shipped.phases:
        assert order.index(phase.starts) < order.index(phase.ends)
        assert phase.steps[-1].stamp == phase.ends
    for row in shipped.durations:
        assert order.index(row.from_stamp) < order.index(row.to_stamp)


def test_stamps_of_the_glossary_stand_in_its_order(spine):
    order = [step.stamp for phase in spine.phases for step in phase.steps if step.stamp]
    wanted = (
        "IRS IRD PIH RR AS PIR AI AR TURN PRONE LEVEL_SKIN PC TO PST EXPOSED LEVEL_OK DEC_START DEC_DONE FIRST_SCREW "
        "LAST_SCREW SCREWS_IMAGED CONSTRUCT_LOCKED FINAL_IMAGE PCB SKIN_CLOSED PF SUPINE EXT POR APACU AF RFD DPACU"
    )
    assert order == wanted.split()
    assert [stamp.id for stamp in spine.stamps] == order
    optional = {stamp.id for stamp in spine.stamps if not stamp.required}
    assert optional == {"PIH", "RR", "AS", "SCREWS_IMAGED", "SKIN_CLOSED"}


def test_counts_are_asked_for_at_each_moment(operation):
    assert [moment.id for moment in operation.counts] == ["baseline", "closing-1", "closing-2"]
    asked = [item for item in items_of(operation).values() if item.type is ItemType.COUNT]
    assert sorted(item.moment for item in asked) == ["baseline", "closing-1", "closing-2"]
    assert all(item.second_reader for item in asked)


def test_antibiotic_has_the_window_of_its_drug(operation):
    (auto,) = [item.auto for item in items_of(operation).values() if item.auto]
    assert auto.rule == "dose_in_window"
    assert auto.minutes == WINDOWS
    assert set(items_of(operation)["ABX"].choices) == {*WINDOWS, "none-by-plan"}


def test_only_what_sign_in_asks_again_may_be_put_off(spine):
    put_off = {item.id: item.defer_to for item in items_of(spine).values() if item.defer_to}
    assert put_off == {"P0.7": "P1", "P0.8": "P1", "P0.9": "P1"}


def test_levels_are_passed_by_the_surgeon_only(spine):
    alone = {item.id for item in items_of(spine).values() if item.override_by == (Role.SURGEON,)}
    assert alone == {"IR.2", "P4.2", "P4.3", "P4.4", "P4.5", "P4.6", "P6.1", "P6.2", "P6.3", "P6.4", "P6.5", "P10.1"}


def test_neuromonitoring_items_ask_only_where_it_is_used(spine):
    asked = {item.id: item.when for item in items_of(spine).values() if item.when}
    assert asked == {name: {"neuromonitoring": "yes"} for name in ("P2.4", "P8.5", "SITE.ionm")}


def test_a_second_reader_confirms_levels_counts_and_images(spine):
    second = {item.id for item in items_of(spine).values() if item.second_reader}
    assert {"IR.2", "P4.5", "P5.2", "P6.4", "P7.6", "P9.7", "P10.1", "P10.2", "P10.3", "P10.8"} <= second


def test_site_values_are_shipped_empty_and_block_nothing(spine):
    paused = {item.id for pause in spine.pauses for item in pause.items}
    site = [item for item in items_of(spine).values() if item.id.startswith("SITE.")]
    assert len(site) == 5
    assert all(item.id not in paused and item.not_applicable and not item.choices for item in site)
    assert not any(re.search(r"\d", item.response + item.detail) for item in site)


def test_no_drug_dose_is_shipped():
    for path in SHIPPED.rglob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"\d\s*(?:mg|mcg|µg|IU|g)\b", text) == []


def test_words_are_states_and_not_ticks(shipped):
    for item in items_of(shipped).values():
        assert not re.search(r"\bchecked\b", item.response, re.IGNORECASE)
        # What stabilises without fusing is not called a fusion, or coding and consent go wrong.
        fusion = re.search(r"\bfusion\b(?! (?:conversion|back-up))", item.response, re.IGNORECASE)
        assert not fusion or shipped.id == "lumbar-fusion"
        assert item.type is not ItemType.NUMBER or (item.unit and item.min is not None and item.max is not None)


def test_nobody_has_approved_what_is_shipped(shipped):
    assert (shipped.approved_by, shipped.approved_on) == ("", "")


def test_the_pauses_of_the_world_health_organization_are_named(operation):
    line = "Based on the WHO Surgical Safety Checklist, © World Health Organization 2009. All rights reserved."
    assert operation.based_on == line


def test_every_source_number_is_in_the_list():
    listed = set(re.findall(r"^\| (S\d+[a-d]?) \|", (SHIPPED / "SOURCES.md").read_text(encoding="utf-8"), re.MULTILINE))
    parts = [part for name in NAMES for part in evidence_of(load(name))]
    used = {part for part in parts if re.fullmatch(r"S\d+[a-d]?", part)}
    assert used == listed


def evidence_of(checklist: Checklist) -> list[str]:
    groups = ("counts", "count_categories", "stamps", "durations", "pauses")
    parts = [part for group in groups for part in getattr(checklist, group)]
    return [label for part in (*parts, *items_of(checklist).values()) for label in part.evidence]


def test_any_operation_has_seven_seven_and_five():
    checklist = load("any-operation")
    assert [len(pause.items) for pause in checklist.pauses] == [7, 7, 5]
    assert [pause.gates for pause in checklist.pauses] == [("AI",), ("PST",), ("PF",)]
    assert len(checklist.phases) == 4
    assert all(row.one_level == row.two_levels and row.evidence == ("EST",) for row in checklist.durations)
    assert {"any", "hip-replacement", "inguinal-hernia"} <= set(checklist.procedures)
