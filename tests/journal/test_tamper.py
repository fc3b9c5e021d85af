"""A thousand alterations in ten classes: all are found with a remembered head, and what the chain alone misses is known."""

import os
import random
from pathlib import Path

from tests.journal.tamper import WITNESSES, run

EACH = int(os.environ.get("ORTOOL_MUTATIONS", "100"))
BY_CHAIN = {
    "change a field of one entry", "delete one entry", "swap two entries", "insert a forged entry",
    "edit or remove a table's row", "alter a text beside the journal", "drop or change a guard",
}  # fmt: skip


def test_every_alteration_is_found_and_by_the_witness_that_must(tmp_path: Path) -> None:
    seed = int(os.environ.get("ORTOOL_SEED", random.randrange(2**32)))
    table = run(tmp_path, EACH, seed)
    assert sum(found.total() for found in table.values()) == EACH * len(table) >= 1_000
    missed = {name: found[""] for name, found in table.items() if found[""]}
    assert missed == {}, seed
    for name in BY_CHAIN:
        assert table[name][WITNESSES[0]] == EACH, (name, seed)
    # What no chain can find by itself: that it is so shows that the witnesses have something to do.
    assert table["cut the tail"][WITNESSES[0]] == 0
    assert table["edit and hash anew"][WITNESSES[0]] == 0
    assert table["edit and hash anew"][WITNESSES[1]] > 0
    assert table["edit, drop checkpoints, hash anew"][WITNESSES[2]] > 0
