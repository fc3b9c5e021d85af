"""Work in the background of a screen."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from textual.dom import DOMNode


def start_work(node: DOMNode, work: Callable[[], Awaitable[object]], group: str = "work", only: bool = False) -> None:
    """Start `work` beside the screen; with `only`, what the group is still doing is given up.

    A callable is handed over, not a coroutine: nothing is left unawaited when the program is being left.
    """
    node.run_worker(cast(Any, work), group=group, exclusive=only)
