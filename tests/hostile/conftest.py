"""Two theatres full of hostile words: one where they came in by the front door, one where nobody cleaned them."""

from collections.abc import Iterator

import pytest

from tests.hostile.corpus import STRINGS
from tests.hostile.hurt import Hurt, furnish, storable, without_the_border


@pytest.fixture(scope="session")
def by_the_door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hurt]:
    """Everything came in through the services."""
    hurt = furnish(tmp_path_factory.mktemp("door") / "ortool.db")
    yield hurt
    hurt.theatre.close()


@pytest.fixture(scope="session")
def unclean(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hurt]:
    """Everything stands in the database as it was: only what shows it stands between it and the terminal."""
    with without_the_border():
        hurt = furnish(tmp_path_factory.mktemp("unclean") / "ortool.db", [one for one in STRINGS if storable(one)])
    yield hurt
    hurt.theatre.close()


@pytest.fixture(params=["by_the_door", "unclean"])
def hurt(request: pytest.FixtureRequest) -> Hurt:
    """Each of the two."""
    one: Hurt = request.getfixturevalue(request.param)
    return one
