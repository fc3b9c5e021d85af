"""What the processes of the herd do, on the database that the environment names."""

import json
import os
import sys
from pathlib import Path

from ortool.people.person import Actor
from ortool.services.people import find_person
from ortool.services.theatre import open_theatre
from tests.faults.workers import book_rounds, wait_for
from tests.services.suite import settings


def main() -> None:
    """Book as the second argument says, once the file of the first is there."""
    asked = json.loads(sys.argv[2])
    theatre = open_theatre(settings(database_url=os.environ["ORTOOL_DATABASE_URL"], rooms_per_surgeon=9))
    nurse = Actor(find_person(theatre, "n1"))
    wait_for(Path(sys.argv[1]))
    book_rounds(theatre, nurse, asked, asked["shift"])
    theatre.close()


if __name__ == "__main__":
    main()
