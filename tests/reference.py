"""Real data sets that are no part of the project, and generated files of the same shape where they are not."""

import csv
import io
import os
import random
from datetime import datetime, timedelta
from pathlib import Path

import pytest

FOLDER = os.environ.get("ORTOOL_REFERENCE_DATA", "")
UTILISATION, VITAL = "or_utilization_2022q1.csv", "vitaldb_cases_part.csv"


def real(name: str) -> str:
    """Return the text of a real data set, or skip the test."""
    path = Path(FOLDER) / name
    if not FOLDER or not path.is_file():
        pytest.skip("ORTOOL_REFERENCE_DATA names no folder with the real data sets")
    return path.read_text("utf-8-sig")


def utilisation(days: int = 20, rooms: int = 4, seed: int = 7) -> str:
    """Return a generated file in the shape of the utilisation data: late starts, gaps, long turnovers, over-runs."""
    chance, out = random.Random(seed), io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["Encounter ID", "Date", "OR Suite", "Service", "Booked Time (min)", "OR Schedule", "Wheels In",
                     "Start Time", "End Time", "Wheels Out"])  # fmt: skip
    number = 10_000
    for day in range(days):
        for room in range(1, rooms + 1):
            plan = free = datetime(2022, 1, 3, 7) + timedelta(days=day)
            for _ in range(chance.randint(2, 6)):
                booked, number = chance.choice([30, 60, 90, 120]), number + 1
                starts = max(plan, free) + timedelta(minutes=chance.randint(0, 12))
                cut = starts + timedelta(minutes=chance.randint(8, 35))
                done = cut + timedelta(minutes=max(5, booked - 35 + chance.randint(-10, 50)))
                leaves = done + timedelta(minutes=chance.randint(3, 15))
                moments = (plan, starts, cut, done, leaves)
                service = chance.choice(["Podiatry", "ENT", "Spine"])
                writer.writerow([number, f"{plan:%m/%d/%y}", room, service, booked,
                                 *(f"{at:%m/%d/%y %H:%M}" for at in moments)])  # fmt: skip
                free = leaves + timedelta(minutes=chance.choice([15, 25, 30, 75]))
                plan += timedelta(minutes=booked + chance.choice([15, 30, 30, 100]))
    return out.getvalue()


def vital(rows: int = 300, seed: int = 7) -> str:
    """Return a generated file in the shape of VitalDB's clinical table, with two rows that cannot be true."""
    chance, out = random.Random(seed), io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["caseid", "subjectid", "anestart", "aneend", "opstart", "opend", "emop", "department", "opname"])
    for number in range(rows):
        begins, cut = -chance.randint(0, 1_500), chance.randint(600, 3_000)
        done = cut + chance.randint(900, 20_000)
        ends = {3: -61_000_000, 5: done - 60}.get(number, done + chance.randint(60, 1_800))
        operation = chance.choice(["Hernia repair", "Cholecystectomy", "Lobectomy"])
        writer.writerow([number + 1, 4_000 + number // 2, begins, ends, cut, done, int(chance.random() < 0.1),
                         "General surgery", operation])  # fmt: skip
    return out.getvalue()
