"""What each act on a dossier asks for: its fields, and what of them its verb is told."""

import datetime as dt
from typing import Any

from django import forms

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.core.text import fold
from motcua.desk import asking
from motcua.desk.forms import ActForm, DateField, LineField, UnitField, plausible
from motcua.dossiers import letters, queries
from motcua.dossiers.models import ResultMethod
from motcua.dossiers.sheets import Sheet
from motcua.dossiers.states import DUTIES, LEADER_DUTIES, Act, Outcome, PauseReason
from motcua.ledger.models import Channel
from motcua.org import queries as org
from motcua.org.models import Duty, User
from motcua.parties.actions import Particulars
from motcua.procedures import queries as procedures
from motcua.procedures.models import Case, Procedure
from motcua.worktime.rules import USUAL_START, Term, TermUnit


def free_text(label: str, *, required: bool = True, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, required=required, help_text=help_text, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )


class MomentField(forms.DateTimeField):
    """A moment typed as 16:30 05/06/2023 (or 05/06/2023 16:30), on Viet Nam's clock."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("input_formats", ["%H:%M %d/%m/%Y", "%d/%m/%Y %H:%M", "%Y-%m-%dT%H:%M"])
        kwargs.setdefault("widget", forms.DateTimeInput(format="%H:%M %d/%m/%Y"))
        kwargs.setdefault("error_messages", {"invalid": "Thời điểm chưa đúng. Gõ theo mẫu 16:30 05/06/2023."})
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> dt.datetime | None:
        # The year 1 has no moment in our zone.
        try:
            return plausible(super().to_python(value))
        except OverflowError:
            raise forms.ValidationError("Thời điểm chưa đúng: năm cần từ 1900 đến 2100.", code="year") from None


class PersonField(forms.ModelChoiceField):
    """A colleague, by name and title."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=User.objects.none(), **{"empty_label": "", **kwargs})

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.full_name}, {obj.title}" if obj.title else str(obj.full_name)


# ---- the fields of each act ------------------------------------------------------------------------------------------


class SheetForm(ActForm):
    """A form about one dossier; offers what depends on it."""

    def __init__(self, *args: Any, sheet: Sheet, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sheet, self.user = sheet, user
        self.laid_out: frozenset[str] = frozenset()
        self.offer()

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        """The fields drawn one below the other; the others stand in a table of their own."""
        return [field for field in self if field.name not in self.laid_out]

    def offer(self) -> None:
        """Fill in the choices that depend on the dossier."""

    def _people(self, name: str, duties: frozenset[Duty] | set[Duty]) -> None:
        found = queries.colleagues(self.sheet.dossier, set(duties), clock.today())
        field = self.fields[name]
        assert isinstance(field, PersonField)
        field.queryset = User.objects.filter(pk__in=[u.pk for u in found]).order_by("full_name")

    def arguments(self) -> dict[str, Any]:
        """What the verb is given, beside actor and dossier."""
        return {k: v for k, v in self.cleaned_data.items() if k not in ("request_key", *COSIGN, "occurred_at")}


COSIGN = ("approver_name", "approver_password")


class Reason(SheetForm):
    reason = free_text("Lý do")


class OptionalNote(SheetForm):
    reason = free_text("Ghi chú", required=False)


class Late(SheetForm):
    """An act that may be entered late, with a second person's word for it."""

    occurred_at = MomentField(
        label="Thực hiện lúc", required=False, help_text="Để trống: ngay bây giờ. Ghi muộn cần lý do và lãnh đạo duyệt."
    )
    approver_name = LineField(
        label="Lãnh đạo duyệt (tên đăng nhập)",
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    approver_password = forms.CharField(
        label="Mật khẩu của người duyệt",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Người duyệt tự gõ tại chỗ.",
    )
    evidence = LineField(
        label="Chứng cứ",
        required=False,
        max_length=500,
        help_text="Bắt buộc khi ghi lại việc đã hủy đã quá thời hạn ghi muộn: số văn bản, sổ giao nhận, tệp kèm hồ sơ.",
    )


class LateReason(Late):
    reason = free_text("Lý do")
    field_order = ["reason", "occurred_at"]


class LateNote(Late):
    reason = free_text("Ghi chú", required=False, help_text="Bắt buộc khi ghi muộn.")
    field_order = ["reason", "occurred_at"]


class Supplement(Late):
    """What is missing or wrong: ticked among the parts of the procedure, with stock reasons; or written."""

    items = forms.CharField(
        label="Nội dung khác cần bổ sung",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=8000,
        required=False,
        help_text="Mỗi dòng một giấy tờ hoặc nội dung; ghi đủ trong một lần.",
    )
    reason = free_text("Lý do", required=False, help_text=f"Để trống: «{asking.DEFAULT_REASON}»")
    reply_by = DateField(
        label="Người nộp bổ sung đến hết ngày", required=False, help_text="In trên phiếu. Để trống: theo quy định."
    )
    basis = LineField(
        label="Căn cứ cho lần vượt giới hạn",
        required=False,
        max_length=300,
        help_text="Chỉ khi đã yêu cầu bổ sung rồi.",
    )
    field_order = ["items", "reason", "reply_by", "basis", "occurred_at"]

    def offer(self) -> None:
        dossier = self.sheet.dossier
        self.parts = procedures.parts(dossier.procedure_version, dossier.case)[: asking.MOST_PARTS]
        units = [dossier.unit_id, dossier.desk_unit_id, dossier.holder_unit_id]
        reasons = letters.stock_reasons(units, dossier.procedure_version.procedure_id)
        asking.add_fields(self, self.parts, reasons)
        self.laid_out = frozenset(asking.names(self.parts))
        if not self.parts:
            self.fields["items"].label = "Cần bổ sung"
        days = dossier.rule_set.supplement_reply_days
        if days:
            self.fields["reply_by"].initial = clock.today() + dt.timedelta(days=days)

    @property
    def part_rows(self) -> list[asking.Row]:
        return asking.rows(self, self.parts, self.sheet.dossier)

    def arguments(self) -> dict[str, Any]:
        given = {k: v for k, v in super().arguments().items() if k not in self.laid_out}
        ticked = asking.items_of(self.cleaned_data, self.parts)
        written = [line for line in self.cleaned_data["items"].splitlines() if line.strip()]
        reason = given["reason"] or (asking.DEFAULT_REASON if ticked else "")
        return {**given, "items": [*ticked, *written], "reason": reason}


class Pause(Late):
    why = forms.ChoiceField(label="Tạm dừng vì", choices=PauseReason.choices)
    reason = free_text("Nội dung")
    field_order = ["why", "reason", "occurred_at"]


class Forward(SheetForm):
    holder = PersonField(label="Chuyển cho")
    note = free_text("Ghi chú", required=False)

    def offer(self) -> None:
        self._people("holder", DUTIES[Act.PROPOSE] | DUTIES[Act.RESOLVE] | LEADER_DUTIES)


class ToUnit(SheetForm):
    """To a unit near the dossier's own: beside it, beneath it, or above it."""

    unit = UnitField(label="Đơn vị")

    def offer(self) -> None:
        field = self.fields["unit"]
        assert isinstance(field, UnitField)
        dossier, today = self.sheet.dossier, clock.today()
        above = org.parent(dossier.unit, today)
        near = [*org.children(dossier.unit, today), *([above, *org.children(above, today)] if above else [])]
        field.offer([u for u in org.in_order(near) if u.pk != dossier.unit_id])


class Transfer(ToUnit):
    reason = free_text("Lý do")


class SendPart(ToUnit):
    work = LineField(label="Việc cần làm", max_length=300)
    days = forms.IntegerField(label="Thời hạn (ngày làm việc)", min_value=1, max_value=100)
    note = free_text("Ghi chú", required=False)

    def arguments(self) -> dict[str, Any]:
        given = super().arguments()
        days = given.pop("days")
        return {**given, "term": Term(days, TermUnit.WORKING_DAY, USUAL_START[TermUnit.WORKING_DAY])}


class PartReturned(SheetForm):
    part = forms.ChoiceField(label="Phần việc")
    note = free_text("Ghi chú", required=False)

    def offer(self) -> None:
        field = self.fields["part"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(p.pk, f"{p.work}, {p.unit.name}") for p in self.sheet.parts if p.returned_at is None]


class Propose(SheetForm):
    to = PersonField(label="Trình")
    proposal = forms.ChoiceField(
        label="Đề xuất", choices=[(Outcome.GRANTED, "Giải quyết"), (Outcome.REFUSED, "Từ chối giải quyết")]
    )
    note = free_text("Nội dung trình", required=False, help_text="Bắt buộc khi đề xuất từ chối.")

    def offer(self) -> None:
        self._people("to", LEADER_DUTIES)


class SendBack(SheetForm):
    to = PersonField(label="Chuyển lại cho")
    reason = free_text("Điều cần sửa")

    def offer(self) -> None:
        self._people("to", DUTIES[Act.PROPOSE])


class Approve(SheetForm):
    to = PersonField(label="Chuyển kết quả cho", required=False, help_text="Người đưa kết quả về một cửa.")
    note = free_text("Ý kiến", required=False)

    def offer(self) -> None:
        self._people("to", DUTIES[Act.RESOLVE])


class Resolve(Late):
    outcome = forms.ChoiceField(
        label="Kết quả", choices=[(Outcome.GRANTED, "Đã giải quyết"), (Outcome.REFUSED, "Từ chối giải quyết")]
    )
    reason = free_text("Ghi chú", required=False, help_text="Bắt buộc khi từ chối hoặc ghi muộn.")
    field_order = ["outcome", "reason", "occurred_at"]


class Apologise(SheetForm):
    new_appointment = DateField(label="Ngày hẹn mới")
    reason = free_text("Lý do chậm")


class MoveDue(SheetForm):
    days = forms.IntegerField(label="Gia hạn (ngày làm việc)", min_value=1, max_value=200)
    decision = LineField(label="Số quyết định", max_length=200)
    reason = free_text("Lý do")


class Reclassify(SheetForm):
    channel = forms.ChoiceField(label="Hình thức nộp", choices=Channel.choices)
    reason = free_text("Lý do")


class HandOver(SheetForm):
    method = forms.ChoiceField(label="Trả bằng cách", choices=ResultMethod.choices)
    collector_name = LineField(
        label="Người nhận thay", required=False, max_length=250, help_text="Để trống khi chủ hồ sơ tự nhận."
    )
    collector_id = LineField(label="Số căn cước người nhận thay", required=False, max_length=30)
    authority = LineField(
        label="Giấy ủy quyền",
        required=False,
        max_length=200,
        help_text="Số, ngày, nơi chứng thực. Cần có khi người nhận thay chưa được ghi lúc nộp hồ sơ.",
    )
    note = free_text("Ghi chú", required=False)

    def offer(self) -> None:
        self.fields["method"].initial = self.sheet.dossier.result_method

    def arguments(self) -> dict[str, Any]:
        given = super().arguments()
        name, number = given.pop("collector_name"), given.pop("collector_id")
        if number and not name:
            raise Invalid("Chưa nhập họ tên người nhận thay.", field="collector_name")
        named = self.sheet.dossier.collector or self.sheet.dossier.submitter
        known = named is not None and fold(named.name) == fold(name)
        if name and not known and not given["authority"]:
            raise Invalid("Chưa ghi giấy ủy quyền của người nhận thay.", field="authority")
        collector = Particulars(name=name, id_number=number) if name else None
        return {**given, "collector": collector}


class Accept(SheetForm):
    """Accepting a filing; what was filed stays."""

    holder = PersonField(label="Chuyển ngay cho", required=False, help_text="Để trống: tôi giữ.")

    def offer(self) -> None:
        self._people("holder", DUTIES[Act.PROPOSE])


class Cosigned(SheetForm):
    """Taken back or set right: only with a leader's word."""

    approver_name = LineField(
        label="Lãnh đạo duyệt (tên đăng nhập)", max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    approver_password = forms.CharField(
        label="Mật khẩu của người duyệt",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Người duyệt tự gõ tại chỗ.",
    )


class Correct(Cosigned):
    """What was wrong with the acceptance; whatever is left empty stays as it was."""

    procedure: "forms.ModelChoiceField[Procedure]" = forms.ModelChoiceField(
        label="Thủ tục", queryset=Procedure.objects.none(), required=False, empty_label="Giữ nguyên"
    )
    case: "forms.ModelChoiceField[Case]" = forms.ModelChoiceField(
        label="Trường hợp", queryset=Case.objects.none(), required=False, empty_label="Giữ nguyên"
    )
    channel = forms.ChoiceField(label="Hình thức nộp", required=False, choices=[("", "Giữ nguyên"), *Channel.choices])
    unit = UnitField(label="Đơn vị giải quyết", required=False)
    received_at = MomentField(label="Thời điểm tiếp nhận", required=False)
    reason = free_text("Lý do")
    field_order = ["procedure", "case", "channel", "unit", "received_at", "reason"]

    def offer(self) -> None:
        dossier, today = self.sheet.dossier, clock.today()
        cases, catalogue, unit = self.fields["case"], self.fields["procedure"], self.fields["unit"]
        assert isinstance(cases, forms.ModelChoiceField)
        assert isinstance(catalogue, forms.ModelChoiceField)
        assert isinstance(unit, UnitField)
        catalogue.queryset = procedures.procedures_of(dossier.unit, today).exclude(
            pk=dossier.procedure_version.procedure_id
        )
        catalogue.label_from_instance = lambda obj: f"{obj.code} {obj.title}"  # type: ignore[method-assign]
        cases.queryset = dossier.procedure_version.cases.order_by("position")
        if not cases.queryset.exists():
            del self.fields["case"]
        above = org.parent(dossier.unit, today)
        near = [*org.children(dossier.unit, today), *([above, *org.children(above, today)] if above else [])]
        unit.offer([u for u in org.in_order(near) if u.pk != dossier.unit_id])
        unit.initial = None
        if dossier.received_at is not None:
            now = clock.local(dossier.received_at)
            self.fields["received_at"].help_text = f"Đang ghi {now:%H:%M %d/%m/%Y}. Để trống: giữ nguyên."

    def arguments(self) -> dict[str, Any]:
        return {name: value for name, value in super().arguments().items() if value not in (None, "")}


class Void(Cosigned):
    target = forms.ChoiceField(label="Hủy việc")
    reason = free_text("Lý do")
    field_order = ["target", "reason", "approver_name", "approver_password"]

    def offer(self) -> None:
        field = self.fields["target"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (
                f"{'n' if line.intake else ''}{line.seq}",
                f"{line.act.label}, {clock.local(line.at):%H:%M %d/%m/%Y}",
            )
            for line in reversed(self.sheet.lines)
            if line.voidable
        ]

    def arguments(self) -> dict[str, Any]:
        given = super().arguments()
        target = given.pop("target")
        return {**given, "intake": target.startswith("n"), "seq": int(target.removeprefix("n"))}
