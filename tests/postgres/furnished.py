"""Databases with rooms and people in them. Each is used again: a new one costs the server far more than a few rows."""

from tests import tables
from tests.postgres.cluster import Cluster
from tests.services.suite import Clock, furnish_server, settings

INDEX = ("index_progress", "case_mark", "note_case", "note_word")
TABLES = (*tables.TABLES, "entry", "secret_text", *INDEX)
GUARDS = "SELECT tgname FROM pg_trigger WHERE tgrelid = 'entry'::regclass AND NOT tgisinternal"


class Furnished:
    """As many databases as one test wants at a time."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.names: list[str] = []

    def url(self, number: int) -> str:
        """Return the URL of one of the databases, as it was when it was furnished."""
        if number == len(self.names):
            self.names.append(self._made())
        else:
            self._clear(self.names[number])
        return self.cluster.url(self.names[number])

    def _made(self) -> str:
        name = self.cluster.make()
        furnish_server(settings(database_url=self.cluster.url(name)), Clock()).close()
        kept = (f"CREATE TABLE kept.{table} AS SELECT * FROM {table}" for table in TABLES)
        self.cluster.run("CREATE SCHEMA kept", *kept, database=name)
        return name

    def _clear(self, name: str) -> None:
        guards = [str(row[0]) for row in self.cluster.run(GUARDS, database=name)]
        self.cluster.run(
            "; ".join([
                "BEGIN",
                *(f"ALTER TABLE entry DISABLE TRIGGER {guard}" for guard in guards),
                *(f"DELETE FROM {table}" for table in reversed(TABLES)),
                *(f"INSERT INTO {table} SELECT * FROM kept.{table}" for table in TABLES),
                *(f"ALTER TABLE entry ENABLE ALWAYS TRIGGER {guard}" for guard in guards),
                "COMMIT",
            ]),
            database=name,
        )  # fmt: skip
