"""Verbs that are carried out again where the database gave up in the middle of them."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from ortool.errors import Away, Unanswered
from ortool.services.theatre import Theatre
from ortool.storage.patience import TRIES, TRY_SECONDS, pause

P = ParamSpec("P")
Result = TypeVar("Result")


def repeatable(verb: Callable[Concatenate[Theatre, P], Result]) -> Callable[Concatenate[Theatre, P], Result]:
    """Try a verb again while the database gives up in the middle: at most five times in three seconds.

    Nothing of an earlier try was recorded: a store says so only when it is certain. Inside another verb's transaction
    that verb is the one to try again.
    """

    @wraps(verb)
    def insist(theatre: Theatre, /, *args: P.args, **kwargs: P.kwargs) -> Result:
        until, tries = time.monotonic() + TRY_SECONDS, 0
        while True:
            try:
                return verb(theatre, *args, **kwargs)
            except Away:
                raise
            except Unanswered:
                tries += 1
                if theatre.is_writing or tries == TRIES or time.monotonic() >= until:
                    raise
                time.sleep(min(pause(tries), max(0.0, until - time.monotonic())))

    return insist
