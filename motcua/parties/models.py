"""Applicants and organisations: kept apart from the ledger, so that a person's data can be restricted or removed
while every figure stays."""

from django.db import models
from django.db.models import Q

from motcua.org.models import Unit, User


class PartyKind(models.TextChoices):
    PERSON = "person", "Cá nhân"
    ENTERPRISE = "enterprise", "Doanh nghiệp"
    AGENCY = "agency", "Cơ quan nhà nước"
    ORGANISATION = "organisation", "Tổ chức khác"


class IdKind(models.TextChoices):
    CCCD = "cccd", "Căn cước / CCCD"
    CMND = "cmnd", "CMND 9 số"
    PASSPORT = "passport", "Hộ chiếu"
    TAX = "tax", "Mã số thuế"
    DECISION = "decision", "Quyết định thành lập"


class Party(models.Model):
    """One person or organisation, kept once. The same identity number is the same party."""

    kind = models.CharField("loại đối tượng", max_length=12, choices=PartyKind.choices, default=PartyKind.PERSON)
    name = models.CharField("họ tên hoặc tên tổ chức", max_length=250)
    name_folded = models.CharField("tên để tìm", max_length=250, help_text="Không dấu, chữ thường.")
    name_sort = models.CharField("khóa sắp xếp", max_length=600)
    id_kind = models.CharField("loại giấy tờ", max_length=10, choices=IdKind.choices, blank=True)
    id_number = models.CharField("số giấy tờ", max_length=30, blank=True)
    birth_date = models.DateField("ngày sinh", null=True, blank=True)
    address = models.CharField("địa chỉ", max_length=300, blank=True)
    commune = models.ForeignKey(
        Unit,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="xã, phường nơi ở",
        help_text="Quyết định đơn vị kế thừa khi sắp xếp đơn vị hành chính.",
    )
    phone = models.CharField("số điện thoại", max_length=20, blank=True)
    email = models.EmailField("thư điện tử", blank=True)
    salt = models.CharField("muối", max_length=32, help_text="Để tóm lược trong sự kiện không đoán ngược được.")
    invented = models.BooleanField("dữ liệu minh họa", default=False, help_text="Người và số đều không có thật.")
    created_at = models.DateTimeField("lúc tạo")

    class Meta:
        verbose_name = "chủ hồ sơ, người nộp"
        verbose_name_plural = "chủ hồ sơ, người nộp"
        constraints = [
            models.UniqueConstraint(
                fields=["id_kind", "id_number"], condition=~Q(id_number=""), name="parties_party_id_once"
            ),
            models.CheckConstraint(condition=Q(id_number="") | ~Q(id_kind=""), name="parties_party_number_has_kind"),
        ]
        indexes = [
            models.Index(fields=["name_folded"], name="parties_party_name"),
            models.Index(fields=["phone"], name="parties_party_phone"),
        ]

    def __str__(self) -> str:
        return self.name


class PartyChange(models.Model):
    """What a party's record said before a change. Kept until the retention rule or a restriction removes it."""

    party = models.ForeignKey(Party, models.CASCADE, related_name="changes", verbose_name="đối tượng")
    at = models.DateTimeField("lúc")
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, verbose_name="người sửa")
    before = models.JSONField("nội dung trước", default=dict)

    class Meta:
        verbose_name = "lần sửa thông tin"
        verbose_name_plural = "lần sửa thông tin"

    def __str__(self) -> str:
        return f"{self.party_id} {self.at:%d/%m/%Y %H:%M}"
