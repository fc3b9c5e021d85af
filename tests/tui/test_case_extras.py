"""What comes on the way, by keyboard: an event, an emergency and its debts, a pause read again, a relief."""

from ortool.checklist.records import State
from ortool.people.person import Actor
from ortool.services import running
from ortool.services.theatre import Theatre
from ortool.tui.forms import Form
from tests.tui.driver import at_terminal

SPINE = 1014


async def test_a_durotomy_opens_its_list_and_stays_in_sight_until_it_is_answered(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        await terminal.press("e")
        await terminal.form("Durotomy")
        await terminal.until(lambda: "DUROTOMY: 9 open" in terminal.text, "the alert")
        assert terminal.rows.row.id == "E3.1#1"
        await terminal.press("space")
        await terminal.saved()
        await terminal.until(lambda: "DUROTOMY: 8 open" in terminal.text, "one less")
        run = running.refold(sample, case.case_id)
        assert run is not None
        assert run.answers["E3.1#1"].state is State.DONE


async def test_an_emergency_lets_through_and_asks_afterwards(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        await terminal.press("e")
        await terminal.form("EMERGENCY")
        await terminal.goes_on()
        await terminal.until(lambda: "EMERGENCY since 10:10" in terminal.text, "the alarm")
        await terminal.goes_to("Incision")
        await terminal.press("space")
        await terminal.until(lambda: "1 reason owed" in terminal.text, "the debt")
        await terminal.press("e")
        await terminal.form("the emergency is over")
        await terminal.until(lambda: "EMERGENCY since" not in terminal.text, "the end")
        await terminal.press("e")
        await terminal.form("give a reason")
        await terminal.form("cauda equina, no time", "MM")
        await terminal.until(lambda: "reason owed" not in terminal.text, "the debt paid")
        run = running.refold(sample, case.case_id)
        assert run is not None
        assert run.stamps["PST"].passed


async def test_a_pause_is_read_again_beside_the_old_one(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        await terminal.opens(SPINE)
        await terminal.ticks("Whose images, and from when?")
        await terminal.goes_to("Whose images, and from when?")
        await terminal.press("r")
        await terminal.form("1")
        await terminal.until(lambda: terminal.rows.row.id == "IR.1#2", "the new pause")
        assert "IR Imaging review again" in terminal.text


async def test_a_relief_is_written_down_with_its_time(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        case = await terminal.opens(SPINE)
        others = [p for p in case.people.values() if "circulating_nurse" in p.roles and p.id != nurse.person.id]
        for act, person in (("joins", nurse.person), ("relieves", others[0])):
            await terminal.press("m")
            await terminal.form(act, person.initials, "circulating nurse")
            await terminal.until(lambda: not isinstance(terminal.app.screen, Form), "the form gone")
            await terminal.pilot.pause(0.2)
        run = running.refold(sample, case.case_id)
        assert run is not None
        assert [stint.person for stint in run.present] == [others[0].id]
        assert run.team[0].until is not None
