"""A case log as it reads: for the command line, for a scrolling screen, and as JSON."""

import io
from zoneinfo import ZoneInfo

from rich.console import Console, Group, RenderableType
from rich.text import Text

from ortool.caselog.report import CaseReport
from ortool.presentation.case_log_facts import FACTS
from ortool.presentation.case_log_json import case_log_json
from ortool.presentation.case_log_lists import list_heading, list_section
from ortool.presentation.case_log_times import TIMES
from ortool.presentation.case_log_view import view_of
from ortool.presentation.plain import data, within

__all__ = ["case_log_json", "case_log_lines", "case_log_renderable"]

NARROWEST = 40


def case_log_renderable(report: CaseReport, zone: ZoneInfo, width: int = 80, ascii_only: bool = False) -> Group:
    """Return the case log in plain sections, `width` columns wide (40 at least). Nothing is cut off."""
    view = view_of(report, zone, max(width, NARROWEST), ascii_only)
    parts: list[RenderableType] = []
    sections = [(heading, list(section(report, view))) for heading, section in (*TIMES, *FACTS)]
    sections += [(list_heading(line), list(list_section(line, view))) for line in report.lists]
    for heading, body in sections:
        if body:
            parts += [Text(""), data(heading.upper(), "bold")] if parts else []
            parts += [within(view.width, part) for part in body]
    return Group(*parts)


def case_log_lines(report: CaseReport, zone: ZoneInfo, width: int = 80, ascii_only: bool = False) -> list[Text]:
    """Return the same content as `case_log_renderable` as styled lines, each at most `width` columns."""
    width = max(width, NARROWEST)
    console = Console(width=width, file=io.StringIO(), markup=False, emoji=False, highlight=False)
    rendered = console.render_lines(case_log_renderable(report, zone, width, ascii_only), pad=False)
    lines: list[Text] = []
    for segments in rendered:
        line = Text(no_wrap=True, end="")
        for segment in segments:
            line.append(segment.text, segment.style)
        line.rstrip()
        lines.append(line)
    return lines
