"""Guesses of a PIN from many terminals at once, as a row of the table."""

import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ortool.errors import Refused
from ortool.people.pins import LIMIT
from ortool.services import identity, people
from ortool.services.theatre import open_theatre
from tests.faults.outcome import Outcome
from tests.faults.place import SQLITE, a_database
from tests.services.suite import Clock, furnish, furnish_server, settings

RIGHT, WRONG, TERMINALS = "739105", "480261", 8


def guess(tries: int, store: str = SQLITE) -> Outcome:
    """T25: whoever guesses, from eight terminals, for days, across restarts, is heard twenty times and no more."""
    outcome = Outcome("T25 guesses at a PIN", f"<= {LIMIT} ever tried against it", store=store)
    clock, heard, rounds = Clock(), Counter[str](), 2 * LIMIT
    each = max(TERMINALS, tries // rounds)
    with tempfile.TemporaryDirectory() as name:
        site = settings(pepper_file=str(Path(name) / "pepper.key"))
        if store == SQLITE:
            path: Path | None = Path(name) / "ortool.db"
            theatre = furnish(Path(name) / "ortool.db", site, clock)
        else:
            path, site = None, site.model_copy(update={"database_url": a_database()})
            theatre = furnish_server(site, clock)
        boss = identity.KEEPER
        people.grant(theatre, boss, "n1", ["admin"])
        identity.set_pin(theatre, boss, "n1", RIGHT)

        def one(_number: int) -> str:
            try:
                identity.identify(theatre, "n1", WRONG)
            except identity.Locked:
                return "locked"
            except Refused:
                return "wrong"
            return "right"

        with ThreadPoolExecutor(TERMINALS) as pool:
            for _ in range(rounds):
                heard.update(pool.map(one, range(each)))
                clock.pass_time(days=1)
                theatre.close()
                theatre = open_theatre(site, path, clock)
        try:
            identity.identify(theatre, "n1", RIGHT)
        except identity.Locked:
            pass
        else:
            outcome.breaches.append("after all of that the right PIN still opens")
        theatre.close()
    if heard["wrong"] != LIMIT or heard["right"]:
        outcome.breaches.append(f"tried against it: {heard['wrong']} wrong, {heard['right']} right")
    outcome.reached = (
        f"{heard.total():,} guesses, {rounds} restarts; {heard['wrong']} tried, {heard['locked']:,} not heard"
    )
    return outcome
