"""``motcua backup``: the office in one file, made while people work."""

import importlib.metadata
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.keeping import archive, checkpointing, databases
from motcua.papers import files

# Folders of a home where an office keeps its own versions of data files and forms.
OFFICE_FOLDERS = ("templates", "orders", "trust")
_ORDER = {"sqlite": "ORDER BY book, code", "postgresql": 'ORDER BY book COLLATE "C", code COLLATE "C"'}


@dataclass(frozen=True)
class Made:
    """What a backup holds, and which uploads the disk had lost or damaged (they are not in it)."""

    path: Path
    size: int
    counts: dict[str, int]
    uploads: int
    lost: list[str]
    with_secret: bool


def version() -> str:
    """The version of the product that runs."""
    return importlib.metadata.version("motcua")


def make(
    path: Path, *, uploads: bool = True, progress: Callable[[int, int], object] = lambda done, total: None
) -> Made:
    """Write the backup to ``path``, whole or not at all. Without ``uploads`` it is only good where they still lie.

    :class:`Invalid` when the file is there already, a client program is missing, or the database has no tables.
    """
    path = path.absolute()
    if not path.parent.is_dir():
        raise Invalid(f"Không có thư mục {path.parent}.")
    if path.exists():
        raise Invalid(f"Tệp {path} đã có; bản sao lưu không ghi đè tệp nào. Hãy chọn tên khác.")
    Path(settings.HOME).mkdir(parents=True, exist_ok=True)
    started = clock.now()
    with tempfile.TemporaryDirectory(dir=settings.HOME, prefix=".backup-") as folder:
        staging = Path(folder)
        with databases.copied(staging) as copy:
            manifest, lost, blobs = _described(copy, uploads)
        sources = [archive.source(databases.MEMBERS[connection.vendor], copy.path), *blobs, *_of_home()]
        manifest |= {"made_at": started.isoformat(), "version": version(), "lost": lost, "uploads": uploads}
        total, done = sum(member.size for member in sources), 0

        def moved(n: int) -> None:
            nonlocal done
            done += n
            progress(done, total)

        archive.write(path, manifest, sources, moved)
    with_secret = any(member.name == "home/secret_key" for member in sources)
    return Made(path, path.stat().st_size, manifest["counts"], len(blobs), lost, with_secret)


def _described(copy: databases.Copy, uploads: bool) -> tuple[dict[str, Any], list[str], list[archive.Source]]:
    """The manifest of a copy, the uploads that are lost, and those to take along."""
    vendor = connection.vendor
    counted = databases.counts(copy.ask, vendor)
    if "django_migrations" not in counted:
        raise Invalid("Cơ sở dữ liệu chưa có bảng nào, không có gì để sao lưu. Hãy chạy «motcua migrate» trước.")
    migrations = sorted([app, name] for app, name in copy.ask("SELECT app, name FROM django_migrations"))
    (legs,) = next(copy.ask("SELECT COALESCE(MAX(id), 0) FROM ledger_leg"))
    (events,) = next(copy.ask("SELECT COALESCE(MAX(id), 0) FROM ledger_event"))
    # One number for each series, as the daily checkpoint has them.
    series: dict[str, int] = dict(copy.ask("SELECT series, SUM(n) FROM core_seriescounter GROUP BY series"))
    leaves = copy.ask(f"SELECT book, code, head FROM ledger_item WHERE head <> '' {_ORDER[vendor]}")  # noqa: S608
    manifest = {
        "database": {"vendor": vendor, "name": databases.NAMES[vendor], **copy.versions},
        "migrations": migrations,
        "counts": counted,
        "checkpoint": checkpointing.sealed(
            leaves,
            counted["ledger_item"],
            watermark=legs,
            last_event=events,
            series={name: int(total) for name, total in sorted(series.items())},
        ),
    }
    lost, found = [], []
    for sha256, size, references in copy.ask('SELECT sha256, size, "references" FROM papers_blob ORDER BY sha256'):
        try:
            there = archive.source(f"{archive.UPLOADS}{sha256}", files.path_of(sha256))
        except FileNotFoundError:
            there = None
        if there is not None and (there.sha256, there.size) == (sha256, size):
            found.append(there)
        elif references:
            lost.append(sha256)
    return manifest, lost, found if uploads else []


def _of_home() -> list[archive.Source]:
    """The keys, and the data files an office has put into its home."""
    home = Path(settings.HOME)
    found = []
    if not os.environ.get("MOTCUA_SECRET_KEY") and (home / "secret_key").exists():
        found.append(archive.source("home/secret_key", home / "secret_key"))
    if (key := Path(settings.KEYS) / "checkpoint.pem").exists():
        found.append(archive.source("home/keys/checkpoint.pem", key))
    for folder in OFFICE_FOLDERS:
        for file in sorted((home / folder).rglob("*")):
            name = f"office/{file.relative_to(home).as_posix()}"
            if file.is_file() and not file.is_symlink() and archive.allowed(name):
                found.append(archive.source(name, file))
    return found
