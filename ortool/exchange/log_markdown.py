"""A case log as Markdown: every character of data that could be markup stands escaped."""

import re
from collections.abc import Iterator

from ortool.caselog.page import Bars, Block, Grid, Line, Page, Paragraph, Tone

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&$:=@^\"'])")


def log_markdown(page: Page) -> str:
    """Return a page as Markdown (CommonMark, with tables). Its title names no patient."""
    lines = [f"# {escaped(page.title)}", "", f"**{escaped(page.identity)}**", "", escaped(page.printed), ""]
    lines += [f"**{escaped(page.seal)}**" if not page.is_sound else escaped(page.seal), ""]
    for section in page.sections:
        lines += [f"## {escaped(section.heading)}", ""]
        for block in section.blocks:
            lines += _block(block)
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def escaped(text: str) -> str:
    """Return words of data as they are to be read; a line break becomes a space."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split("\n")))


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph():
            yield f"{'  ' * block.depth}- {_line(block.line)}"
        case Grid():
            yield from _grid(block)
        case Bars():
            for bar in block.bars:
                yield f"- **{escaped(bar.title)}** {_line(bar.words)}"


def _line(line: Line) -> str:
    found = []
    for span in line:
        words = span.text.strip()
        if not words:
            found.append(span.text)
            continue
        before, after = span.text[: span.text.index(words[0])], span.text[len(span.text.rstrip()) :]
        mark = "**" if span.tone in (Tone.STRONG, Tone.WARN, Tone.BAD) else ""
        found.append(f"{before}{mark}{escaped(words)}{mark}{after}")
    return re.sub(r"\s+", " ", "".join(found)).strip()


def _grid(grid: Grid) -> Iterator[str]:
    width = len(grid.heads) or max((len(row) for row in grid.rows), default=0)
    if not width:
        return
    yield ""
    yield f"| {' | '.join(escaped(head) for head in grid.heads) if grid.heads else ' | ' * (width - 1)} |"
    yield f"|{'---|' * width}"
    for row in grid.rows:
        yield f"| {' | '.join(_line(cell) for cell in row)} |"
    yield ""
