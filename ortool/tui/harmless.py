"""The last net under everything that is drawn: no text steers the terminal, wherever it came from."""

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from ortool.text import REPLACED, steers


class Harmless(LineFilter):
    """Takes what steers a terminal out of each line; the width of the line stays."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments of a line, harmless."""
        if all(text.isprintable() for text, _, _ in segments):
            return segments
        return [Segment(_kept(text), style, control) for text, style, control in segments]


def _kept(text: str) -> str:
    return "".join(REPLACED * cell_len(char) if steers(char) else char for char in text)


HARMLESS = Harmless()
