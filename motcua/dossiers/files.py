"""Files of a dossier: added and removed by who handles it, read by who may see it."""

from collections.abc import Iterable
from typing import BinaryIO

from django.db.models import F

from motcua.core import clock
from motcua.core.errors import Invalid, NotAllowed, NotFound
from motcua.core.verbs import verb
from motcua.dossiers.allowing import covering, held_duty
from motcua.dossiers.models import Attachment, Dossier
from motcua.dossiers.queries import visible
from motcua.org.models import Duty, User
from motcua.org.queries import Scope
from motcua.papers import files
from motcua.papers.models import Blob

KEEPERS = frozenset({Duty.RECEIVE, Duty.HANDLE, Duty.HAND_OVER, Duty.HEAD, Duty.CLERK, Duty.DIGITISE, Duty.DIRECTOR})
PER_DOSSIER = 100


def _dossier(pk: int) -> Dossier:
    found = Dossier.objects.select_for_update().filter(pk=pk).first()
    if found is None:
        raise NotFound("Không có hồ sơ này.")
    return found


@verb
def attach(*, actor: User, dossier: int, name: str, chunks: Iterable[bytes], kind: str) -> Attachment:
    """Add a file: type by its content, size limited, one copy of each content. Invalid says what is wrong."""
    if kind not in Attachment.Kind.values:
        raise Invalid("Loại tệp không có trong danh sách.", field="kind")
    row = _dossier(dossier)
    held_duty(actor, KEEPERS, covering(row), "Anh/chị không có nhiệm vụ thêm tệp vào hồ sơ này.")
    if row.attachments.filter(removed_at__isnull=True).count() >= PER_DOSSIER:
        raise Invalid(f"Hồ sơ đã có {PER_DOSSIER} tệp. Hãy gộp các tệp lại.", field="file")
    blob = files.store(chunks)
    return Attachment.objects.create(
        dossier=row,
        blob=blob,
        name=files.safe_name(name, blob.media_type),
        kind=kind,
        added_at=clock.now(),
        added_by=actor,
    )


@verb
def remove(*, actor: User, dossier: int, attachment: int) -> Attachment:
    """Take a file off; the record of it stays, the content goes when nobody else needs it."""
    row = _dossier(dossier)
    held_duty(actor, KEEPERS, covering(row), "Anh/chị không có nhiệm vụ gỡ tệp của hồ sơ này.")
    found = row.attachments.filter(pk=attachment, removed_at__isnull=True).select_related("blob").first()
    if found is None:
        raise NotFound("Tệp này không có hoặc đã gỡ.")
    if found.kind == Attachment.Kind.RESULT and row.handed_over_at is not None:
        raise NotAllowed("Kết quả đã trả cho người dân, không gỡ được.")
    found.removed_at, found.removed_by = clock.now(), actor
    found.save(update_fields=["removed_at", "removed_by"])
    Blob.objects.filter(pk=found.blob_id, references__gt=0).update(references=F("references") - 1)
    return found


def open_attachment(scope: Scope, dossier: int, attachment: int) -> tuple[Attachment, BinaryIO]:
    """A file and its content; NotFound when it, or its dossier, is not for the asker. One statement."""
    found = (
        Attachment.objects.filter(pk=attachment, removed_at__isnull=True, dossier__in=visible(scope).filter(pk=dossier))
        .select_related("blob")
        .first()
    )
    if found is None:
        raise NotFound("Không có tệp này, hoặc hồ sơ thuộc đơn vị khác.")
    return found, files.read(found.blob)
