"""A case log as one self-contained HTML file: no script, nothing from anywhere else, every word of data escaped."""

from collections.abc import Iterator
from html import escape

from ortool.caselog.page import Bar, Bars, Block, Grid, Line, Page, Paragraph, Section, Tone

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
STYLE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #fff; --soft: #5c5c5c; --line: #d0d0d0; --planned: #c9c9c9;
  --taken: #2f6f4f; --late: #a86400; --over: #b3261e; --good: #1d6b3a; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececec; --paper: #161616; --soft: #a8a8a8; --line: #3c3c3c;
  --planned: #4a4a4a; --taken: #58b083; --late: #e0a339; --over: #ff8a80; --good: #7ccf9c; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem 1.5rem; max-width: 62rem; color: var(--ink); background: var(--paper);
  font: 15px/1.45 system-ui, "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
header { border-bottom: 2px solid var(--ink); margin-bottom: 1rem; padding-bottom: .5rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.05rem; margin: 1.4rem 0 .3rem;
  border-bottom: 1px solid var(--line); }
p { margin: .15rem 0; white-space: pre-wrap; } .d1 { margin-left: 1.2rem; } .d2 { margin-left: 2.4rem; }
.strong { font-weight: 650; } .quiet { color: var(--soft); font-size: .85em; }
.good { color: var(--good); } .warn { color: var(--late); font-weight: 650; } .bad { color: var(--over);
  font-weight: 650; }
.seal { border: 1px solid var(--line); border-radius: .3rem; padding: .3rem .6rem; margin-top: .4rem; }
.seal.broken { border: 2px solid var(--over); color: var(--over); font-weight: 650; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top;
  padding: .15rem .6rem .15rem 0; border-bottom: 1px solid var(--line); white-space: pre-wrap; }
th[scope=row] { font-weight: 400; color: var(--soft); width: 10rem; }
.bars { margin: .4rem 0; } .hours, .track { position: relative; height: 1.1rem; }
.hours span { position: absolute; font-size: .75rem; color: var(--soft); border-left: 1px solid var(--line);
  padding-left: .2rem; }
.track { background: linear-gradient(var(--line), var(--line)) 0 100% / 100% 1px no-repeat; margin-bottom: .35rem; }
.track i { position: absolute; top: .15rem; height: .8rem; border-radius: 2px; min-width: 2px; }
.planned { background: var(--planned); } .taken { background: var(--taken); } .late { background: var(--late); }
.over { background: var(--over); } .key i { display: inline-block; width: 1rem; height: .7rem; margin: 0 .3rem 0 .8rem;
  border-radius: 2px; }
@media print { :root { color-scheme: light; --ink: #000; --paper: #fff; --soft: #444; --line: #bbb; --planned: #ccc;
  --taken: #2f6f4f; --late: #a86400; --over: #b3261e; --good: #1d6b3a; }
  body { font-size: 9.5pt; max-width: none; padding: 0; } h2 { break-after: avoid; }
  tr, p, .track { break-inside: avoid; }
  i { print-color-adjust: exact; -webkit-print-color-adjust: exact; } @page { margin: 14mm; } }
"""


def log_html(page: Page) -> str:
    """Return a page as an HTML file of its own. Its title names no patient."""
    seal = "seal" if page.is_sound else "seal broken"
    head = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">',
        '<meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer">',
        f"<title>{escape(page.title)}</title><style>{STYLE}</style></head><body>",
        f"<header><h1>{escape(page.title)}</h1><p class=strong>{escape(page.identity)}</p>",
        f'<p class=quiet>{escape(page.printed)}</p><p class="{seal}">{escape(page.seal)}</p></header><main>',
    ]
    return "\n".join([*head, *(part for one in page.sections for part in _section(one)), "</main></body></html>\n"])


def _section(section: Section) -> Iterator[str]:
    yield f"<section><h2>{escape(section.heading)}</h2>"
    for block in section.blocks:
        yield from _block(block)
    yield "</section>"


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph():
            depth = f' class="d{min(block.depth, 2)}"' if block.depth else ""
            yield f"<p{depth}>{_line(block.line)}</p>"
        case Grid():
            yield from _grid(block)
        case Bars():
            yield from _bars(block)


def _line(line: Line) -> str:
    parts = (
        f'<span class="{one.tone.value}">{escape(one.text)}</span>' if one.tone else escape(one.text) for one in line
    )
    return "".join(parts)


def _grid(grid: Grid) -> Iterator[str]:
    yield "<table>"
    if grid.heads:
        yield "<thead><tr>" + "".join(f"<th>{escape(head)}</th>" for head in grid.heads) + "</tr></thead>"
    for first, *rest in grid.rows:
        head = f"<td>{_line(first)}</td>" if grid.heads else f"<th scope=row>{_line(first)}</th>"
        yield "<tr>" + head + "".join(f"<td>{_line(cell)}</td>" for cell in rest) + "</tr>"
    yield "</table>"


def _bars(bars: Bars) -> Iterator[str]:
    keys = zip(("planned", "taken", "late"), bars.legend, strict=True)
    yield '<div class=bars><p class="key quiet">' + "".join(f"<i class={css}></i>{escape(word)}" for css, word in keys)
    yield '</p><div class=hours aria-hidden="true">'
    for place, word in bars.ticks:
        yield f'<span style="left:{place / 10}%">{escape(word)}</span>'
    yield "</div>"
    for bar in bars.bars:
        title = f'<span class="{Tone.STRONG.value}">{escape(bar.title)}</span>'
        yield f'<p>{title}  {_line(bar.words)}</p><div class=track aria-hidden="true">{"".join(_pieces(bar))}</div>'
    yield "</div>"


def _pieces(bar: Bar) -> Iterator[str]:
    for css, first, last in pieces(bar):
        yield f'<i class={css} style="left:{first / 10}%;width:{(last - first) / 10}%"></i>'


def pieces(bar: Bar) -> Iterator[tuple[str, int, int]]:
    """Yield the stretches of a bar: `planned` and not used, `taken` within the plan, `late` or `over` beyond it."""
    if bar.taken < 0:
        if bar.planned > bar.first:
            yield "planned", bar.first, bar.planned
        return
    within = min(bar.taken, bar.planned)
    yield "taken", bar.first, within
    if bar.taken > bar.planned:
        yield ("over" if bar.grade == "over" else "late"), bar.planned, bar.taken
    elif bar.planned > bar.taken:
        yield "planned", bar.taken, bar.planned
