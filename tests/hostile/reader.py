"""Runs each command in a forked child under limits, and prints as JSON what it took and what it said."""

import gc
import json
import os
import resource
import sys
import time
from pathlib import Path

CPU_SECONDS, MEMORY = 10, 1 << 30


def measured(words: list[str], said: Path) -> dict[str, object]:
    """Carry a command out in a child; return its exit code, its processor time, its memory and its words."""
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        from ortool.cli.main import main

        code = main(words)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    _, status, used = os.wait4(child, 0)
    return {
        "code": os.waitstatus_to_exitcode(status),
        "cpu": used.ru_utime + used.ru_stime,
        "wall": time.monotonic() - began,
        "mib": used.ru_maxrss / 1024,
        "said": said.read_text("utf-8", "replace")[-2_000:],
        "length": said.stat().st_size,
    }


def main() -> None:
    """Read commands, one JSON list a line with the name in front, and print one JSON object for each."""
    for name in ("checklists", "importing", "init", "doctor", "journals"):
        __import__(f"ortool.cli.{name}")
    for name in ("services.checklists", "services.importing", "services.setup", "services.journals", "services.people"):
        __import__(f"ortool.{name}")
    gc.collect()
    gc.freeze()
    folder = Path(sys.argv[1])
    for number, line in enumerate(sys.stdin):
        title, *words = json.loads(line)
        print(json.dumps({"title": title, **measured(words, folder / f"said-{number}")}), flush=True)


if __name__ == "__main__":
    main()
