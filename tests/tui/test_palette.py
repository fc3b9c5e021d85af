"""The colours of lines: one palette for the whole program, which follows the theme."""

from rich.segment import Segment

from ortool.people.person import Actor
from ortool.services.theatre import Theatre
from ortool.tui.bars import Lines
from ortool.tui.lines import PALETTE
from tests.tui.driver import Terminal, at_terminal

SPINE = 1014


def drawn(terminal: Terminal) -> list[Segment]:
    """Return everything on the screen that is drawn in lines."""
    widgets = [terminal.rows, *terminal.app.screen.query(Lines)]
    return [part for one in widgets if one.size for line in one.render_lines(one.size.region) for part in line]


async def test_another_theme_changes_what_is_on_the_screen_and_the_way_back_restores_it(
    sample: Theatre, nurse: Actor
) -> None:
    async with at_terminal(sample, nurse) as terminal:
        await terminal.opens(SPINE)
        dark, words = drawn(terminal), terminal.text
        terminal.app.theme = "textual-light"
        await terminal.until(lambda: drawn(terminal) != dark, "other colours")
        light = drawn(terminal)
        assert [part.text for part in light] == [part.text for part in dark]
        alike = {part.style for part in light} & {part.style for part in dark}
        shared = {
            str(style.bgcolor.triplet.hex) for style in alike if style and style.bgcolor and style.bgcolor.triplet
        }
        assert shared <= {"#fea62b", "#b93c5b"}  # black on the accent, white on the alarm: in every theme
        assert terminal.text == words
        await terminal.press("escape")
        terminal.app.theme = "textual-dark"
        await terminal.opens(SPINE)
        await terminal.until(lambda: drawn(terminal) == dark, "the colours of before")


async def test_every_style_of_the_palette_is_worked_out_once_and_no_widget_has_its_own(
    sample: Theatre, nurse: Actor
) -> None:
    async with at_terminal(sample, nurse) as terminal:
        await terminal.opens(SPINE)
        assert set(terminal.app._component_styles) >= PALETTE
        assert not any(one._component_styles for one in terminal.app.screen.query(Lines))
        assert not terminal.rows._component_styles
