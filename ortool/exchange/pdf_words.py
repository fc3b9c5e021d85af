"""Words on a printed page: the fonts that travel with the package, and text broken into lines."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

FONTS = Path(__file__).parent / "fonts"
PLAIN, BOLD = "ortool-sans", "ortool-sans-bold"


@lru_cache(maxsize=1)
def register() -> dict[str, frozenset[int]]:
    """Make the fonts known, and return which characters each of them has."""
    fonts = {PLAIN: TTFont(PLAIN, FONTS / "DejaVuSans.ttf"), BOLD: TTFont(BOLD, FONTS / "DejaVuSans-Bold.ttf")}
    for font in fonts.values():
        pdfmetrics.registerFont(font)
    return {name: frozenset(font.face.charToGlyph) for name, font in fonts.items()}


def printable(text: str) -> str:
    """Return `text` with what the fonts cannot show spelled in Latin letters between ‹ and ›."""
    known = register()[PLAIN] & register()[BOLD]
    found: list[str] = []
    strange = ""
    for char in f"{text}\0":
        if char != "\0" and ord(char) not in known:
            strange += char
            continue
        if strange:
            found.append(f"‹{_spelled(strange)}›")
            strange = ""
        found.append(char)
    return "".join(found[:-1])


def _spelled(text: str) -> str:
    from anyascii import anyascii

    return "".join(char for char in anyascii(text) if char.isprintable()).strip() or "?"


@dataclass(frozen=True, slots=True)
class Style:
    """A font and its size in points."""

    font: str = PLAIN
    size: float = 8.5

    @property
    def leading(self) -> float:
        """The height of a line."""
        return self.size * 1.25

    def lines(self, text: str, width: float) -> list[str]:
        """Return `text` in lines no wider than `width`, with nothing that the fonts cannot show."""
        return _broken(printable(text), self.font, self.size, width)


BODY, STRONG, SMALL = Style(), Style(BOLD, 9), Style(PLAIN, 7.5)
HEADING, TITLE = Style(BOLD, 10.5), Style(BOLD, 13)


def _broken(text: str, font: str, size: float, width: float) -> list[str]:
    """Return `text` in lines that are no wider than `width`; a word that is too long is broken."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        trial = f"{line} {word}" if line else word
        if pdfmetrics.stringWidth(trial, font, size) <= width:
            line = trial
            continue
        if line:
            lines.append(line)
        *whole_lines, line = _chopped(word, font, size, width)
        lines += whole_lines
    return [*lines, line] if line else lines


def _chopped(word: str, font: str, size: float, width: float) -> list[str]:
    pieces = [""]
    for char in word:
        if pieces[-1] and pdfmetrics.stringWidth(pieces[-1] + char, font, size) > width:
            pieces.append("")
        pieces[-1] += char
    return pieces


def put(canvas: Canvas, style: Style, x: float, y: float, lines: list[str]) -> float:
    """Write lines from the upper edge `y` downwards and return the lower edge."""
    canvas.setFont(style.font, style.size)
    for line in lines:
        canvas.drawString(x, y - style.size, line)
        y -= style.leading
    return y
