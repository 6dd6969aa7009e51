"""Who signs in whose name: dated, by person and, where it is so, by procedure."""

from django.db import models
from django.db.models import F, Q

from motcua.org.models import Unit, User


class SigningMode(models.TextChoices):
    """The ways of signing of NĐ 30/2020/NĐ-CP (Điều 13; Phụ lục I, phần II, mục 7)."""

    OWN = "own", "Người đứng đầu trực tiếp ký"
    ACTING = "q", "Q. (giao quyền cấp trưởng)"
    DEPUTY = "kt", "KT. (ký thay)"
    ORDER = "tl", "TL. (thừa lệnh)"
    MANDATE = "tuq", "TUQ. (thừa ủy quyền)"


class SigningAuthority(models.Model):
    """For a span of days a person signs at an agency, for one procedure or for all, in a certain way.

    Ended, never edited: a letter of last year is headed as it was then.
    """

    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", verbose_name="cơ quan", help_text="Cơ quan ban hành văn bản."
    )
    user = models.ForeignKey(User, models.PROTECT, related_name="signings", verbose_name="người ký")
    procedure = models.ForeignKey(
        "procedures.Procedure",
        models.PROTECT,
        related_name="signings",
        null=True,
        blank=True,
        verbose_name="thủ tục",
        help_text="Để trống: mọi thủ tục của cơ quan.",
    )
    mode = models.CharField("cách ký", max_length=4, choices=SigningMode.choices)
    collective = models.BooleanField(
        "thay mặt tập thể (TM.)", default=False, help_text="Ghi thêm dòng «TM. ỦY BAN NHÂN DÂN»."
    )
    head_title = models.CharField(
        "chức vụ người đứng đầu", max_length=80, help_text="Ví dụ: Chủ tịch, Giám đốc, Trưởng phòng."
    )
    signer_title = models.CharField(
        "chức vụ người ký", max_length=80, blank=True, help_text="Với KT., TL., TUQ.: ví dụ Phó Chủ tịch."
    )
    valid_from = models.DateField("từ ngày")
    valid_to = models.DateField("đến hết ngày", null=True, blank=True)
    basis = models.CharField("căn cứ", max_length=200, help_text="Quy chế, quyết định phân công, văn bản ủy quyền.")
    created_at = models.DateTimeField("lúc ghi")
    created_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="người ghi"
    )

    class Meta:
        verbose_name = "thẩm quyền ký"
        verbose_name_plural = "thẩm quyền ký"
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="procedures_signing_dates"
            ),
            # Two, because SQLite knows no NULLS NOT DISTINCT.
            models.UniqueConstraint(
                fields=["unit", "user", "valid_from"],
                condition=Q(procedure__isnull=True),
                name="procedures_signing_once_for_all",
            ),
            models.UniqueConstraint(
                fields=["unit", "user", "procedure", "valid_from"],
                condition=Q(procedure__isnull=False),
                name="procedures_signing_once",
            ),
            models.CheckConstraint(
                condition=Q(mode__in=["own", "q"]) | ~Q(signer_title=""), name="procedures_signing_title"
            ),
            # Whoever signs by order or by mandate does not stand for the collective.
            models.CheckConstraint(
                condition=Q(collective=False) | ~Q(mode__in=["tl", "tuq"]), name="procedures_signing_collective"
            ),
            # A mandate is limited in time (NĐ 30/2020, Điều 13 khoản 3).
            models.CheckConstraint(
                condition=~Q(mode="tuq") | Q(valid_to__isnull=False), name="procedures_signing_mandate_ends"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_mode_display()} tại {self.unit}"


__all__ = ["SigningAuthority", "SigningMode"]
