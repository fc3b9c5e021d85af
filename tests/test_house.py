"""The house itself: which way arrows run, how large things grow, and what a face never does with a patient's words."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.services.suite import Clock, furnish, settings

ROOT = Path(__file__).parents[1]
HOUSE = ROOT / "ortool"
FILES = sorted(HOUSE.rglob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LONGEST_FILE, LONGEST_FUNCTION = 400, 50
EDGES = ("ortool/cli/", "ortool/tui/", "ortool/web/")


def name_of(path: Path) -> str:
    """Return a file's path as people say it."""
    return str(path.relative_to(ROOT))


def tree_of(path: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(path.read_text("utf-8"), str(path))


def test_arrows_run_the_way_the_plan_says() -> None:
    command = [sys.executable, "-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"]
    linted = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert linted.returncode == 0, linted.stdout[-3_000:]
    assert "0 broken" in linted.stdout
    assert f"{len(PROJECT['tool']['importlinter']['contracts'])} kept" in linted.stdout


def test_no_file_grows_too_long() -> None:
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in FILES}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_function_grows_too_long() -> None:
    long = {
        f"{name_of(path)}:{node.name}": node.end_lineno - node.lineno + 1
        for path in FILES
        for node in ast.walk(tree_of(path))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno
        if node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    }
    assert long == {}


def broad(handler: ast.ExceptHandler) -> bool:
    """Whether a handler takes whatever comes, and does not raise it again."""
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {"" if one is None else ast.unparse(one) for one in caught}
    again = any(isinstance(node, ast.Raise) and node.exc is None for node in ast.walk(handler))
    return bool(names & {"", "Exception", "BaseException"}) and not again


def test_nothing_swallows_every_error_but_the_edge_of_a_face() -> None:
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in FILES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ExceptHandler) and broad(node)
    ]
    assert [place for place in found if not place.startswith(EDGES)] == []
    assert len(found) <= len(EDGES)


def modules_after(code: str) -> set[str]:
    """Return what a fresh interpreter has imported after `code`."""
    ran = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules, file=sys.stderr)"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(ran.stderr.split())


def test_the_command_line_never_loads_the_screen() -> None:
    assert "textual" not in modules_after("import ortool.cli.main")


def test_help_loads_neither_the_screen_nor_the_database() -> None:
    help_asked = (
        "import sys\nsys.argv = ['ortool', '--help']\nfrom ortool.cli.main import run\n"
        "try:\n    run()\nexcept SystemExit:\n    pass"
    )
    assert not {"textual", "sqlmodel", "sqlalchemy", "alembic"} & modules_after(help_asked)


def dependencies() -> Iterator[str]:
    """Yield every dependency that the project names."""
    yield from PROJECT["project"]["dependencies"]
    for group in PROJECT["project"]["optional-dependencies"].values():
        yield from group
    yield from PROJECT["build-system"]["requires"]


@pytest.mark.parametrize("wanted", sorted(set(dependencies())))
def test_every_dependency_has_a_floor_and_a_ceiling(wanted: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_.-]+(\[[a-z,]+\])?>=[0-9.]+,<[0-9.]+", wanted)


def may_hold_data(node: ast.expr) -> bool:
    """Whether an expression could be text from data: anything that is neither constant nor safely wrapped."""
    if isinstance(node, ast.Constant):
        return False
    return not (isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[0] in {"Content", "Text"})


def markup_risks(tree: ast.Module) -> Iterator[str]:
    """Yield each call that could read markup out of data."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        is_off = any(key.arg == "markup" and ast.unparse(key.value) == "False" for key in node.keywords)
        if name not in {"Static", "Label", "notify", "add_row"} or is_off:
            continue
        risky = [one for one in node.args if may_hold_data(one)]
        if risky:
            yield f"{node.lineno}: {name}({ast.unparse(risky[0])[:60]})"


def test_screens_start_work_by_the_one_way_that_leaves_nothing_unawaited() -> None:
    calls = {
        name_of(path)
        for path in (HOUSE / "tui").rglob("*.py")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr == "run_worker"
    }
    assert calls == {"ortool/tui/work.py"}


def test_no_screen_reads_markup_out_of_data() -> None:
    found = {name_of(path): list(markup_risks(tree_of(path))) for path in sorted((HOUSE / "tui").rglob("*.py"))}
    assert {name: risks for name, risks in found.items() if risks} == {}


@pytest.mark.parametrize(
    ("line", "is_risky"),
    [
        ("Static(case.name)", True), ("Label(f'{x}')", True), ("self.notify(str(error))", True),
        ("table.add_row('a', name)", True), ("Static('words')", False), ("Static(name, markup=False)", False),
        ("Static(Content(name))", False), ("table.add_row(Text(name))", False),
        ("Static(Content.from_text(name))", False),
        ("Static(name, markup=True)", True),
    ],
)  # fmt: skip
def test_the_check_for_markup_can_tell(line: str, is_risky: bool) -> None:
    assert bool(list(markup_risks(ast.parse(line)))) is is_risky


def commands() -> list[str]:
    """Return every command of the command line, groups written out."""
    import typer.main

    from ortool.cli.main import app

    def walk(command: Any, words: tuple[str, ...]) -> Iterator[str]:
        if not hasattr(command, "list_commands"):
            yield " ".join(words)
            return
        for name in command.list_commands(None):
            yield from walk(command.get_command(None, name), (*words, name))

    return sorted(walk(typer.main.get_command(app), ("ortool",)))


def test_the_readme_names_every_command() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert len(commands()) > 20
    missing = [command for command in commands() if command not in readme]
    assert missing == []


def test_every_public_thing_has_its_sentence() -> None:
    bare = [
        f"{name_of(path)}:{node.name}"
        for path in FILES
        for node in tree_of(path).body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        if not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert bare == []


BOARD_NEEDS = {
    "annotated_types", "msgspec", "platformdirs", "pydantic", "pydantic_core", "sqlalchemy", "sqlcipher3", "sqlmodel",
    "typing_extensions", "typing_inspection",
}  # fmt: skip
BOARD_LEAVES = {
    "ortool.calendar", "ortool.checklist", "ortool.exchange", "ortool.presentation", "ortool.schedule.recurrence",
    "ortool.caselog.dossier", "ortool.storage.tables_beside", "ortool.storage.tables_calendar", "ortool.services.house",
}  # fmt: skip


def test_a_board_has_its_data_before_anything_else_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "day.db"
    furnish(path, settings(), Clock()).close()
    loaded = modules_after(
        "from pathlib import Path\nfrom ortool.cli.session import Options, open_named\nfrom ortool.tui.verbs import Verbs\n"
        f"assert Verbs(open_named(Options(Path({str(path)!r})))).board().rooms\n"
        # Nor is a select put together from the tables' classes, which would first make each of them ready.
        "from ortool.storage.tables import CaseRow\nassert not CaseRow.__mapper__.configured"
    )
    assert "ortool.services.boards" in loaded
    assert not BOARD_LEAVES & loaded
    of_python = sys.stdlib_module_names | {"_distutils_hack", "cython_runtime", "ortool"}
    foreign = {name.partition(".")[0] for name in loaded} - of_python
    assert {name for name in foreign if not name.startswith("_")} <= BOARD_NEEDS
