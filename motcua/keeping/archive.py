"""The file of a backup: a zip whose first member, the manifest, names every other with its size and SHA-256.

Reading trusts nothing: no member is ever written under a name the file gives, nothing is unpacked beyond what the
manifest announces and the disk can take, and what is unpacked must hash to what was announced.
"""

import errno
import hashlib
import json
import os
import re
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from motcua.core.errors import Invalid

FORMAT = 1
MANIFEST = "manifest.json"
UPLOADS = "uploads/"
# An upload is named by its content; the rest are the few files a home has, and what an office has put there itself.
_PLAIN = re.compile(r"[\w-][\w. -]{0,99}")
_UPLOAD = re.compile(r"uploads/[0-9a-f]{64}")
_FIXED = re.compile(r"database\.(sqlite3|dump)|home/secret_key|home/keys/checkpoint\.pem")
_LARGEST_MANIFEST = 256 * 1024 * 1024
_CHUNK = 1024 * 1024
_SPARE = 64 * 1024 * 1024

# What reading a torn zip may raise; a place before the beginning of the file is an EINVAL.
_TORN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)

Progress = Callable[[int], object]


def allowed(name: str) -> bool:
    """Whether a backup may hold a member of that name. Pure."""
    if _UPLOAD.fullmatch(name) or _FIXED.fullmatch(name):
        return True
    parts = name.split("/")
    return parts[0] == "office" and 3 <= len(parts) <= 6 and all(_PLAIN.fullmatch(part) for part in parts[1:])


@dataclass(frozen=True, slots=True)
class Source:
    """A member to be written: its name in the archive and the file it comes from."""

    name: str
    path: Path
    sha256: str
    size: int


def digest(path: Path) -> tuple[str, int]:
    """SHA-256 and size of a file."""
    found, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
            size += len(chunk)
    return found.hexdigest(), size


def source(name: str, path: Path) -> Source:
    """A file as a member."""
    sha256, size = digest(path)
    return Source(name, path, sha256, size)


# ---- writing ---------------------------------------------------------------------------------------------------------


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A new file, readable by its owner alone, that gets its name only when the block has ended well. Refuses to
    replace a file that is there."""
    if path.exists():
        raise Invalid(f"Tệp {path} đã có; bản sao lưu không ghi đè tệp nào. Hãy chọn tên khác.")
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            raise Invalid(f"Tệp {path} vừa được tạo; bản sao lưu không ghi đè tệp nào. Hãy chọn tên khác.") from None
        except OSError:  # a file system without links: the name was free a moment ago
            draft.rename(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        draft.unlink(missing_ok=True)


def write(path: Path, manifest: dict[str, Any], sources: list[Source], progress: Progress = lambda n: None) -> None:
    """Write the archive whole. A source that no longer is what was said of it is an :class:`Invalid`."""
    described = {s.name: {"size": s.size, "sha256": s.sha256} for s in sources}
    head = json.dumps({**manifest, "format": FORMAT, "members": described}, ensure_ascii=False, indent=1).encode()
    with whole_file(path) as file, zipfile.ZipFile(file, "w", allowZip64=True) as archive:
        archive.writestr(zipfile.ZipInfo(MANIFEST), head, zipfile.ZIP_DEFLATED)
        for member in sources:
            # Uploads are compressed formats already; a database is not.
            packed = zipfile.ZIP_STORED if member.name.startswith(UPLOADS) else zipfile.ZIP_DEFLATED
            info = zipfile.ZipInfo(member.name)
            info.compress_type = packed
            info.external_attr = 0o600 << 16
            copied = hashlib.sha256()
            with member.path.open("rb") as content, archive.open(info, "w", force_zip64=True) as target:
                while chunk := content.read(_CHUNK):
                    copied.update(chunk)
                    target.write(chunk)
                    progress(len(chunk))
            if copied.hexdigest() != member.sha256:
                raise Invalid(f"Tệp {member.name} thay đổi trong lúc sao lưu. Hãy chạy lại.")


# ---- reading ---------------------------------------------------------------------------------------------------------


class Archive:
    """An archive open for reading, its list of contents already held against the manifest."""

    def __init__(self, path: Path, packed: zipfile.ZipFile) -> None:
        self.path = path
        self._packed = packed
        self.manifest = self._read_manifest()
        self.members: dict[str, dict[str, Any]] = self.manifest["members"]
        self._check_list()

    @property
    def size(self) -> int:
        """Bytes of all members unpacked."""
        return sum(member["size"] for member in self.members.values())

    def _read_manifest(self) -> dict[str, Any]:
        try:
            info = self._packed.getinfo(MANIFEST)
            if info.file_size > _LARGEST_MANIFEST:
                raise ValueError
            with self._packed.open(info) as file:
                found = json.loads(file.read(_LARGEST_MANIFEST + 1))
            if int(found["format"]) > FORMAT:
                raise Invalid(f"{self.path.name} do một phiên bản mới hơn tạo ra. Hãy cập nhật phần mềm rồi khôi phục.")
            for name, member in found["members"].items():
                if not allowed(name):
                    raise _hostile(self.path, f"có tệp tên lạ {name[:80]!r}")
                if not re.fullmatch(r"[0-9a-f]{64}", member["sha256"]) or not _whole(member["size"]):
                    raise ValueError
                if name.startswith(UPLOADS) and name.removeprefix(UPLOADS) != member["sha256"]:
                    raise _hostile(self.path, "có tệp tải lên không đúng mã băm của nó")
            return dict(found)
        except (KeyError, TypeError, AttributeError, ValueError, RecursionError, OSError, *_TORN) as error:
            raise broken(self.path, "không đọc được bản kê bên trong") from error

    def _check_list(self) -> None:
        infos = self._packed.infolist()
        names = [info.filename for info in infos if info.filename != MANIFEST]
        if len(names) + 1 != len(infos) or len(names) != len(set(names)) or set(names) != set(self.members):
            raise _hostile(self.path, "nội dung không khớp bản kê bên trong")
        for info in infos:
            if info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise _hostile(self.path, "có tệp nén theo cách lạ")
            if info.filename != MANIFEST and info.file_size != self.members[info.filename]["size"]:
                raise _hostile(self.path, "cỡ tệp không khớp bản kê bên trong")

    def unpack(self, name: str, target: Path, progress: Progress = lambda n: None) -> None:
        """Write one member to ``target``, or :class:`Invalid` when it is not what the manifest says."""
        told, found, size = self.members[name], hashlib.sha256(), 0
        try:
            with (
                self._packed.open(name) as content,
                os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
            ):
                while chunk := content.read(_CHUNK):
                    size += len(chunk)
                    if size > told["size"]:
                        break
                    found.update(chunk)
                    file.write(chunk)
                    progress(len(chunk))
                file.flush()
                os.fsync(file.fileno())
        except (*_TORN, OSError) as error:
            if isinstance(error, OSError) and error.errno != errno.EINVAL:  # a full disk is not the archive's fault
                raise
            raise broken(self.path, f"tệp {name} bên trong bị hỏng") from error
        if (size, found.hexdigest()) != (told["size"], told["sha256"]):
            raise broken(self.path, f"tệp {name} bên trong bị hỏng")


@contextmanager
def opened(path: Path, staging: Path) -> Iterator[Archive]:
    """The archive, once its list is in order and the disk of ``staging`` can take what it holds."""
    if not path.is_file():
        raise Invalid(f"Không có tệp {path}.")
    try:
        packed = zipfile.ZipFile(path)
    except (*_TORN, ValueError) as error:
        raise broken(path, "tệp bị hỏng, bị cắt cụt, hoặc không phải bản sao lưu") from error
    with packed:
        archive = Archive(path, packed)
        free = shutil.disk_usage(staging).free
        # Unpacked once, and once more in the database.
        if archive.size * 2 + _SPARE > free:
            need, have = (archive.size * 2 + _SPARE) // 1024**2, free // 1024**2
            raise Invalid(f"Ổ đĩa không đủ chỗ để khôi phục {path.name}: cần {need} MB, còn {have} MB.")
        yield archive


def _whole(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**50


def broken(path: Path, why: str) -> Invalid:
    """The refusal of a damaged archive."""
    return Invalid(f"{path.name}: {why}. Chưa có gì bị thay đổi.", code="broken_backup")


def _hostile(path: Path, why: str) -> Invalid:
    return Invalid(f"{path.name} không phải bản sao lưu do motcua tạo ra: {why}. Chưa có gì bị thay đổi.",
                   code="hostile_backup")  # fmt: skip
