"""Files added to a dossier; a result that comes as a PDF has its signatures verified and kept with it.

The verification runs before the transaction: it takes about a second, and nobody else shall wait for it.
"""

import dataclasses
import tempfile
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from motcua.core import clock
from motcua.core.errors import Invalid, NotFound
from motcua.core.verbs import verb
from motcua.dossiers import files as dossier_files
from motcua.dossiers.allowing import covering, held_duty
from motcua.dossiers.models import Attachment, Dossier, ElectronicResult, Verdict
from motcua.org.models import User
from motcua.papers import files, signatures
from motcua.papers.signatures import Examined

_PDF = b"%PDF-"
_NO_DUTY = "Anh/chị không có nhiệm vụ với tệp của hồ sơ này."


def add_file(*, actor: User, dossier: int, name: str, chunks: Iterable[bytes], kind: str) -> Attachment:
    """Add a file to a dossier. A result in PDF is examined first and kept with its verdict, whatever that is; one that
    is broken, locked or too heavy is refused with a sentence and nothing is kept.

    Not one transaction: the examination stands outside the one that keeps the file.
    """
    if kind != Attachment.Kind.RESULT:
        return dossier_files.attach(actor=actor, dossier=dossier, name=name, chunks=chunks, kind=kind)
    with tempfile.TemporaryDirectory(prefix="motcua-result-") as folder:
        path = Path(folder) / "result"
        found = _examine(actor, dossier, chunks, path)
        with path.open("rb") as again:
            pieces = iter(lambda: again.read(1024 * 1024), b"")
            return keep(actor=actor, dossier=dossier, name=name, chunks=pieces, kind=kind, examined=found)


def examined(*, actor: User, dossier: int, chunks: Iterable[bytes]) -> Examined | None:
    """What the signatures of a result say, before it is kept (:func:`keep`); None for what is no PDF. Refusals as for
    :func:`add_file`. Two statements."""
    with tempfile.TemporaryDirectory(prefix="motcua-result-") as folder:
        return _examine(actor, dossier, chunks, Path(folder) / "result")


def _examine(actor: User, dossier: int, chunks: Iterable[bytes], path: Path) -> Examined | None:
    """Write the file to ``path`` and examine it there."""
    row = Dossier.objects.filter(pk=dossier).first()
    if row is None:
        raise NotFound("Không có hồ sơ này.")
    # Asked again under the lock; here so that nobody makes the machine work who may not.
    held_duty(actor, dossier_files.KEEPERS, covering(row), _NO_DUTY)
    size = 0
    with path.open("wb") as kept:
        for chunk in chunks:
            size += len(chunk)
            if size > files.LIMIT:
                raise Invalid(f"Tệp lớn quá {files.LIMIT // 1024 // 1024} MB, không nhận.", field="file")
            kept.write(chunk)
    with path.open("rb") as again:
        is_pdf = again.read(len(_PDF)) == _PDF
    return signatures.examine_file(path, Path(settings.TRUST_DIR)) if is_pdf else None


@verb
def keep(
    *, actor: User, dossier: int, name: str, chunks: Iterable[bytes], kind: str, examined: Examined | None
) -> Attachment:
    """Keep a file with what its signatures were found to say (:func:`examined`)."""
    found: Attachment = dossier_files.attach(actor=actor, dossier=dossier, name=name, chunks=chunks, kind=kind)
    if examined is not None:
        ElectronicResult.objects.create(attachment=found, **_row(examined))
    return found


def _row(examined: Examined) -> dict[str, object]:
    return {
        "verdict": Verdict(examined.verdict),
        "sentence": examined.sentence[:600],
        "signatures": [dataclasses.asdict(one) for one in examined.signatures],
        "checked_at": clock.now(),
    }


def check_again(*, actor: User, dossier: int, attachment: int) -> ElectronicResult:
    """Examine a kept result, with the roots trusted now; also one that came another way and was never examined.
    NotFound, NotAllowed as for the dossier's files; Invalid where it is no readable PDF."""
    row = Dossier.objects.filter(pk=dossier).first()
    kept = (
        Attachment.objects.filter(pk=attachment, dossier=dossier, removed_at__isnull=True, kind=Attachment.Kind.RESULT)
        .select_related("blob")
        .first()
    )
    if row is None or kept is None:
        raise NotFound("Không có kết quả điện tử này.")
    held_duty(actor, dossier_files.KEEPERS, covering(row), _NO_DUTY)
    if kept.blob.media_type != "application/pdf":
        raise Invalid("Chỉ kiểm tra được chữ ký số trong tệp PDF.", field="file")
    files.read(kept.blob).close()  # says so when the disk has lost it
    examined = signatures.examine_file(files.path_of(kept.blob.sha256), Path(settings.TRUST_DIR))
    return _again(attachment=kept.pk, examined=examined)


@verb
def _again(*, attachment: int, examined: Examined) -> ElectronicResult:
    row, _ = ElectronicResult.objects.update_or_create(attachment_id=attachment, defaults=_row(examined))
    return row


__all__ = ["add_file", "check_again", "examined", "keep"]
