"""Every printed figure of one rehearsed case, held against the exported journal by a path that shares no code."""

import json
import math
import os
import random
import re
from pathlib import Path

import pytest

from ortool.presentation.case_log_json import case_log_json
from tests.caselog.conftest import Played
from tests.caselog.recomputed import Recomputed, length

GOLDEN = Path(__file__).with_name("rehearsed.json")


@pytest.fixture(scope="module")
def other(played: Played) -> Recomputed:
    return Recomputed(played.exported, 1004, played.path)


@pytest.fixture(scope="module")
def log(played: Played) -> dict:
    return case_log_json(played.report)


def test_milestones_and_their_lag(log, other) -> None:
    shown = {
        one["id"]: (
            one["mark"]["occurred_at"], one["mark"]["recorded_at"], one["mark"]["lag"], one["mark"]["by"],
            one["mark"]["late"], one["mark"]["seq"],
        )
        for one in log["milestones"] if one["mark"]
    }  # fmt: skip
    assert len(shown) > 20
    assert shown == other.milestones()


def test_intervals(log, other) -> None:
    shown = {one["id"]: one["value"] for one in log["intervals"]}
    assert shown == other.intervals()
    assert sum(value is not None for value in shown.values()) >= 11


def test_plan_against_actual(log, other) -> None:
    plan, again = log["plan"], other.plan()
    assert (plan["start"], plan["end"]) == (again["start"], again["end"])
    assert plan["start_delay"]["value"] == again["start_delay"] == {"minutes": 25, "seconds": 1517}
    assert plan["over_run"]["value"] == again["over_run"]


def test_phases_and_delays(log, other) -> None:
    planned = other.planned()
    late = {"start": (other.stamps["PIR"]["occurred_us"] - other.of("slot.booked")[-1]["body"]["start_us"])}
    order = [one["id"] for one in log["milestones"]]
    assert [phase["id"] for phase in log["phases"]] == list(planned)
    for phase in log["phases"]:
        parts, starts, ends = planned[phase["id"]]
        taken = other.elapsed(starts, ends)
        assert phase["elapsed"] == length(taken)
        p50, p90 = (phase[name]["seconds"] for name in ("p50", "p90"))
        if len(parts) == 1:
            assert (p50, p90) == (parts[0][0] * 60, parts[0][1] * 60)
        else:
            assert (p50 / 60, p90 / 60) == pytest.approx(together(parts), rel=0.02)
        over = taken - p50 * 1_000_000
        is_inside = order.index(starts) >= order.index("PIR") and order.index(ends) <= order.index("POR")
        if is_inside and over >= 600_000_000:
            late[phase["id"]] = over
    shown = {one["id"]: one["value"] for one in log["delays"]}
    assert shown == {name: length(value) for name, value in late.items()}
    assert {"start", "decompression"} <= set(shown)
    given = [(one["body"]["delay"], one["body"]["code"], one["body"].get("minutes", 0), one["seq"])
             for one in other.of("delay.explained")]  # fmt: skip
    assert given == [
        (delay["id"], one["code"], one["minutes"], one["mark"]["seq"])
        for delay in log["delays"] for one in delay["reasons"]
    ]  # fmt: skip
    assert [one["owed"] for one in log["delays"] if one["id"] == "decompression"] == [True]


def together(parts: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the P50 and P90 of a sum of lognormal parts that lean one way (common factor, 0.3), by drawing 40,000 times.

    What is slow in one part is somewhat slower in the others: clinical assumption EST, as the checklist's totals have.
    """
    dice = random.Random(1)
    shapes = [(math.log(p50), math.log(p90 / p50) / 1.2815515655446004) for p50, p90 in parts]
    sums = []
    for _ in range(40_000):
        common = dice.gauss(0, 1)
        drawn = ((mean, sd, math.sqrt(0.3) * common + math.sqrt(0.7) * dice.gauss(0, 1)) for mean, sd in shapes)
        sums.append(sum(math.exp(mean + sd * at) for mean, sd, at in drawn))
    sums.sort()
    return sums[20_000], sums[36_000]


def test_pauses(log, other) -> None:
    shown = {one["id"]: (one["opened"], one["closed"]) for one in log["pauses"] if one["opened"]}
    assert len(shown) > 15
    assert shown == {name: times for name, times in other.pauses().items() if name}  # '' are single records


def test_counts(log, other) -> None:
    shown = [
        (
            one["moment"],
            {each["id"]: each["found"] for each in one["categories"]},
            {each["id"]: each["expected"] for each in one["categories"]},
            one["mark"]["by"],
            one["second"],
        )
        for one in log["counts"]
    ]
    assert shown == other.counts()
    assert any(found != expected for _, found, expected, *_ in shown)


def test_values_departures_people_and_lateness(log, other) -> None:
    values = other.values()
    shown = {one["id"]: one["value"] for one in log["values"] if one["type"] not in ("auto", "reading")}
    assert len(shown) > 40
    assert shown == {name: values[name] for name in shown}
    departed = {
        one["id"]: (one["kind"], one["reason"], one["second"])
        for one in log["exceptions"]
        if one["kind"] in ("no", "not_applicable", "overridden") and one["stands"]
    }
    assert departed == other.departures()
    lateness = log["lateness"]
    assert (lateness["late"], lateness["timed"]) == other.late()
    assert {one["id"]: one["entered"] for one in log["people"] if one["entered"]} == other.entered()


def test_images_volumes_drugs_complications_and_addenda(log, other) -> None:
    values = other.values()
    for topic, least in (("imaging", 12), ("volumes", 4), ("drugs", 2)):
        lines = [one for one in log[topic] if one["state"] == "done" and one["value"]]
        assert all(one["value"] == values[one["id"]] for one in lines)
        assert len(log[topic]) >= least
    assert {one["id"]: one["second"] for one in log["imaging"]}["P10.8"]
    told = [(one["body"]["event"], one["body"].get("grade", ""), one["body"].get("severity", 0), one["seq"])
            for one in other.of("complication.recorded")]  # fmt: skip
    lines = log["complications"]
    assert told == [(one["event"], one["grade"], one["severity"], one["mark"]["seq"]) for one in lines]
    assert [one["after_signature"] for one in lines] == [False, True]
    addendum = other.of("case.amended")[-1]["body"]
    assert (log["remarks"][-1]["before"], log["remarks"][-1]["after"]) == (addendum["before"], addendum["instead"])
    assert addendum["ref"] == other.stamps["PST"]["seq"]


def test_the_construct_and_where_each_lot_went(log, other) -> None:
    entries = other.of("implant.placed", "implant.wasted")
    assert len(entries) == 3
    records = [
        (one["action"], one["part"], one["place"], one["device_identifier"], one["lot"], one["serial"], one["expires"],
         one["reason"], one["mark"]["seq"])
        for one in log["construct"]["records"]
    ]  # fmt: skip
    assert records == [
        (one["kind"].partition(".")[2], one["body"]["part"], one["body"]["place"], one["body"]["device_identifier"],
         one["body"]["lot"], one["body"]["serial"], one["body"]["expires"], one["body"].get("reason", ""), one["seq"])
        for one in entries
    ]  # fmt: skip
    placed = {one["body"]["place"]: one["body"]["values"] for one in entries if one["kind"] == "implant.placed"}
    shown = {one["place"]: one["readings"] for one in log["construct"]["positions"] if one["implanted_size"]}
    assert shown.keys() == placed.keys()
    for place, readings in shown.items():
        assert {one["id"]: one["text"] for one in readings}.items() <= placed[place].items()
        assert len(readings) >= 3


def test_the_whole_log_is_what_it_was(log) -> None:
    text = (
        re.sub(r"\b[0-9a-f]{12,64}\b", "<hash>", json.dumps(log, indent=1, sort_keys=True, ensure_ascii=False)) + "\n"
    )
    if os.environ.get("ORTOOL_GOLDEN") == "write":
        GOLDEN.write_text(text, "utf-8")
    assert text == GOLDEN.read_text("utf-8"), "look at the difference; ORTOOL_GOLDEN=write writes it anew"


def test_the_signature_and_every_link_under_it(log, other) -> None:
    signed = log["signatures"][0]
    body = other.of("case.signed")[0]["body"]
    assert signed["covers"] == body["entries"] == other.own.index(other.of("case.signed")[0])
    assert signed["digest"] == body["digest"] == other.digest(signed["covers"])
    assert signed["sha256"] == body["sha256"]
    head = next(one for one in other.entries if one["seq"] == signed["head_seq"])
    assert signed["head"] == head["hash"] == other.link(head)
    assert log["compared_with_signed"]
    assert log["altered"] == []
