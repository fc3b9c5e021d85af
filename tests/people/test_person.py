"""People: what they may be in a case, and how it is known who they are."""

import pytest

from ortool.people.person import Actor, Person

SCRUB = Person("n2", "Sam Scrub", "SS", frozenset({"scrub", "circulating_nurse"}))


@pytest.mark.parametrize(
    ("role", "may"), [("scrub", True), ("circulating_nurse", True), ("surgeon", False), ("", False)]
)
def test_a_person_may_be_what_their_roles_say(role: str, may: bool) -> None:
    assert SCRUB.can_be(role) is may


@pytest.mark.parametrize(("auth", "proven"), [("chosen", False), ("pin", True), ("badge+pin", True)])
def test_a_choice_from_a_list_proves_nothing(auth: str, proven: bool) -> None:
    assert Actor(SCRUB, auth).is_proven is proven
