"""Pieces of text with a role each: what every face draws lines from."""

from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text and the role that gives it its style."""

    text: str
    role: str


def fit(text: str, width: int, fill: str = " ") -> str:
    """Return `text` in exactly `width` cells: filled, or cut with `…` so that a cut is seen."""
    if width <= 0:
        return ""
    length = len(text) if text.isascii() and text.isprintable() else cell_len(text)
    if length <= width:
        return text + fill * (width - length)
    cut = set_cell_size(text, width - 1).rstrip(" ") + "…"
    return cut + " " * (width - cell_len(cut))


def wrap(pieces: list[Piece], width: int, gap: int = 2) -> list[list[Piece]]:
    """Return pieces laid into lines of at most `width` cells; a piece too long for a line is folded, never cut."""
    lines: list[list[Piece]] = [[]]
    used = 0
    for piece in pieces:
        for part in _folded(piece, width):
            need = cell_len(part.text) + (gap if lines[-1] else 0)
            if lines[-1] and used + need > width:
                lines.append([])
                used, need = 0, cell_len(part.text)
            if lines[-1]:
                lines[-1].append(Piece(" " * gap, "plain"))
            lines[-1].append(part)
            used += need
    return [line for line in lines if line]


def _folded(piece: Piece, width: int) -> list[Piece]:
    if cell_len(piece.text) <= width:
        return [piece] if piece.text else []
    parts: list[str] = [""]
    for char in piece.text:
        if cell_len(parts[-1] + char) > width:
            parts.append("")
        parts[-1] += char
    return [Piece(part, piece.role) for part in parts]
