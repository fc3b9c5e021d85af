"""Who is at this terminal: asked, switched by a badge, relieved, locked when nobody touches it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ortool.errors import OrtoolError
from ortool.people.person import NOBODY, Actor
from ortool.tui.identifying import LockScreen, ask_pin, asking
from ortool.tui.who import WhoScreen

if TYPE_CHECKING:
    from ortool.people.person import Person
    from ortool.tui.app import OrtoolApp

# In a case under way nobody is locked out for want of a key, and nobody stays longer than this without being asked.
LONGEST_STAY = 12 * 3600.0


async def choose(app: OrtoolApp, again: bool, why: str) -> bool:
    """Ask who is here, and say `why`. Returns whether somebody is known now; with `again`, was named just now."""
    with asking(app):
        proves = app.verbs.identifies
        people = await app.ask(app.verbs.people)
        if not people:
            app.tell("Nobody is known here yet: `ortool person add`, or `ortool init --theatre FILE`.", severe=True)
            return False
        lately = [person for person in app.recent if person in people]
        rest = sorted((person for person in people if person not in lately), key=_nurses_first)
        chosen = await app.push_screen_wait(WhoScreen([*lately, *rest], why, proves))
        if chosen is None:
            return app.actor is not None and not again
        if isinstance(chosen, str):
            return app.actor is not None  # a badge was read meanwhile
        if chosen == NOBODY.person:
            arrive(app, NOBODY)
            return True
        actor = await ask_pin(app, chosen) if proves else Actor(chosen)
        if actor is not None:
            arrive(app, actor)
        return actor is not None


def _nurses_first(person: Person) -> int:
    order = ("circulating_nurse", "scrub", "pacu_nurse", "anaesthetist", "surgeon")
    return next((place for place, role in enumerate(order) if role in person.roles), len(order))


def arrive(app: OrtoolApp, actor: Actor | None) -> None:
    """Take who is at this terminal from now on; None for nobody. The lock goes, what another left open too."""
    app.actor = actor
    app.verbs.take_reader(actor)
    if actor is not None:
        app.arrived = app.steady()
        app.recent = [actor.person, *(other for other in app.recent if other != actor.person)]
        _open_lock(app, keeps=actor.person.id == app.left_by)
    app.tell_screens()


def _open_lock(app: OrtoolApp, keeps: bool) -> None:
    """Take the lock away with what was asked on it; what was open below stays for the one who had opened it."""
    lock = _lock_of(app)
    while lock is not None and lock in app.screen_stack:
        app.pop_screen()
    if lock is not None and not keeps:
        app.go_home()


def _lock_of(app: OrtoolApp) -> LockScreen | None:
    return next((screen for screen in app.screen_stack if isinstance(screen, LockScreen)), None)


async def take_badge(app: OrtoolApp, number: str) -> None:
    """Take the person whose badge was read."""
    try:
        actor = await app.ask(lambda: app.verbs.identify_badge(number))
    except OrtoolError as error:
        app.tell(str(error), severe=True)
        return
    if isinstance(app.screen, WhoScreen):
        app.screen.dismiss("badge")
    arrive(app, actor)
    app.tell(f"{actor.person.name} is here now (badge).")


async def relieved(app: OrtoolApp, by: Person | None) -> None:
    """Whoever is here was relieved, `by` another: nobody is here any more until somebody says so."""
    was = app.actor
    if was is None:
        return
    with asking(app):
        arrive(app, None)
        if by is not None:
            app.recent = [by, *(other for other in app.recent if other != by)]
        await choose(app, False, f"{was.person.name} is relieved. Who is at this terminal now?")


def lock_when_idle(app: OrtoolApp) -> None:
    """Show no patient any more when nobody has touched a key for long; in a case under way who is here stays."""
    if app.actor is None or not app.verbs.identifies or _lock_of(app) is not None:
        return
    now = app.steady()
    is_idle = now - app.touched >= app.verbs.settings.idle_minutes * 60
    if not is_idle or (_is_operating(app) and now - app.arrived < LONGEST_STAY):
        return
    app.left_by = app.actor.person.id
    app.actor = None
    app.verbs.take_reader(None)
    app.push_screen(LockScreen())


def _is_operating(app: OrtoolApp) -> bool:
    now = app.now()
    dossiers = (getattr(screen, "dossier", None) for screen in app.screen_stack)
    return any(one is not None and one.is_under_way(now) for one in dossiers)
