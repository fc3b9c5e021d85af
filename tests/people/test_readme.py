"""The README's table of who may do what is the table that is asked."""

import os
from pathlib import Path

import ortool
from ortool.people.permissions import TABLE, Grant, Row, Verb

README = Path(ortool.__file__).parents[1] / "README.md"
BEGIN, END = "<!-- permissions -->\n", "<!-- /permissions -->"


def cell(row: Row, grant: Grant) -> str:
    """Return what a row says of a grant."""
    if not row.about:
        return "yes" if grant in row.own else ""
    words = ["own"] if grant in row.own else []
    if grant in row.other:
        words = ["all"] if words else ["others'"]
    elif grant in row.with_reason:
        words.append("reason")
    return ", ".join(words)


def table() -> str:
    """Return the table as it stands in the README."""
    lines = ["| | " + " | ".join(Grant) + " |", "|---|" + "---|" * len(Grant)]
    for verb, row in TABLE.items():
        if verb is not Verb.KEEP:
            name = f"{verb.value} **PIN**" if row.now else verb.value
            lines.append(f"| {name} | " + " | ".join(cell(row, grant) for grant in Grant) + " |")
    return "\n".join(lines) + "\n"


def test_the_readme_says_who_may_do_what() -> None:
    text = README.read_text("utf-8")
    before, rest = text.split(BEGIN)
    shown, after = rest.split(END)
    if os.environ.get("ORTOOL_GOLDEN") == "write":
        README.write_text(f"{before}{BEGIN}{table()}{END}{after}", "utf-8")
    assert shown == table()
