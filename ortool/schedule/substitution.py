"""An emergency that may go to another surgeon: each one's proposals, and of each kind the one that costs least."""

from collections.abc import Sequence
from dataclasses import replace

from ortool.errors import Refused
from ortool.schedule.proposals import WEIGHTS, Instead, Kind, Proposal, Situation
from ortool.schedule.replan import propose, usual_work

HANDOVER = WEIGHTS.change
"""Minutes that another surgeon must save: a change of surgeon takes its calls as any other change does (EST)."""

Choice = tuple[Proposal, Instead | None]


def with_any(situation: Situation, others: Sequence[Instead]) -> tuple[Choice, ...]:
    """Return the proposals with whose each is, None being the emergency's own surgeon; right shift first.

    Of each kind it is the cheapest; the search is shared among the surgeons, so that more of them take no longer.
    What is no right shift stands there where it costs less than that, or where it is the only choice beside it. Raises
    Refused where the emergency fits nowhere with any of them.
    """
    best: dict[Kind, Choice] = {}
    refusal: Refused | None = None
    work = usual_work(max(1, len(situation.picture.house.rooms))) // (len(others) + 1)
    for one in (None, *others):
        try:
            found = propose(_with(situation, one), work)
        except Refused as refused:
            refusal = refusal or refused
            continue
        for proposal in found:
            if proposal.kind not in best or _cost((proposal, one)) < _cost(best[proposal.kind]):
                best[proposal.kind] = proposal, one
    if refusal is not None and not best:
        raise refusal
    first = best.pop(Kind.SHIFT, None)
    rest = sorted(best.values(), key=_cost)
    if first is None:
        return tuple(rest)
    cheaper = [one for one in rest if _cost(one) < _cost(first)]
    return first, *(cheaper or rest[:1])[:2]


def _cost(choice: Choice) -> float:
    proposal, instead = choice
    return proposal.cost.total + (HANDOVER if instead else 0.0)


def _with(situation: Situation, one: Instead | None) -> Situation:
    """Return the situation with another surgeon of the emergency; its other people stay."""
    emergency = situation.emergency
    if one is None or emergency is None:
        return situation
    people = tuple(
        replace(who, id=one.surgeon, name=one.name) if who.role == "surgeon" else who for who in emergency.wanted.people
    )
    return replace(situation, emergency=replace(emergency, wanted=replace(emergency.wanted, people=people)))
