"""The sample theatre of the screens, for whole journeys through it."""

from tests.tui.conftest import nurse, sample, watch

__all__ = ["nurse", "sample", "watch"]
