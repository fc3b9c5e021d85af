"""Health: what is wrong here, found out without changing anything."""

import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlcipher3 import dbapi2

from ortool.checklist.document import FaultyDocument
from ortool.errors import OrtoolError
from ortool.journal import log
from ortool.services import downtime
from ortool.services.backups import listed
from ortool.services.checklists import folder_of, read_file
from ortool.services.drilling import last_drill
from ortool.services.site import with_site, zone_notice
from ortool.services.upgrading import place_of
from ortool.settings import Settings
from ortool.storage import contract, faults, schema
from ortool.storage.ballast import LOW, MEBIBYTE, Ballast


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what, whether it is well, what was seen, and what mends it."""

    what: str
    well: bool
    seen: str
    mend: str = ""


def examine(settings: Settings, settings_file: Path) -> list[Finding]:
    """Return every finding. Nothing is written, no database is made or upgraded."""
    return [
        _python(),
        *_sqlite(),
        _settings(settings_file),
        *_place(settings),
        _forms(settings),
        *_checklists(settings),
    ]


def _python() -> Finding:
    well = sys.version_info >= (3, 11)
    return Finding("python", well, platform.python_version(), "" if well else "Install Python 3.11 or newer.")


def _sqlite() -> Iterator[Finding]:
    fixed = contract.library_is_fixed()
    yield Finding("sqlite library", True, dbapi2.sqlite_version)
    seen = "present" if fixed else "missing: the slower rollback journal is used instead of WAL"
    yield Finding("WAL-reset fix", True, seen)


def _settings(file: Path) -> Finding:
    return Finding("settings file", True, str(file) if file.exists() else f"{file} (none; the defaults are in force)")


def _place(settings: Settings) -> Iterator[Finding]:
    found = list(_database(settings))
    if not any(one.what == "time zone" for one in found):
        yield Finding("time zone", True, settings.time_zone)
    yield from found


def _database(settings: Settings) -> Iterator[Finding]:
    if settings.on_server:
        yield from _server(settings)
        return
    try:
        path, key = settings.database_path, settings.key
    except OrtoolError as error:
        yield Finding("database", False, error.message, error.hint)
        return
    if not path.exists():
        yield Finding("database", False, f"{path} does not exist", "Run `ortool init`.")
        return
    if faults.may_write(path):
        yield Finding("database", True, f"{path}{' (encrypted)' if key else ''}")
    else:
        yield Finding("database", False, f"this user may not write {path} or its folder", faults.write_advice(path))
    yield _space(Ballast(path))
    connection = dbapi2.connect(str(path))
    try:
        contract.check_place(path)
        contract.prepare(connection, key)
        yield from _inside(connection, settings)
    except OrtoolError as error:
        yield Finding("database contract", False, error.message, error.hint)
    except dbapi2.DatabaseError as error:
        refused = faults.is_write_refused(error, path)
        seen = "this user may not write it" if refused else "it cannot be read"
        yield Finding("database contract", False, f"{seen} ({error})", faults.advice(error, path))
    finally:
        connection.close()


def _space(ballast: Ballast) -> Finding:
    free, kept = (
        ballast.free,
        "space is kept for a full disk" if ballast.is_there else "no space is kept for a full disk",
    )
    well = free >= LOW
    mend = "" if well else "Free space on this disk before the day begins."
    return Finding("disk space", well, f"{free // MEBIBYTE} MiB free; {kept}space is kept for a full disk", mend)


def _inside(connection: dbapi2.Connection, settings: Settings) -> Iterator[Finding]:
    cursor = connection.cursor()
    if faults_found := _backups(settings):
        yield faults_found
    revision = schema.revision_of(cursor)
    current = revision == schema.HEAD
    mend = "" if current else "The next start makes a copy and upgrades it."
    yield Finding("database revision", current, f"{revision or 'none'} (this version wants {schema.HEAD})", mend)
    if current:
        contract.check_triggers(cursor)
        yield Finding("database guards", True, "every trigger is there")
        kept = schema.meta_of(cursor)
        proven = kept.get("identification") == "pin"
        seen = "by PIN and badge" if proven else "nobody has a PIN: identities are chosen, not proven"
        yield Finding("identities", True, seen, "" if proven else "`ortool person pin` begins.")
        yield _drill(cursor)
        differs = " ".join(zone_notice(settings, kept))
        yield Finding("time zone", True, differs or with_site(settings, kept).time_zone)


def _forms(settings: Settings) -> Finding:
    """Whether forms lie ready for a dead screen."""
    if not settings.downtime_folder:
        return Finding("downtime forms", True, "not kept ready", "Set `downtime_folder`, or `ortool downtime print`.")
    folder = downtime.folder_of(settings)
    found = downtime.listed(folder)
    seen = f"the newest in {folder} are of {found[-1][0]:%Y-%m-%d %H:%M} UTC" if found else f"none in {folder}"
    well = bool(found) and datetime.now(UTC) - found[-1][0] < downtime.OLD
    return Finding("downtime forms", well, seen, "" if well else "`ortool downtime print`; the screens print them too.")


def _drill(cursor: log.Cursor) -> Finding:
    found = last_drill(cursor)
    seen = f"the last one was on {found.on:%Y-%m-%d}: {found.words}" if found else "none was ever held"
    return Finding("downtime drill", True, seen, "" if found else "`ortool downtime drill`, every three months.")


def _server(settings: Settings) -> Iterator[Finding]:
    from ortool.storage.postgres.examine import look

    yield from _kept_here(settings)
    where = "database"
    try:
        where = f"database ({place_of(settings)})"
        seen = look(settings.database_url, settings.allow_plain_database)
    except OrtoolError as error:
        yield Finding(where, False, error.message, error.hint)
        return
    yield Finding("database", True, f"{place_of(settings)}, PostgreSQL {seen.version}")
    yield Finding("database contract", True, f"{seen.durable}; {'TLS' if seen.is_tls else 'no TLS'}")
    current = seen.revision == schema.HEAD
    mend = "" if current else "Run `ortool db upgrade` as the owner of the database."
    yield Finding("database revision", current, f"{seen.revision or 'none'} (this version wants {schema.HEAD})", mend)
    if current:
        yield Finding("database guards", not seen.lost, seen.lost or "every trigger and constraint is there", "")
        own = "may alter the journal, were it not for the triggers" if seen.may_alter else "cannot alter the journal"
        mend = "Let the terminals work as the role of `ortool db upgrade --application-role`." if seen.may_alter else ""
        yield Finding("database user", True, f"{seen.user} {own}", mend)
        yield Finding(
            "time zone",
            True,
            " ".join(zone_notice(settings, seen.meta)) or seen.meta.get("time_zone", settings.time_zone),
        )


def _kept_here(settings: Settings) -> Iterator[Finding]:
    """Yield what the terminal keeps that the server has not, or has refused."""
    from ortool.services.keeping import describe
    from ortool.services.offline import kept_here

    try:
        kept = kept_here(settings)
    except OrtoolError as error:
        yield Finding("saved here", False, error.message, error.hint)
        return
    waiting = sum(not refused for *_, refused in kept)
    if waiting:
        yield Finding("saved here", True, f"{waiting} waiting", "They are sent when the database answers.")
    for number, asked, refused in kept:
        if refused:
            mend = f"Enter it anew where it belongs, then `ortool run settle {number}`; until then it stays here."
            yield Finding("saved here", False, f"{describe(asked)}: {refused}", mend)


def _backups(settings: Settings) -> Finding | None:
    path = settings.database_path
    folder, minutes = settings.backups_of(path), settings.backup_minutes
    standing = listed(folder) if folder.is_dir() else []
    if not standing:
        return Finding("backups", True, f"none in {folder}", "`ortool db backup` takes one; the screens do too.")
    same_disk = folder.stat().st_dev == path.stat().st_dev
    where = "on the same disk as the database" if same_disk else "on another disk"
    seen = f"{len(standing)} in {folder}, the newest of {standing[-1][0]:%Y-%m-%d %H:%M} UTC, {where}"
    return Finding("backups", True, seen if minutes else f"{seen}; none is taken by itself (backup_minutes is 0)")


def _checklists(settings: Settings) -> Iterator[Finding]:
    folder = folder_of(settings)
    files = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    yield Finding("checklists", bool(files), f"{len(files)} in {folder}", "" if files else "Set `checklists`.")
    for path in files:
        try:
            approved = read_file(path).checklist.approved_by
            yield Finding(path.name, True, f"approved by {approved}" if approved else "not locally approved")
        except FaultyDocument as faulty:
            more = f" and {len(faulty.faults) - 1} more" if len(faulty.faults) > 1 else ""
            yield Finding(path.name, False, f"{faulty.faults[0]}{more}", f"ortool checklist check {path}")
        except (OSError, UnicodeDecodeError) as error:
            yield Finding(path.name, False, f"cannot be read ({type(error).__name__})", "Save it as UTF-8.")
