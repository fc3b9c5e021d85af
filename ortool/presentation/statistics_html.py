"""Statistics as one HTML file that needs nothing else: tables, drawings as SVG, definitions. No script, no link out."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from ortool.caselog.statistics import Chapter, Figure, Plot, Statistics
from ortool.presentation.statistics import bounds_words, late_words, summary, value_words

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; }
h2 { margin: 2rem 0 .3rem; border-bottom: 1px solid #ccc; } table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; padding: .2rem .6rem .2rem 0; vertical-align: top; border-bottom: 1px solid #eee; }
td.v { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; font-weight: 600; }
.note, .late { color: #555; font-size: .9em; }
svg { width: 100%; height: auto; margin: .5rem 0; } details { margin: .4rem 0; }
text { font: 12px system-ui, sans-serif; fill: #1a1a1a; } @media print { body { margin: 0; } }
"""
MOST = 500
"""No more case numbers than these stand behind one figure of the page."""
_LEFT, _WIDE, _ROW = 250, 900, 22


def page(statistics: Statistics, site: str, zone: ZoneInfo, now: datetime, numbers: Mapping[str, int]) -> str:
    """Return the whole page. `now` (UTC) is when it was made, `numbers` are the numbers of the cases by their ids."""
    made = f"{now.astimezone(zone):%d %b %Y %H:%M}"
    parts = [
        "<!doctype html>", '<html lang="en"><head><meta charset="utf-8">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>Theatre statistics, {escape(site)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>Theatre statistics</h1><p>{escape(site)}, made {made}. {escape(summary(statistics, zone))}</p>",
    ]  # fmt: skip
    behind: dict[tuple[str, ...], str] = {}
    for chapter in statistics.chapters:
        parts += _chapter(chapter, behind)
    parts += _behind(behind, numbers)
    return "\n".join([*parts, "</body></html>", ""])


def _behind(behind: Mapping[tuple[str, ...], str], numbers: Mapping[str, int]) -> Iterator[str]:
    yield "<h2>Cases behind the figures</h2>"
    for cases, anchor in behind.items():
        known = [str(numbers[one]) for one in cases if one in numbers]
        more = f" and {len(known) - MOST} more, all of them in the JSON form" if len(known) > MOST else ""
        yield f'<p id="{anchor}"><b>{anchor}</b>, {len(known)}: {", ".join(known[:MOST])}{more}</p>'


def _anchored(figure: Figure, behind: dict[tuple[str, ...], str]) -> str:
    if not figure.cases:
        return str(figure.n)
    anchor = behind.setdefault(figure.cases, f"cases-{len(behind) + 1}")
    return f'<a href="#{anchor}">{figure.n}</a>'


def _chapter(chapter: Chapter, behind: dict[tuple[str, ...], str]) -> Iterator[str]:
    yield f'<h2 id="{escape(chapter.id)}">{escape(chapter.title)}</h2>'
    if chapter.note:
        yield f'<p class="note">{escape(chapter.note)}</p>'
    if not chapter.figures:
        return
    yield "<table><tr><th>figure</th><th>value</th><th>n</th><th></th></tr>"
    for figure in chapter.figures:
        more = ", ".join(filter(None, (bounds_words(figure), figure.note)))
        late = f'<br><span class="late">{escape(late_words(figure))}</span>' if late_words(figure) else ""
        yield (
            f'<tr><td>{escape(figure.label)}</td><td class="v">{escape(value_words(figure))}</td>'
            f"<td>{_anchored(figure, behind)}</td>"
            f"<td>{escape(more)}{late}</td></tr>"
        )
    yield "</table>"
    yield from _drawing(chapter)
    said = dict.fromkeys((figure.definition.words, figure.definition.source) for figure in chapter.figures)
    items = "".join(f"<li>{escape(words)} <em>{escape(source)}</em></li>" for words, source in said)
    yield f"<details open><summary>Definitions</summary><ul>{items}</ul></details>"


def _drawing(chapter: Chapter) -> Iterator[str]:
    figures = [one for one in chapter.figures if one.value is not None]
    if chapter.plot is Plot.BARS:
        figures = [one for one in figures if one.unit == figures[-1].unit and one.id != "cancelled"]
        most = max((one.value or 0 for one in figures), default=0)
        drawn = [_bar(one, place, most) for place, one in enumerate(figures)] if most else []
    elif chapter.plot is Plot.BOXES:
        figures = [one for one in figures if one.five]
        most = max((one.five.high for one in figures if one.five), default=0)
        drawn = [_box(one, place, most) for place, one in enumerate(figures)] if most else []
    elif chapter.plot is Plot.LINES:
        drawn = [_curve(one, place) for place, one in enumerate(figures)]
    else:
        drawn = []
    if drawn:
        high = len(drawn) * (_ROW if chapter.plot is not Plot.LINES else 4 * _ROW) + 8
        title = escape(chapter.title)
        yield f'<svg viewBox="0 0 {_WIDE} {high}" role="img" aria-label="{title}">{"".join(drawn)}</svg>'


def _label(figure: Figure, y: float) -> str:
    return f'<text x="0" y="{y:.0f}">{escape(figure.label[:40])}</text>'


def _bar(figure: Figure, place: int, most: float) -> str:
    long, y = (figure.value or 0) / most * (_WIDE - _LEFT - 90), place * _ROW + 4
    return (
        f'{_label(figure, y + 13)}<rect x="{_LEFT}" y="{y}" width="{long:.1f}" height="15" fill="#31688e"/>'
        f'<text x="{_LEFT + long + 6:.1f}" y="{y + 13}">{escape(value_words(figure))}</text>'
    )


def _box(figure: Figure, place: int, most: float) -> str:
    assert figure.five is not None
    box, y = figure.five, place * _ROW + 11
    low, q1, middle, q3, high = (
        _LEFT + max(0.0, value) / most * (_WIDE - _LEFT - 90)
        for value in (box.low, box.q1, box.median, box.q3, box.high)
    )
    return (
        f'{_label(figure, y + 4)}<line x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}" stroke="#1a1a1a"/>'
        f'<rect x="{q1:.1f}" y="{y - 7}" width="{max(1.0, q3 - q1):.1f}" height="14" fill="#a9c6d9" stroke="#1a1a1a"/>'
        f'<line x1="{middle:.1f}" x2="{middle:.1f}" y1="{y - 7}" y2="{y + 7}" stroke="#1a1a1a" stroke-width="3"/>'
        f'<text x="{high + 6:.1f}" y="{y + 4}">{box.median:.0f} ({box.low:.0f} to {box.high:.0f})</text>'
    )


def _curve(figure: Figure, place: int) -> str:
    points, top = figure.points or (0.0,), place * 4 * _ROW + 6
    low, high = min(points), max(points)
    span, step = (high - low) or 1.0, (_WIDE - _LEFT - 20) / max(1, len(points) - 1)
    line = " ".join(
        f"{_LEFT + number * step:.1f},{top + (high - value) / span * 3.4 * _ROW:.1f}"
        for number, value in enumerate(points)
    )
    zero, right = top + high / span * 3.4 * _ROW, _WIDE - 20
    return (
        f'{_label(figure, top + 14)}<line x1="{_LEFT}" x2="{right}" y1="{zero:.1f}" y2="{zero:.1f}" stroke="#bbb"/>'
        f'<polyline points="{line}" fill="none" stroke="#31688e" stroke-width="2"/>'
    )
