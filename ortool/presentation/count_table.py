"""The counts of a case as a table: each category by moment, what is expected now, and every difference."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from ortool.checklist.count_path import Discrepancy, discrepancies, path_state
from ortool.checklist.counts import moment_title
from ortool.checklist.definition import Item
from ortool.checklist.records import State
from ortool.checklist.run import Run
from ortool.presentation.pieces import Piece, fit
from ortool.presentation.words import STATE_WORDS, glyph

COLUMN = 11
EXPECTED = 10
MIN_NAME = 16


def count_alarm(run: Run, width: int) -> list[list[Piece]]:
    """Return the lasting line of a count that does not agree; nothing where all agree."""
    return [[Piece(fit(f" {discrepancy_words(run, one)} · c: what to do ", width), "alarm")] for one in
            discrepancies(run)[:1]]  # fmt: skip


def discrepancy_words(run: Run, one: Discrepancy) -> str:
    """Return what does not agree, as `COUNT DOES NOT AGREE: patties -1 (closing-1)`."""
    wrong = ", ".join(f"{name} {number:+d}" for name, number in one.count.differences.items())
    more = len(discrepancies(run)) - 1
    return f"COUNT DOES NOT AGREE: {wrong} ({one.moment}{f', and {more} more' if more else ''})"


@dataclass(frozen=True, slots=True)
class CountRow:
    """A row of the counts panel: a category, or a step of what to do when a count does not agree."""

    id: str
    kind: str
    cells: tuple[Piece, ...]
    is_open: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What stays the same when the rows are made again."""
        return self.kind, self.id

    @property
    def can_rest(self) -> bool:
        """Whether the cursor may rest here."""
        return self.kind in ("category", "step")

    def pieces(self, width: int) -> list[Piece]:
        """Return the row as pieces; the table fits the width that it was made for."""
        return list(self.cells)


def count_rows(run: Run, width: int, ascii_only: bool = False) -> list[CountRow]:
    """Return the panel's rows: the table, and while a count does not agree the path, read and done line by line."""
    return [*_table(run, width), *_path(run, width, ascii_only)]


def moments_shown(run: Run, width: int) -> tuple[str, ...]:
    """Return the moments that have a column: those counted, then those to come; the newest where room is short."""
    counted = list(dict.fromkeys(count.moment for count in run.ledger.counts))
    ahead = [one.id for one in run.plan.checklist.counts if one.id not in counted]
    room = max(1, (width - MIN_NAME - EXPECTED) // COLUMN)
    spare = max(0, room - len(counted))
    return (*counted[-room:], *ahead[:spare])


def _table(run: Run, width: int) -> list[CountRow]:
    moments = moments_shown(run, width)
    name = width - EXPECTED - COLUMN * len(moments)
    head = fit(" What is counted", name) + "".join(f"{fit(one, COLUMN - 1):>{COLUMN}}" for one in moments)
    rows = [CountRow("", "head", (Piece(f"{head}{'EXPECTED':>{EXPECTED}}", "heading"),))]
    expected = run.ledger.expected(one.id for one in run.plan.checklist.count_categories)
    for category in run.plan.checklist.count_categories:
        cells = [Piece(fit(f" {category.title}", name), "title")]
        cells += [_found(run, moment, category.id) for moment in moments]
        now = str(expected[category.id]) if run.ledger.counts else "–"
        rows.append(CountRow(category.id, "category", (*cells, Piece(f"{now:>{EXPECTED}}", "name"))))
    return rows


def _found(run: Run, moment: str, category: str) -> Piece:
    count = run.ledger.last(moment)
    if count is None or category not in count.found:
        return Piece(f"{'·':>{COLUMN}}", "dim")
    difference = count.differences.get(category, 0)
    text = f"{count.found[category]} ({difference:+d})" if difference else str(count.found[category])
    return Piece(f"{text:>{COLUMN}}", "no" if difference else "done")


def _path(run: Run, width: int, ascii_only: bool) -> list[CountRow]:
    found, path = discrepancies(run), run.plan.checklist.count_path
    if not found:
        return []
    words = discrepancy_words(run, found[0])
    rows = [CountRow("", "alarm", (Piece(fit(f" {words}", width), "alarm"),))]
    for number, item in enumerate(path.items if path else (), 1):
        rows.append(_step(run, item, number, width, ascii_only))
    return rows


def _step(run: Run, item: Item, number: int, width: int, ascii_only: bool) -> CountRow:
    state = path_state(run, item.id)
    word = STATE_WORDS[state]
    answer = run.answers.get(item.id)
    said = answer.value or answer.reason if answer and state is not State.OPEN else ""
    prompt = f"{glyph(state, ascii_only)} {number} {item.prompt}"
    room = min(40, max(20, width // 2))
    right = f" {word} " if word else " "
    middle = fit(f" {said or item.response}", max(0, width - room - cell_len(right) - 2))
    role = "open" if state is State.OPEN else "done" if state is State.DONE else "na"
    pieces = (Piece(fit(f"  {prompt}", room + 2), role), Piece(middle, "middle"), Piece(right, role))
    return CountRow(item.id, "step", pieces, is_open=state is State.OPEN)


def count_title(run: Run) -> str:
    """Return the panel's title: the newest count and whether it agreed, or that nothing was counted."""
    if not run.ledger.counts:
        return "Counts: nothing is counted yet"
    last = run.ledger.counts[-1]
    verdict = "DOES NOT AGREE" if last.differences else "agrees"
    return f"Counts: {moment_title(run.plan.checklist, last.moment)} {verdict}"


def next_moments(run: Run) -> Sequence[str]:
    """Return the named moments that are not yet counted and in agreement, first to last."""
    done = {count.moment for count in run.ledger.counts if not count.differences}
    return [one.id for one in run.plan.checklist.counts if one.id not in done]
