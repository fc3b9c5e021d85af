"""Where the `ortool` command begins. Without arguments the screens open at once, and no option parser is loaded."""

import gc
import os
import resource
import sys

# What is made here names patients or holds keys: only whoever runs the program may read it.
MASK = 0o077


def run() -> None:
    """Open the screens, or hand over to the command line where there is anything to read."""
    keep_private()
    # Nothing that is imported is ever garbage: the collector would only walk over it, again and again.
    gc.disable()
    # Looking for plug-ins of the data models costs a tenth of the start, and there are none.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    alone = len(sys.argv) == 1 and not os.environ.get("ORTOOL_PERSON")
    if alone and sys.stdin.isatty() and sys.stdout.isatty():
        from ortool.cli.screens import open_plainly

        sys.exit(open_plainly())
    from ortool.cli import main

    gc.enable()
    main.run()


def keep_private() -> None:
    """Let nobody else read what this process makes, and leave no picture of its memory behind when it falls."""
    os.umask(MASK)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
