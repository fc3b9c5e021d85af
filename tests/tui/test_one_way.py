"""Every verb and every patient is reached in one way from the screens: by name, after PIN, role or reason were asked."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from ortool.tui import verbs
from ortool.tui.verbs import Verbs

TUI = Path(verbs.__file__).parent
ASKING = {"carry_out", "read", "read_or_leave"}
ITSELF = "identifying.py"


def guarded() -> set[str]:
    """The services that name their person, and those that return a case."""
    found = set()
    for name, method in inspect.getmembers(Verbs, inspect.isfunction):
        wanted = inspect.signature(method)
        first = list(wanted.parameters.values())[1:2]
        if [one.annotation for one in first] == ["Actor"] or wanted.return_annotation == "Dossier":
            found.add(name)
    return found


def bare(tree: ast.AST, allowed: bool = False) -> Iterator[str]:
    """Yield what is asked of the services without carrying it out in somebody's name."""
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id in ASKING:
        allowed = True
    if isinstance(tree, ast.Attribute) and tree.attr in guarded() and not allowed:
        owner = ast.unparse(tree.value)
        if owner.endswith("verbs"):
            yield f"{owner}.{tree.attr}, line {tree.lineno}"
    # What is made ready as `adds = partial(verbs.note, …)` is carried out where its name is handed over.
    made_ready = isinstance(tree, ast.Assign) and isinstance(tree.value, ast.Call)
    partial = made_ready and ast.unparse(tree.value.func) == "partial"  # type: ignore[attr-defined]
    for child in ast.iter_child_nodes(tree):
        yield from bare(child, allowed or partial)


def test_what_is_guarded_is_found() -> None:
    assert guarded() >= {"act", "note", "sign", "claim", "break_glass", "book", "move", "cancel", "case", "case_log"}


@pytest.mark.parametrize("path", sorted(TUI.glob("*.py")), ids=lambda path: path.name)
def test_no_screen_writes_or_reads_a_patient_on_its_own(path: Path) -> None:
    if path.name != ITSELF:
        assert list(bare(ast.parse(path.read_text("utf-8")))) == []


@pytest.mark.parametrize(
    ("line", "is_bare"),
    [
        ("await app.ask(lambda: app.verbs.note(app.actor, case_id, words))", True),
        ("dossier = await self.app.ask(lambda: self.app.verbs.case(self.case_id))", True),
        ("await carry_out(app, lambda actor: app.verbs.note(actor, case_id, words), case_id)", False),
        ("await app.ask(app.verbs.people)", False),
    ],
)
def test_the_check_can_tell(line: str, is_bare: bool) -> None:
    assert bool(list(bare(ast.parse(f"async def f():\n    {line}")))) is is_bare
