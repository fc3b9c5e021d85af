"""A list by mouse: wheel, bar, and a click on a row."""

from textual import events

from ortool.people.person import Actor
from ortool.services.theatre import Theatre
from tests.tui.driver import Terminal, at_terminal

SPINE = 1014


def bar_of(terminal: Terminal) -> str:
    """Return the last cell of each line of the list."""
    rows = terminal.rows
    return "".join(line.ljust(80)[79] for line in terminal.text.splitlines()[rows.region.y : rows.region.bottom])


async def test_the_wheel_scrolls_and_leaves_the_cursor_alone(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        await terminal.opens(SPINE)
        rows, cursor = terminal.rows, terminal.rows.cursor
        assert bar_of(terminal).startswith("█")
        assert bar_of(terminal).endswith("│")
        for _ in range(4):
            await terminal.pilot._post_mouse_events([events.MouseScrollDown], rows, offset=(5, 3))
        assert rows.top == 4 * round(terminal.app.scroll_sensitivity_y)
        assert rows.cursor == cursor
        for _ in range(9):
            await terminal.pilot._post_mouse_events([events.MouseScrollUp], rows, offset=(5, 3))
        assert rows.top == 0


async def test_the_bar_is_drawn_with_the_mouse(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        await terminal.opens(SPINE)
        rows, cursor, pilot = terminal.rows, terminal.rows.cursor, terminal.pilot
        end = (79, rows.size.height - 1)
        await pilot.mouse_down(rows, offset=end)
        assert rows.top == len(rows.rows) - rows.size.height
        assert bar_of(terminal).endswith("█")
        await pilot.hover(rows, offset=(79, 0))
        assert rows.top == 0
        await pilot.mouse_up(rows, offset=(79, 0))
        await pilot.hover(rows, offset=end)
        assert rows.top == 0
        await pilot.click(rows, offset=(79, 5))
        assert rows.cursor == cursor


async def test_a_click_takes_the_row_under_the_mouse(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        await terminal.opens(SPINE)
        rows = terminal.rows
        line = next(y for y in range(6, rows.size.height) if rows.rows[y + rows.top].can_rest)
        await terminal.pilot.click(rows, offset=(10, line))
        assert rows.cursor == line + rows.top


async def test_the_page_of_a_pause_by_mouse(sample: Theatre, nurse: Actor) -> None:
    async with at_terminal(sample, nurse) as terminal:
        screen = await terminal.opens(SPINE)
        await terminal.goes_to("Names and roles")
        await terminal.press("p")
        page, pilot = screen.rows, terminal.pilot
        before = page.cursor
        await pilot._post_mouse_events([events.MouseScrollDown], page, offset=(5, 3))
        assert page.cursor == before + 1
        await pilot._post_mouse_events([events.MouseScrollUp], page, offset=(5, 3))
        assert page.cursor == before
        lines = terminal.text.splitlines()[page.region.y : page.region.bottom - 1]
        wanted = next(row for row in page.rows[before + 2 :] if any(row.title[:15] in line for line in lines))
        line = next(number for number, words in enumerate(lines) if wanted.title[:15] in words)
        await pilot.click(page, offset=(10, line))
        assert page.row == wanted
        assert wanted.title.upper()[:15] in terminal.text
