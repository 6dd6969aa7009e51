"""Keeping uploads: type read from the content, size limited, stored by content hash, served by those who know why."""

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import puremagic
from django.conf import settings
from django.db.models import F

from motcua.core import clock
from motcua.core.errors import Invalid, NotFound
from motcua.core.text import clean
from motcua.papers.models import Blob

LIMIT = 20 * 1024 * 1024
# What an office takes in, by what the content is: (media type, extension).
ACCEPTED = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/tiff": ".tif",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
_OFFICE = {"word/document.xml": ".docx", "xl/workbook.xml": ".xlsx"}
_UNPACKED_LIMIT = 200 * 1024 * 1024


def sniff(head: bytes, whole: BinaryIO) -> str:
    """The media type of a content, or Invalid. The name a file came with is not asked."""
    if head.startswith(b"PK\x03\x04"):
        return _sniff_office(whole)
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    try:
        found = {m.mime_type for m in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):
        found = set()
    for media_type in ("image/jpeg", "image/png", "image/tiff"):
        if media_type in found:
            return media_type
    raise Invalid(
        "Loại tệp này không nhận. Hãy gửi PDF, ảnh (JPG, PNG, TIF), Word (.docx) hoặc Excel (.xlsx).", field="file"
    )


def _sniff_office(whole: BinaryIO) -> str:
    whole.seek(0)
    try:
        with zipfile.ZipFile(whole) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError) as error:
        raise Invalid("Tệp nén bị hỏng hoặc không phải tệp Word, Excel.", field="file") from error
    if len(members) > 10_000 or sum(m.file_size for m in members) > _UNPACKED_LIMIT:
        raise Invalid("Tệp này khi mở ra quá lớn, không nhận.", field="file")
    names = {m.filename for m in members}
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Invalid("Tệp có chứa macro, không nhận. Hãy lưu lại thành .docx hoặc .xlsx không có macro.", field="file")
    for name, extension in _OFFICE.items():
        if name in names:
            return next(m for m, e in ACCEPTED.items() if e == extension)
    raise Invalid("Tệp nén này không phải tệp Word hay Excel.", field="file")


def path_of(sha256: str) -> Path:
    """Where a content lies on disk."""
    return Path(settings.UPLOADS) / sha256[:2] / sha256[2:4] / sha256


def store(chunks: Iterable[bytes], *, limit: int = LIMIT) -> Blob:
    """Keep a content and count one reference to it. Three statements. Raises Invalid when too large, empty or of no
    accepted type; nothing is kept then. The file is on disk before the row is, so no row points nowhere."""
    home = Path(settings.UPLOADS)
    home.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=home, delete=False) as file:
        temporary = Path(file.name)
        try:
            for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise Invalid(f"Tệp lớn quá {limit // 1024 // 1024} MB, không nhận.", field="file")
                digest.update(chunk)
                file.write(chunk)
            if not size:
                raise Invalid("Tệp rỗng, không nhận.", field="file")
            file.flush()
            os.fsync(file.fileno())
            with temporary.open("rb") as again:
                head = again.read(8192)
                media_type = sniff(head, again)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    sha256 = digest.hexdigest()
    target = path_of(sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary.chmod(0o600)
    temporary.replace(target)
    blob, _ = Blob.objects.get_or_create(
        sha256=sha256, defaults={"size": size, "media_type": media_type, "created_at": clock.now()}
    )
    Blob.objects.filter(pk=blob.pk).update(references=F("references") + 1)
    return blob


def store_bytes(content: bytes) -> Blob:
    """:func:`store` for a content already in memory."""
    return store([content] if content else [])


def release(blob: Blob) -> None:
    """One reference fewer. The content itself stays until ``sweep`` finds it unneeded. One statement."""
    Blob.objects.filter(pk=blob.pk, references__gt=0).update(references=F("references") - 1)


def sweep() -> int:
    """Remove contents that nothing refers to and that are older than a day (an upload may be about to be used)."""
    import datetime as dt

    removed = 0
    old = clock.now() - dt.timedelta(days=1)
    for blob in Blob.objects.filter(references=0, created_at__lt=old):
        # Only if still unreferenced at the moment of removal.
        if Blob.objects.filter(pk=blob.pk, references=0).delete()[0]:
            path_of(blob.sha256).unlink(missing_ok=True)
            removed += 1
    return removed


def read(blob: Blob) -> BinaryIO:
    """The content, open for reading; NotFound when the disk has lost it."""
    try:
        return path_of(blob.sha256).open("rb")
    except FileNotFoundError as error:
        raise NotFound("Nội dung tệp không còn trên máy chủ. Hãy báo quản trị hệ thống khôi phục.") from error


def safe_name(name: str, media_type: str) -> str:
    """A file name without folders or control characters, with the extension its content deserves."""
    base = clean(name.replace("\\", "/").rsplit("/", 1)[-1]).strip(". ") or "tep"
    stem = base.rsplit(".", 1)[0] if "." in base else base
    return f"{stem[:120]}{ACCEPTED.get(media_type, '')}"


__all__ = ["ACCEPTED", "LIMIT", "path_of", "read", "release", "safe_name", "sniff", "store", "store_bytes", "sweep"]
