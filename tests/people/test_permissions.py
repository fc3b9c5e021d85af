"""The table of permissions: every verb has a row, and each row says what the house wants it to say."""

from itertools import product

import pytest

from ortool.people.permissions import OF_ROLE, TABLE, UNIDENTIFIED, Bond, Grant, Ruling, Verb, grants_of, rule

CLINICAL = {Grant.NURSE, Grant.ANAESTHESIA, Grant.SURGEON, Grant.CHARGE}
TICKING = {Verb.ACT, Verb.OVERRIDE, Verb.NOTE}


def test_every_verb_has_a_row_and_no_row_is_without_a_verb() -> None:
    assert set(TABLE) == set(Verb)


@pytest.mark.parametrize(("verb", "grant", "bond"), list(product(Verb, Grant, Bond)))
def test_a_grant_that_the_row_does_not_name_is_denied(verb: Verb, grant: Grant, bond: Bond) -> None:
    row, ruling = TABLE[verb], rule(verb, frozenset({grant}), bond)
    named = row.own | row.other | row.with_reason
    if grant not in named or (row.about and bond is Bond.NONE):
        assert ruling is Ruling.DENIED
    if ruling is Ruling.ALLOWED:
        assert not row.now


@pytest.mark.parametrize("verb", list(Verb))
def test_nobody_without_a_grant_may_do_anything(verb: Verb) -> None:
    assert {rule(verb, frozenset(), bond, proven_now=True, running=True) for bond in Bond} == {Ruling.DENIED}


@pytest.mark.parametrize(("grant", "bond"), list(product(Grant, Bond)))
def test_the_administrator_has_no_clinical_right_and_nobody_else_keeps_people(grant: Grant, bond: Bond) -> None:
    clinical = TICKING | {Verb.SIGN, Verb.AMEND, Verb.READ_CASE, Verb.READ_LIST}
    if grant is Grant.ADMIN:
        assert {rule(verb, frozenset({grant}), bond, proven_now=True) for verb in clinical} == {Ruling.DENIED}
    else:
        kept = {Verb.SET_PEOPLE, Verb.SET_THEATRE, Verb.RESTORE}
        assert {rule(verb, frozenset({grant}), bond, proven_now=True) for verb in kept} == {Ruling.DENIED}


@pytest.mark.parametrize(("verb", "grant"), list(product(sorted(TICKING), sorted(CLINICAL - {Grant.CHARGE}))))
def test_the_team_ticks_its_own_case_and_another_after_a_reason(verb: Verb, grant: Grant) -> None:
    held = frozenset({grant})
    assert rule(verb, held, Bond.OWN, proven_now=True) is Ruling.ALLOWED
    assert rule(verb, held, Bond.OTHER, proven_now=True) is Ruling.WITH_REASON
    assert rule(verb, held, Bond.OPENED, proven_now=True) is Ruling.ALLOWED


@pytest.mark.parametrize(("verb", "bond"), list(product((Verb.SIGN, Verb.AMEND), (Bond.OTHER, Bond.OPENED))))
def test_no_reason_lets_anybody_sign_for_another(verb: Verb, bond: Bond) -> None:
    assert rule(verb, frozenset(Grant), bond, proven_now=True) is Ruling.DENIED


@pytest.mark.parametrize("verb", [Verb.SIGN, Verb.AMEND, Verb.OVERRIDE])
def test_a_signature_and_an_override_ask_for_the_pin_at_that_moment(verb: Verb) -> None:
    assert rule(verb, frozenset({Grant.SURGEON}), Bond.OWN) is Ruling.PROVE
    assert rule(verb, frozenset({Grant.SURGEON}), Bond.OWN, proven_now=True) is Ruling.ALLOWED


@pytest.mark.parametrize(("verb", "running"), list(product(Verb, (False, True))))
def test_nobody_known_ticks_a_running_case_and_does_nothing_else(verb: Verb, running: bool) -> None:
    expected = Ruling.ALLOWED if running and verb in UNIDENTIFIED else Ruling.DENIED
    assert rule(verb, frozenset(), Bond.OTHER, identified=False, running=running) is expected
    assert rule(verb, frozenset(Grant), Bond.OWN, identified=False, running=running) is expected


def test_a_case_role_brings_its_grant_and_others_are_given_by_name() -> None:
    assert grants_of(["surgeon", "assistant"]) == {Grant.SURGEON, Grant.NURSE}
    assert grants_of(["patient", "implant_rep"]) == frozenset()
    assert grants_of(["circulating_nurse"], ["charge"]) == {Grant.NURSE, Grant.CHARGE}
    assert not {Grant.ADMIN, Grant.AUDITOR, Grant.CHARGE} & set(OF_ROLE.values())
