"""Published formats: read, planned by the real planner and judged by rules of their own; the best of a few is known."""

import random
from itertools import product
from pathlib import Path

import pytest

from ortool.errors import BadInput
from ortool.schedule.planner.solve import Limits
from tests.benchmarks import asl1, ihtc, published
from tests.benchmarks.asl1 import Asl1, Registration
from tests.benchmarks.ihtc import Ihtc, Patient

FOLDER = Path(published.__file__).parent / "instances"
LIMITS = Limits(150, close=published.CLOSE)


def best_of_all(instance, ids, spots) -> float:
    """Return the least cost of every legal plan there is."""
    found = float("inf")
    for chosen in product([None, *spots], repeat=len(ids)):
        places = {one: spot for one, spot in zip(ids, chosen, strict=True) if spot}
        if not instance.violations(places):
            found = min(found, instance.loss(places))
    return found


def every(instance) -> float:
    if isinstance(instance, Ihtc):
        spots = [
            (room, day) for room, many in instance.theatres.items() for day, open_for in enumerate(many) if open_for
        ]
        return best_of_all(instance, [one.id for one in instance.patients], spots)
    return best_of_all(instance, [str(one.number) for one in instance.patients], instance.sessions)


@pytest.mark.parametrize("name", ["made_up.json", "made_up.lp"])
def test_a_made_up_instance_is_planned_best_and_proven(name: str) -> None:
    instance = published.read(FOLDER / name)
    plan, wrong = published.solved(instance, LIMITS)
    assert wrong == []
    best = every(instance)
    assert instance.lost(plan.score.points) == pytest.approx(best)
    assert plan.bound is not None
    assert best - 1 < instance.lost(plan.bound) <= best + 1e-3
    assert instance.lost(plan.baseline.points) >= best
    assert "0 violations" in published.line(name, instance, plan, wrong, 0.1)


def some_ihtc(chance: random.Random) -> Ihtc:
    days, surgeons = 2, ["s0", "s1"]
    patients = []
    for number in range(5):
        release = chance.randrange(days)
        due = chance.randrange(release, days) if number == 0 else None
        minutes = 30 * chance.randint(1, 8)
        patients.append(Patient(f"p{number}", release, due, minutes, chance.choice(surgeons)))
    theatres = {name: [30 * chance.choice((0, 8, 12)) for _ in range(days)] for name in ("t0", "t1")}
    most = {name: [30 * chance.randint(4, 12) for _ in range(days)] for name in surgeons}
    return Ihtc(days, theatres, most, patients, 30, 10, chance.choice((5, 15)), chance.choice((40, 300)))


def some_asl1(chance: random.Random) -> Asl1:
    patients = [
        Registration(
            n,
            chance.randint(1 if n == 1 else 2, 4),
            1,
            chance.randint(10, 70),
            *chance.choice(((0, 0), (1, 1), (0, 2))),
        )
        for n in range(1, 8)
    ]
    beds = {(1, day): chance.randint(1, 3) for day in (-1, 1, 2, 3)}
    return Asl1(chance.randint(80, 110), [("A", 1), ("A", 2)], patients, beds, {})


@pytest.mark.parametrize("seed", range(6))
def test_no_plan_breaks_a_rule_of_its_format_or_beats_the_bound(seed: int) -> None:
    for make in (some_ihtc, some_asl1):
        instance = make(random.Random(seed))
        best = every(instance)
        plan, wrong = published.solved(instance, LIMITS)
        assert plan.bound is not None
        assert instance.lost(plan.bound) <= best + 1e-3
        if plan.score.missed:
            assert best == float("inf")
        else:
            assert wrong == []
            assert best <= instance.lost(plan.score.points) <= instance.lost(plan.baseline.points)


def test_the_checks_see_what_is_planted() -> None:
    one = published.read(FOLDER / "made_up.json")
    told = " ".join(one.violations({"p0": ("t1", 2), "p2": ("t0", 0), "p3": ("t0", 0)}))
    assert "mandatory p1 is not scheduled" in told
    assert "p0 is operated on day 2, not on one of 0 to 1" in told
    assert "theatre t1 has 240 min on day 2" in told
    assert "theatre t0 has 420 min on day 0" in told
    assert "surgeon s0 has 240 min on day 2" in told
    assert one.loss({"p3": ("t0", 1), "p4": ("t1", 1)}) == 2 * 30 + 5 + 200
    other = published.read(FOLDER / "made_up.lp")
    told = " ".join(other.violations({"101": ("ROOM-1-(A)", 1), "103": ("ROOM-1-(A)", 1), "104": ("ROOM-1-(A)", 1)}))
    assert "102 is not where it is given" in told
    assert "102 has priority 1 and is not planned" in told
    assert "ROOM-1-(A) has 127 min on day 1" in told
    assert "specialty 1 has 2 patients in bed on day 1" in told


GOOD = (FOLDER / "made_up.json").read_text(encoding="utf-8")
FACTS = (FOLDER / "made_up.lp").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("reader", "text", "said"),
    [
        (ihtc, "{", "no JSON"),
        (ihtc, "{}", "has no days"),
        (ihtc, GOOD.replace('"days": 3', '"days": 9'), "not whole minutes for 9 days"),
        (ihtc, GOOD.replace('"surgeon_id": "s1"', '"surgeon_id": "s7"', 1), "'s7' who is not in the instance"),
        (ihtc, GOOD.replace('"surgery_duration": 90', '"surgery_duration": 0'), "below 1"),
        (ihtc, GOOD.replace('"mandatory": true', '"mandatory": 1', 1), "p0 has no mandatory"),
        (ihtc, GOOD.replace('"id": "p1"', '"id": "p0"'), "the same id"),
        (asl1, "hello", "Line 1 is no fact"),
        (asl1, FACTS.replace('"Ordinario", 50, 0', "50, 0"), "Line 4: registration"),
        (asl1, FACTS.replace("#const timeDisp = 100.", ""), "no #const timeDisp"),
        (asl1, "#const timeDisp = 100.", "nothing to plan"),
        (asl1, FACTS.replace("37, 0, 0, 0", "0, 0, 0, 0"), "Registration 104 has"),
        (asl1, FACTS.replace("registration(104", "registration(103"), "the same number"),
    ],
)
def test_a_bad_file_is_a_sentence(reader, text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        reader.read(text)


def test_the_command_goes_on_after_a_bad_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.lp").write_bytes(b"\xff\xfe")
    code = published.main(
        [str(tmp_path / "no.json"), str(tmp_path / "bad.lp"), str(FOLDER / "made_up.lp"), "--seconds", "1"]
    )
    told = capsys.readouterr()
    assert code == 2
    assert told.err.count("\n") == 2
    assert "no.json: It cannot be read" in told.err
    assert "proven best" in told.out
