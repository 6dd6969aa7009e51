"""``motcua restore``: the office out of one file, whole or not at all, and proven afterwards."""

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from motcua.core import clock
from motcua.core.errors import IllegalAct, Invalid
from motcua.keeping import archive, backup, databases
from motcua.ledger import checkpoint
from motcua.papers import files

Progress = Callable[[int, int], object]
# A database is in use once it knows a person, an act or a file; fresh tables with the rows of migrations are not use.
_OF_USE = ("org_user", "org_unit", "ledger_event", "parties_party", "papers_blob", "procedures_procedure")


@dataclass
class Restored:
    """What was put back."""

    made_at: str
    version: str
    counts: dict[str, int]
    uploads: int
    lost: list[str]
    upgraded: int = 0
    kept: Path | None = None
    notes: list[str] = field(default_factory=list)


def in_use() -> dict[str, int]:
    """What the present database holds of an office; empty when a restore would lose nothing."""
    found = databases.present()
    return {name: found[name] for name in _OF_USE if found.get(name)}


def put_back(path: Path, *, replace: bool = False, progress: Progress = lambda done, total: None) -> Restored:
    """Restore the backup at ``path`` into the database in use.

    Into an empty one, or with ``replace`` over the present one, of which a copy is kept first. Raises
    :class:`Invalid` for an archive that is damaged, hostile, of another kind of database or of a newer version, and
    :class:`IllegalAct` when something would be lost; nothing is changed then.
    """
    home = Path(settings.HOME)
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix=".restore-") as folder:
        staging = Path(folder)
        with archive.opened(path, staging) as found:
            told = _checked(found)
            databases.recover()
            if (lost := in_use()) and not replace:
                said = ", ".join(f"{n} dòng {name}" for name, n in lost.items())
                raise IllegalAct(
                    f"Cơ sở dữ liệu này đang có số liệu ({said}). Chỉ khôi phục vào nơi trống; muốn thay thế số liệu "
                    "hiện có thì thêm --replace (một bản sao của số liệu hiện có được giữ lại)."
                )
            total, done = found.size, 0

            def moved(n: int) -> None:
                nonlocal done
                done += n
                progress(done, total)

            unpacked: dict[str, Path] = {}
            for i, name in enumerate(found.members):
                unpacked[name] = staging / str(i)
                found.unpack(name, unpacked[name], moved)
        copy = unpacked[databases.MEMBERS[connection.vendor]]
        databases.examine(copy, connection.vendor, told["counts"])
        kept = _keep_present(home) if lost else None
        added = _put_uploads(unpacked)
        try:
            databases.put(copy, told["database"], told["counts"])
        except BaseException:
            for file in added:
                file.unlink(missing_ok=True)
            raise
        made = Restored(told["made_at"], told["version"], told["counts"], 0, list(told["lost"]), kept=kept)
        made.uploads = sum(name.startswith(archive.UPLOADS) for name in unpacked)
        made.notes += _put_home(home, unpacked)
    _sign_everybody_out()
    made.upgraded = _upgrade()
    return made


def proof(path: Path) -> Iterator[str]:
    """What the restored books and files say against the backup's own seal; one Vietnamese line per fault."""
    with archive.opened(path, Path(settings.HOME)) as found:
        told = found.manifest
    sealed = told["checkpoint"]
    yield from checkpoint.check_sealed(sealed["document"], sealed["signature"], sealed["public_key"], "Bản sao lưu")
    (greatest,) = next(databases.ask_present("SELECT COALESCE(MAX(id), 0) FROM ledger_event"))
    if greatest > sealed["document"]["last_event"]:
        yield f"Sổ có đến sự kiện {greatest}, bản sao lưu chỉ đến sự kiện {sealed['document']['last_event']}."
    lost = set(told["lost"])
    for sha256, size, references in databases.ask_present('SELECT sha256, size, "references" FROM papers_blob'):
        where = files.path_of(sha256)
        if references and sha256 not in lost and (not where.exists() or where.stat().st_size != size):
            yield f"Tệp {sha256[:16]}… ghi trong cơ sở dữ liệu nhưng không có trên đĩa."


def _checked(found: archive.Archive) -> dict[str, Any]:
    """The manifest, once it says all it should and is for this database and this version."""
    told = found.manifest
    try:
        vendor, migrations = told["database"]["vendor"], {(app, name) for app, name in told["migrations"]}
        right = (
            all(type(n) is int for n in told["counts"].values())
            and isinstance(told["made_at"], str)
            and isinstance(told["version"], str)
            and all(isinstance(sha256, str) for sha256 in told["lost"])
            and isinstance(told["uploads"], bool)
            and int(told["database"].get("client", "0")) >= 0
            and databases.MEMBERS[vendor] in found.members
        )
        checkpoint.readable(told["checkpoint"])
    except (KeyError, TypeError, ValueError, AttributeError):
        right = False
    if not right:
        raise archive.broken(found.path, "bản kê bên trong thiếu hoặc sai")
    if vendor != connection.vendor:
        ours = databases.NAMES[connection.vendor]
        raise Invalid(f"Bản sao lưu này của {databases.NAMES[vendor]}, còn nơi khôi phục dùng {ours}. Hãy đặt "
                      "DATABASE_URL cho đúng loại. Chưa có gì bị thay đổi.")  # fmt: skip
    known = set(MigrationLoader(None).disk_migrations)
    if newer := sorted(migrations - known):
        app, name = newer[0]
        raise Invalid(
            f"Bản sao lưu do phiên bản {told['version']} tạo ra, mới hơn phần mềm đang cài ({backup.version()}): có "
            f"bước {app}.{name} chưa biết. Hãy cập nhật phần mềm rồi khôi phục. Chưa có gì bị thay đổi."
        )
    return told


def _keep_present(home: Path) -> Path:
    """A copy of what is about to be replaced; its uploads stay where they are."""
    folder = home / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"truoc-khoi-phuc-{clock.local(clock.now()):%Y%m%d-%H%M%S-%f}.zip"
    return backup.make(path, uploads=False).path


def _put_uploads(unpacked: dict[str, Path]) -> list[Path]:
    """Lay the uploads where they belong; those already there and whole are left. Answers what was added."""
    added = []
    for name, path in unpacked.items():
        if not name.startswith(archive.UPLOADS):
            continue
        sha256 = name.removeprefix(archive.UPLOADS)
        target = files.path_of(sha256)
        if target.exists() and archive.digest(target)[0] == sha256:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
        added.append(target)
    return added


def _put_home(home: Path, unpacked: dict[str, Path]) -> list[str]:
    """The keys and the office's own files; what they replace is kept beside them."""
    notes = []
    for name, path in unpacked.items():
        if name.startswith("home/"):
            target = home / name.removeprefix("home/")
        elif name.startswith("office/"):
            target = home / name.removeprefix("office/")
        else:
            continue
        if name == "home/secret_key" and os.environ.get("MOTCUA_SECRET_KEY"):
            notes.append("MOTCUA_SECRET_KEY đang được đặt nên không dùng khóa trong bản sao lưu.")
            continue
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if target.exists() and target.read_bytes() != path.read_bytes():
            target.replace(target.with_name(f"{target.name}.truoc-khoi-phuc"))
        path.chmod(0o600)
        path.replace(target)
    if "home/secret_key" not in unpacked and not os.environ.get("MOTCUA_SECRET_KEY"):
        notes.append("Bản sao lưu không có khóa bí mật: hãy đặt MOTCUA_SECRET_KEY như ở nơi cũ, nếu không xác thực hai "
                     "bước của mọi người phải đặt lại.")  # fmt: skip
    return notes


def _sign_everybody_out() -> None:
    """Nobody goes on with a session of the day the backup was made."""
    with connection.cursor() as cursor:
        for table in databases.PASSING:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 (names of our own)


def _upgrade() -> int:
    """Bring an older version's tables up to this one; how many steps that took."""
    done = {(app, name) for app, name in databases.ask_present("SELECT app, name FROM django_migrations")}
    missing = set(MigrationLoader(None).disk_migrations) - done
    if missing:
        call_command("migrate", verbosity=0, interactive=False)
    return len(missing)
