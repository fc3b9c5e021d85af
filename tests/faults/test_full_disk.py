"""A disk that is full: what was saved is there, what was refused is not, and room brings the work back."""

import pytest

from tests.faults.full_disk import KINDS, fill, may_mount
from tests.faults.outcome import expect


@pytest.mark.parametrize("kind", KINDS)
def test_a_full_disk_loses_nothing_and_invents_nothing(kind: str) -> None:
    if kind == "tmpfs" and (why := may_mount()):
        pytest.skip(f"{why}; the limit on a file's size and the refusing layer show the same")
    expect(fill(kind))
