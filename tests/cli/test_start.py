"""What the program sees to before anything else: nobody else reads what it makes, and no picture of its memory stays."""

import subprocess
import sys

AFTER = """
import os, resource, sys
from ortool.cli import start
sys.argv = ["ortool", "--version"]
try:
    start.run()
except SystemExit as left:
    print(left.code, oct(os.umask(0)), resource.getrlimit(resource.RLIMIT_CORE))
"""


def test_the_program_starts_private() -> None:
    loose = "import os, resource; os.umask(0o022)\n"
    ran = subprocess.run([sys.executable, "-c", loose + AFTER], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "0 0o77 (0, 0)"


def test_what_helps_to_find_a_fault_is_left_alone() -> None:
    """A site may ask Python for its own fault handler; it prints places, no values."""
    asked = "import faulthandler; faulthandler.enable()\n"
    told = AFTER + "\nprint(faulthandler.is_enabled())"
    ran = subprocess.run([sys.executable, "-c", asked + told], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "True"
