"""Statistics as text: a line for each figure with its n and what bounds it, small plots, and the definitions below."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from ortool.caselog.numbers import Five
from ortool.caselog.statistics import Chapter, Figure, Plot, Statistics
from ortool.presentation.pieces import fit
from ortool.presentation.words import plural

_SPARKS = "▁▂▃▄▅▆▇█"
_BLOCKS = f" {_SPARKS}"
_LABEL = 34


def value_words(figure: Figure) -> str:
    """Return a figure's value with its unit; a dash where there is none."""
    if figure.value is None:
        return "–"
    digits = 0 if figure.unit == "cases" or abs(figure.value) >= 100 else 1
    unit = {"%": " %", "cases": ""}.get(figure.unit, f" {figure.unit}")
    return f"{figure.value:.{digits}f}{unit}"


def bounds_words(figure: Figure) -> str:
    """Return what bounds a figure: its interval, or the middle half."""
    if figure.value is None:
        return ""
    if figure.low is not None and figure.high is not None:
        return f"95 % {figure.low:.1f} to {figure.high:.1f}"
    if figure.five is not None:
        return f"middle half {figure.five.q1:.0f} to {figure.five.q3:.0f}"
    return ""


def late_words(figure: Figure) -> str:
    """Return how many of a figure's times were typed late, and how many of its cases came from a file."""
    words = [] if figure.late is None else [f"{figure.late:.0f} % typed late"]
    if figure.history:
        words.append("all from lists" if figure.history == len(figure.cases) else f"{figure.history} from lists")
    return ", ".join(words)


def summary(statistics: Statistics, zone: ZoneInfo) -> str:
    """Return what the statistics are about, in one sentence."""
    if statistics.first is None or statistics.last is None:
        return "There is no case to count."
    first, last = (moment.astimezone(zone) for moment in (statistics.first, statistics.last))
    past = f", {statistics.history} of them from lists of the past" if statistics.history else ""
    return f"{plural(statistics.cases, 'case')} from {first:%d %b %Y} to {last:%d %b %Y}{past}."


def lines(statistics: Statistics, zone: ZoneInfo, width: int) -> Iterator[str]:
    """Yield the statistics as lines no wider than `width` cells; the definitions stand at the end, numbered."""
    yield summary(statistics, zone)
    definitions: dict[tuple[str, str], int] = {}
    for chapter in statistics.chapters:
        yield ""
        yield chapter.title
        if chapter.note:
            yield f"  {chapter.note}"
        for figure in chapter.figures:
            key = (figure.definition.words, figure.definition.source)
            number = definitions.setdefault(key, len(definitions) + 1)
            yield fit(figure_line(figure, number), width).rstrip()
        yield from (f"  {line}" for line in plot_lines(chapter, width - 4))
    yield ""
    yield "Definitions"
    for (words, source), number in definitions.items():
        yield f"  [{number}] {words} ({source})"


def figure_line(figure: Figure, number: int) -> str:
    """Return one figure as a line: label, value, n, bounds, note, and the number of its definition."""
    more = ", ".join(filter(None, (bounds_words(figure), figure.note, late_words(figure))))
    return (
        f"  {fit(figure.label, _LABEL):<{_LABEL}} {value_words(figure):>10}  n {figure.n:<6} [{number}] {more}".rstrip()
    )


def plot_lines(chapter: Chapter, width: int) -> list[str]:
    """Return a chapter's small plot: bars, boxes or curves; nothing where it has none."""
    figures = [one for one in chapter.figures if one.value is not None]
    room = max(20, width - _LABEL - 2)
    if chapter.plot is Plot.BARS:
        figures = [one for one in figures if one.unit == figures[-1].unit and one.id != "cancelled"]
        most = max((one.value or 0 for one in figures), default=0)
        return [_named(one, "█" * round((one.value or 0) / most * room)) for one in figures if most]
    if chapter.plot is Plot.BOXES:
        boxes = [one.five for one in figures if one.five]
        high = max((box.high for box in boxes), default=0)
        drawn = [_named(one, box_line(one.five, high, room)) for one in figures if one.five and high > 0]
        return [*drawn, _named(None, f"0{f'{high:.0f} min':>{room - 1}}")] if drawn else []
    if chapter.plot is Plot.LINES:
        return [_named(one, spark(one.points, room)) for one in figures]
    return []


def chart_lines(chapter: Chapter, figure: Figure, width: int, height: int) -> list[str]:
    """Return a chapter as it is drawn beside one of its figures, at most `height` lines."""
    if chapter.plot is Plot.LINES:
        return [*curve_lines(figure.points, width, height - 1), fit(figure.label, width)]
    drawn = plot_lines(chapter, width)
    same = [one for one in chapter.figures if one.value is not None and one.unit == figure.unit]
    if not drawn and (most := max((abs(one.value or 0) for one in same), default=0)):
        room = max(10, width - _LABEL - 14)
        drawn = [f"{_named(one, '█' * round(abs(one.value or 0) / most * room))} {value_words(one)}" for one in same]
    if len(drawn) > height:
        drawn = [*drawn[: height - 1], f"{len(drawn) - height + 1} more lines: a taller window, or `ortool log stats`"]
    return drawn


def curve_lines(points: Sequence[float], width: int, height: int) -> list[str]:
    """Return a curve as an area of blocks, thinned to `width`, with its greatest and its least value beside it."""
    if not points or height < 1:
        return []
    least, most = min(points), max(points)
    margin = max(len(f"{least:.0f}"), len(f"{most:.0f}")) + 1
    step = max(1.0, len(points) / (width - margin))
    thinned = [points[int(place * step)] for place in range(min(width - margin, len(points)))]
    eighths = [1 + round((value - least) / ((most - least) or 1.0) * (8 * height - 1)) for value in thinned]
    rows = []
    for row in reversed(range(height)):
        beside = f"{most:.0f}" if row == height - 1 else f"{least:.0f}" if row == 0 else ""
        cells = "".join(_BLOCKS[min(8, max(0, full - 8 * row))] for full in eighths)
        rows.append(f"{beside:>{margin - 1}} {cells}".rstrip())
    return rows


def _named(figure: Figure | None, drawn: str) -> str:
    label = fit(figure.label, _LABEL) if figure else ""
    return f"{label:<{_LABEL}}  {drawn}"


def box_line(box: Five, most: float, width: int) -> str:
    """Return a box plot on one line, from 0 to `most`: whiskers to the ends, the box, and the median in it."""
    low, q1, middle, q3, high = (
        round(max(0.0, value) / most * (width - 1)) for value in (box.low, box.q1, box.median, box.q3, box.high)
    )
    cells = [" "] * width
    cells[low : high + 1] = "─" * (high - low + 1)
    cells[q1 : q3 + 1] = "▒" * (q3 - q1 + 1)
    cells[low], cells[high] = ("├" if low < q1 else cells[low]), ("┤" if high > q3 else cells[high])
    cells[middle] = "┃"
    return "".join(cells).rstrip()


def spark(points: Sequence[float], width: int) -> str:
    """Return a curve as one line of blocks, thinned to `width`."""
    if not points:
        return ""
    step = max(1.0, len(points) / width)
    thinned = [points[int(place * step)] for place in range(min(width, len(points)))]
    low, high = min(thinned), max(thinned)
    span = (high - low) or 1.0
    return "".join(_SPARKS[round((value - low) / span * (len(_SPARKS) - 1))] for value in thinned)
