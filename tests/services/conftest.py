"""What the services promise holds on both databases: each test here runs on a file and on a server."""

from collections.abc import Callable

import pytest

from tests.services.suite import Suite


@pytest.fixture(params=["sqlite", "postgresql"])
def make_suite(request: pytest.FixtureRequest) -> Callable[..., Suite]:
    """Return a function that opens a suite of its own, under settings of its own."""
    name = "make_file_suite" if request.param == "sqlite" else "make_server_suite"
    made: Callable[..., Suite] = request.getfixturevalue(name)
    return made
