"""`ortool checklist`: list, show and check checklists."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ortool.cli import checklist_print
from ortool.cli.session import settings_of
from ortool.errors import BadInput

if TYPE_CHECKING:
    from ortool.checklist.definition import Checklist, Item

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="List, show, check, compare and print checklists.",
)

checklist_print.register(app)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
APPROVAL = "Local clinical leads approve every checklist before it is used on a patient."


@app.command("list", epilog="Example: ortool checklist list")
def list_checklists(ctx: typer.Context, as_json: Json = False) -> None:
    """List the checklists in use, and whether they are approved here."""
    from ortool.cli.output import say, show_json, show_table
    from ortool.services.checklists import on_file

    found = on_file(settings_of(ctx)).values()
    if as_json:
        show_json(
            [
                {
                    "id": one.checklist.id,
                    "version": one.checklist.version,
                    "title": one.checklist.title,
                    "procedures": list(one.checklist.procedures),
                    "approved_by": one.checklist.approved_by,
                    "approved_on": one.checklist.approved_on,
                    "file": one.path.name,
                    "sha256": one.sha256,
                }
                for one in found
            ]
        )
    else:
        rows = [
            (one.checklist.id, one.checklist.version, one.checklist.title, one.checklist.approved_by or "NOT LOCALLY")
            for one in found
        ]
        show_table(("id", "v", "title", "approved by"), rows, "There are no checklists.")
    say(APPROVAL)


@app.command("show", epilog="Example: ortool checklist show dynamic-lumbar-stabilisation")
def show_checklist(
    ctx: typer.Context,
    checklist: Annotated[str, typer.Argument(metavar="ID", help="The checklist's id.")],
    as_json: Json = False,
) -> None:
    """Show a whole checklist: phases, stamps, pauses and items."""
    from ortool.cli.output import say, show, show_json
    from ortool.services.checklists import on_file

    known = on_file(settings_of(ctx))
    if checklist not in known:
        raise BadInput(f"There is no checklist {checklist[:40]!r}.", f"Known: {', '.join(known) or 'none'}.")
    one = known[checklist]
    if as_json:
        show_json({"sha256": one.sha256} | one.checklist.model_dump(mode="json", by_alias=True))
    else:
        for line in _lines(one.checklist):
            show(line)
    say(APPROVAL)


@app.command("check", epilog="Example: ortool checklist check checklists/*.yaml")
def check_checklists(
    ctx: typer.Context,
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE...", help="Without any: those in use.")] = None,
    as_json: Json = False,
) -> None:
    """Check checklist files; every fault is printed as FILE:LINE:COLUMN: SENTENCE."""
    from dataclasses import asdict, replace

    from ortool.checklist.document import FaultyDocument
    from ortool.cli.inputs import read_utf8
    from ortool.cli.output import say, show, show_json
    from ortool.services.checklists import read_file

    paths = files or sorted(_folder(ctx).glob("*.yaml"))
    results = []
    for path in paths:
        read_utf8(path)
        try:
            checklist = read_file(path).checklist
            results.append({"file": str(path), "approved": bool(checklist.approved_by), "faults": []})
            if not as_json:
                show(f"{path}: no fault. {checklist.id} version {checklist.version}, {_approval(checklist)}.")
        except FaultyDocument as faulty:
            # A fault in a part names the part: files are named from the checklist's own folder.
            named = [replace(one, file=str(path.parent / one.file)) for one in faulty.faults]
            results.append({"file": str(path), "approved": False, "faults": [asdict(one) for one in named]})
            if not as_json:
                for one in named:
                    show(str(one))
    if as_json:
        show_json(results)
    say(APPROVAL)
    if any(result["faults"] for result in results):
        raise typer.Exit(1)


def _folder(ctx: typer.Context) -> Path:
    from ortool.services.checklists import folder_of

    folder = folder_of(settings_of(ctx))
    if not folder.is_dir():
        raise BadInput(f"There is no checklist folder {folder}.", "Set `checklists` in the settings.")
    return folder


def _approval(checklist: Checklist) -> str:
    if not checklist.approved_by:
        return "not locally approved"
    return f"approved by {checklist.approved_by}" + (f" on {checklist.approved_on}" if checklist.approved_on else "")


def _lines(checklist: Checklist) -> list[str]:
    lines = [f"{checklist.title} ({checklist.id}, version {checklist.version}): {_approval(checklist)}"]
    lines += [checklist.based_on] if checklist.based_on else []
    stamps = {stamp.id: stamp for stamp in checklist.stamps}
    pauses = {pause.id: pause for pause in checklist.pauses}
    for phase in checklist.phases:
        lines += ["", f"PHASE {phase.title} ({phase.starts} to {phase.ends})"]
        for step in phase.steps:
            if step.stamp:
                lines.append(f"  stamp {step.stamp:<17} {stamps[step.stamp].title}")
            elif step.pause:
                pause = pauses[step.pause]
                each = f", for each {pause.for_each}" if pause.for_each else ""
                lines.append(f"  PAUSE {pause.id} {pause.title} (before {', '.join(pause.gates) or 'nothing'}{each})")
                lines += [f"    {_item(item)}" for item in pause.items]
            elif step.record:
                lines.append(f"  record {_item(step.record)}")
    return lines


def _item(item: Item) -> str:
    marks = [
        item.type.value,
        *(["hard stop"] if item.hard_stop else []),
        *(["two people"] if item.second_reader else []),
        *(["any label"] if item.code else []),
        *([f"confirms {item.confirms}"] if item.confirms else []),
    ]
    marks += [f"if {name} is {value}" for name, value in item.when.items()]
    return f"{item.id:<16} {item.prompt}: {item.response} [{', '.join(marks)}; {', '.join(item.evidence)}]"
