"""The one form of the counter: who, what, which papers, what it costs. And how a half-filled one fills itself."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import QueryDict

from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.desk.forms import ActForm, DateField, LineField, UnitField
from motcua.desk.money import MoneyField
from motcua.dossiers import fees, lookup, queries
from motcua.dossiers.actions.common import Paper
from motcua.dossiers.counter_models import PayMethod, Seen
from motcua.dossiers.fees import Due
from motcua.dossiers.models import ResultMethod
from motcua.dossiers.states import DUTIES, Act
from motcua.ledger.models import Channel
from motcua.org import queries as org
from motcua.org.models import Unit, User
from motcua.org.queries import COMMUNE_KINDS, Scope
from motcua.parties.actions import Particulars
from motcua.parties.card import FIELDS, looks_like_card, read_card
from motcua.parties.models import IdKind, Party, PartyKind, Purpose
from motcua.parties.queries import consents
from motcua.procedures import queries as procedures
from motcua.procedures.models import Case, FeeLine, Part, PartKind

# A clerk types these into an online account for the citizen, or takes them over the counter.
DESK_CHANNELS = [Channel.DIRECT, Channel.POST, Channel.ONLINE_ASSISTED]
# Where a scanned card may land, and the fields it fills.
CARD_FIELDS = {
    "id_number": {"name": "name", "birth_date": "birth_date", "address": "address", "id_kind": "id_kind"},
    "submitter_id": {"name": "submitter"},
    "collector_id": {"name": "collector"},
}
OTHER_GROUP = "Khác"


class IntakeForm(ActForm):
    """One dossier at the counter."""

    id_number = LineField(
        label="Số giấy tờ",
        max_length=2000,
        required=False,
        help_text="Quét mã QR trên thẻ căn cước vào đây, hoặc gõ số.",
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off", "data-look": True, "data-card": True}),
    )
    id_kind = forms.ChoiceField(label="Loại giấy tờ", choices=[("", "Không có"), *IdKind.choices], required=False)
    phone = LineField(
        label="Số điện thoại",
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off", "data-look": True}),
    )
    name = LineField(
        label="Chủ hồ sơ",
        max_length=250,
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-look": True}),
    )
    kind = forms.ChoiceField(label="Là", choices=PartyKind.choices, initial=PartyKind.PERSON)
    birth_date = DateField(label="Ngày sinh", required=False)
    address = LineField(label="Địa chỉ", max_length=300, required=False)
    commune = UnitField(label="Xã, phường nơi ở", required=False)
    card_checked = forms.BooleanField(label="Đã đối chiếu người và giấy tờ với thẻ", required=False)
    card_number = forms.CharField(widget=forms.HiddenInput, required=False, max_length=12)
    party = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)
    submitter = LineField(label="Người nộp", max_length=250, required=False, help_text="Để trống khi chủ hồ sơ tự nộp.")
    submitter_id = LineField(
        label="Số căn cước người nộp",
        max_length=2000,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-card": True}),
    )
    submitter_phone = LineField(label="Điện thoại người nộp", max_length=20, required=False)
    collector = LineField(
        label="Người được ủy quyền nhận", max_length=250, required=False, help_text="Để trống khi chủ hồ sơ tự nhận."
    )
    collector_id = LineField(
        label="Số căn cước người được ủy quyền",
        max_length=2000,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-card": True}),
    )
    case = forms.ModelChoiceField(
        label="Trường hợp",
        queryset=Case.objects.none(),
        required=False,
        widget=forms.Select(attrs={"data-recount": True}),
    )
    channel = forms.ChoiceField(
        label="Hình thức nộp",
        choices=[(c.value, c.label) for c in DESK_CHANNELS],
        widget=forms.Select(attrs={"data-recount": True}),
    )
    copies = forms.IntegerField(label="Số bộ", min_value=1, max_value=1000, initial=1)
    result_method = forms.ChoiceField(label="Nhận kết quả", choices=ResultMethod.choices)
    subject = LineField(label="Nội dung yêu cầu", max_length=1000, required=False)
    holder = forms.ModelChoiceField(
        label="Chuyển cho", queryset=User.objects.none(), required=False, help_text="Để trống: tôi giữ."
    )
    quantity = forms.IntegerField(
        label="Số lượng tính phí",
        min_value=1,
        max_value=fees.MOST_QUANTITY,
        initial=1,
        required=False,
        widget=forms.NumberInput(attrs={"class": "short", "data-recount": True}),
    )
    group = forms.ChoiceField(
        label="Đối tượng miễn, giảm", required=False, widget=forms.Select(attrs={"data-recount": True})
    )
    amount = MoneyField(label="Số tiền phải nộp", required=False)
    fee_reason = LineField(label="Giấy tờ miễn, giảm hoặc lý do", max_length=300, required=False)
    pay = forms.ChoiceField(label="Thu phí", choices=[("", "Chưa thu"), *PayMethod.choices], required=False)

    PEOPLE = ("id_number", "id_kind", "phone", "name", "kind", "birth_date", "address", "commune")
    OTHERS = ("submitter", "submitter_id", "submitter_phone", "collector", "collector_id")
    DOSSIER = ("case", "channel", "copies", "result_method", "subject", "holder")
    MONEY = ("quantity", "group", "amount", "fee_reason", "pay")

    def __init__(self, *args: Any, desk: Unit, adopted: procedures.Adopted, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit, self.adopted = desk, adopted
        today = clock.today()
        agency, place = adopted.adoption.unit, org.territory(desk, today)
        communes = self.fields["commune"]
        assert isinstance(communes, UnitField)
        above = place if place.kind not in COMMUNE_KINDS else org.parent(place, today) or place
        near = org.descendants(above, today, today)
        communes.offer([u for u in org.in_order(near) if u.kind in COMMUNE_KINDS])
        if place.kind in COMMUNE_KINDS:
            communes.initial = place.code
        cases = self._choose("case", adopted.version.cases.order_by("position"))
        people = queries.handlers([agency.pk, desk.pk], DUTIES[Act.PROPOSE], today)
        self._choose("holder", User.objects.filter(pk__in=[u.pk for u in people]).order_by("full_name"))
        typed = self._typed("case")
        self.of_case: Case | None = next((c for c in cases if str(c.pk) == typed), None)
        channel = self._typed("channel")
        self.by_channel = channel if channel in Channel.values else Channel.DIRECT
        self.parts = procedures.parts(adopted.version, self.of_case)
        self._offer_fees()

    def _typed(self, name: str) -> str:
        """What stands in a field now, validated or not."""
        found = self.data.get(name) if self.is_bound else self.initial.get(name)
        return str(found or "")

    def _choose(self, name: str, rows: Any) -> list[Any]:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        found = list(rows)
        if not found:
            del self.fields[name]
        field.queryset = rows
        return found

    # ---- fees

    def _offer_fees(self) -> None:
        lines = list(self.adopted.version.fees.order_by("position"))
        named = list(dict.fromkeys(line.exempt_group for line in lines if line.exempt_group))
        group = self.fields["group"]
        assert isinstance(group, forms.ChoiceField)
        group.choices = [("", "Thông thường"), *((name, name) for name in named), (OTHER_GROUP, "Đối tượng khác")]
        chosen = self._typed("group")
        self.of_group = chosen if chosen in named or chosen == OTHER_GROUP else ""
        self.fee_lines: list[FeeLine] = procedures.nearest_fees(
            lines, self.of_case, self.by_channel, self.of_group if self.of_group in named else ""
        )
        self.counted_by = fees.counted_by(self.fee_lines)
        if self.counted_by:
            self.fields["quantity"].label = f"Số {self.counted_by}"
        else:
            del self.fields["quantity"]
        typed = self._typed("quantity")
        many = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else 1
        self.dues = fees.reckon(self.fee_lines, min(max(many, 1), fees.MOST_QUANTITY))
        self.by_rule = sum(due.by_rule or 0 for due in self.dues)
        self.unclear = any(due.by_rule is None for due in self.dues)
        self.fields["amount"].help_text = (
            "Mức thu chưa rõ trong danh mục: gõ số tiền theo nghị quyết, để trống nếu không thu."
            if self.unclear
            else f"Để trống: {fees.vnd(self.by_rule)} theo mức thu."
            if self.dues
            else "Thủ tục không công bố phí. Để trống: không thu."
        )

    @property
    def published(self) -> str:
        """What the catalogue says of these fees in its own words."""
        return "; ".join(dict.fromkeys(line.published for line in self.fee_lines if line.published))

    def settled(self) -> list[Due]:
        """The fees to write down, once the form is valid."""
        given = self.cleaned_data
        group = self.of_group if self.of_group != OTHER_GROUP else "Đối tượng khác"
        return fees.settled(self.dues, amount=given["amount"], group=group, reason=given["fee_reason"])

    # ---- papers

    @property
    def papers(self) -> "list[PartLine]":
        """The check-list as it stands."""
        source = self.data if self.is_bound else self.initial
        return [PartLine.of(part, source) for part in self.parts]

    @property
    def more_papers(self) -> list[str]:
        """Papers beside the list, as typed; one empty line more."""
        source = self.data if self.is_bound else self.initial
        typed = [str(source.get(f"more-{n}") or "")[:1000] for n in range(1, 4)]
        return typed

    def ticked(self) -> list[Paper]:
        """The papers for the verb."""
        found: list[Paper] = [
            {
                "part": line.part,
                "name": line.part.name[:1000],
                "kind": line.kind,
                "copies": line.copies,
                "digitised": line.digitised,
                "reused": line.reused,
            }
            for line in self.papers
            if line.ticked
        ]
        return found + [{"part": None, "name": name} for name in self.more_papers if name.strip()]

    # ---- people

    @property
    def seen(self) -> str:
        """How the applicant was identified, as the clerk said."""
        given = self.cleaned_data
        if given["card_checked"]:
            return Seen.CHECKED
        same = given["card_number"] and given["card_number"] == given["id_number"]
        return Seen.CARD if same else ""

    def applicant(self, scope: Scope) -> Party | Particulars:
        """Whose dossier it is: the known person where nothing about them was changed, else what was typed."""
        given = self.cleaned_data
        born: dt.date | None = given["birth_date"]
        if born is not None and born > clock.today():
            raise Invalid("Ngày sinh ở tương lai.", field="birth_date")
        typed = Particulars(
            name=given["name"],
            kind=given["kind"],
            id_kind=given["id_kind"],
            id_number=given["id_number"],
            birth_date=born,
            address=given["address"],
            commune=given["commune"],
            phone=given["phone"],
        )
        picked = given["party"]
        if picked.isascii() and picked.isdigit() and not typed.id_number:
            known = lookup.pick(scope, int(picked))
            if known is not None and unchanged(known, typed):
                return known
        return typed

    def submitted_by(self) -> Particulars | None:
        """Who filed, where somebody else did."""
        given = self.cleaned_data
        if not given["submitter"] and (given["submitter_id"] or given["submitter_phone"]):
            raise Invalid("Chưa nhập họ tên người nộp.", field="submitter")
        if not given["submitter"]:
            return None
        return Particulars(name=given["submitter"], id_number=given["submitter_id"], phone=given["submitter_phone"])

    def may_collect(self) -> Particulars | None:
        """Who may collect the result, where it is somebody else."""
        given = self.cleaned_data
        if given["collector_id"] and not given["collector"]:
            raise Invalid("Chưa nhập họ tên người được ủy quyền nhận.", field="collector")
        return Particulars(name=given["collector"], id_number=given["collector_id"]) if given["collector"] else None


def unchanged(known: Party, typed: Particulars) -> bool:
    """Whether what was typed says nothing new about a known person."""
    said = {
        "name": typed.name,
        "kind": str(typed.kind),
        "birth_date": typed.birth_date,
        "address": typed.address,
        "phone": typed.phone,
        "commune_id": typed.commune.pk if typed.commune else None,
    }
    return all(
        value in ("", None) or getattr(known, name) in (value, "", None) for name, value in said.items()
    ) and all(getattr(known, name) == value for name, value in said.items() if name == "name")


@dataclass(frozen=True)
class PartLine:
    """One line of the check-list."""

    part: Part
    ticked: bool
    kind: str
    copies: int
    digitised: bool
    reused: bool

    @classmethod
    def of(cls, part: Part, source: Any) -> "PartLine":
        """As it stands in what was sent (or is shown first)."""
        base = f"part-{part.pk}"
        kind = str(source.get(f"{base}-kind") or part.kind)
        copies = str(source.get(f"{base}-copies") or part.copies or 1)
        reused = bool(source.get(f"{base}-reused"))
        return cls(
            part,
            # Data reused from a register is a paper the citizen need not bring.
            bool(source.get(base)) or reused,
            kind if kind in PartKind.values else part.kind,
            int(copies) if copies.isascii() and copies.isdigit() and len(copies) < 4 and int(copies) else 1,
            bool(source.get(f"{base}-digitised")),
            reused,
        )


# ---- filling in -----------------------------------------------------------------------------------------------------


@dataclass
class Found:
    """What the counter found out while the clerk types: values for fields, people to choose from, doubts."""

    fill: dict[str, str] = field(default_factory=dict)
    people: list[lookup.Known] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    error: str = ""
    # Whose data was read to fill the form, the first time: to be written down.
    read: Party | None = None


def filled(posted: QueryDict, scope: Scope) -> tuple[QueryDict, Found]:
    """What was sent, with a scanned card's text taken apart and a known person's particulars filled in.

    What the clerk typed is not overwritten by what is merely known; a card scanned or a person chosen says all anew.
    Nobody's data is used again who has said no to that. At most three statements.
    """
    data, found = posted.copy(), Found()
    if data.get("name", "").count("|") >= FIELDS - 1:
        # Scanned where the name goes: a card says the name too.
        data["id_number"], data["name"] = str(data["name"]), ""
    for source in CARD_FIELDS:
        if looks_like_card(data.get(source, "")):
            _from_card(data, source, found)
    chosen = posted.get("use", "")
    if chosen:
        known = lookup.pick(scope, int(chosen)) if chosen.isascii() and chosen.isdigit() and len(chosen) < 19 else None
        if known is None:
            found.error = "Không dùng được người này, hãy tìm lại."
        else:
            _from_party(data, known, found, over=True)
        return data, found
    if found.error:
        return data, found
    number = data.get("id_number", "").strip()
    known = lookup.by_number(data.get("id_kind", ""), number) if number else None
    if known is not None:
        _from_party(data, known, found, over=False)
    elif not number and not data.get("party"):
        people = lookup.search(scope, phone=data.get("phone", ""), name=data.get("name", ""))
        by_phone = bool(data.get("phone", "").strip())
        if len(people) == 1 and by_phone and not data.get("name", "").strip():
            _from_party(data, people[0].party, found, over=False)
        else:
            found.people = people
    return data, found


def _from_card(data: QueryDict, source: str, found: Found) -> None:
    try:
        card = read_card(str(data[source]))
    except Invalid as error:
        data[source] = ""
        found.error = error.message
        return
    said = {
        "name": card.name,
        "birth_date": f"{card.birth_date:%d/%m/%Y}" if card.birth_date else "",
        "address": card.address,
        "id_kind": str(IdKind.CCCD),
    }
    found.notes += card.doubts
    fill = {source: card.number} | {to: said[what] for what, to in CARD_FIELDS[source].items() if said[what]}
    if source == "id_number":
        fill |= {"card_number": card.number, "party": "", "kind": str(PartyKind.PERSON)}
        data.pop("card_checked", None)  # another card: not compared yet
    found.fill |= fill
    for name, value in fill.items():
        data[name] = value


def _from_party(data: QueryDict, known: Party, found: Found, *, over: bool) -> None:
    reuse = consents([known.pk]).get(Purpose.REUSE)
    if reuse is not None and not reuse.given:
        found.notes.append("Người này không đồng ý dùng lại dữ liệu của hồ sơ trước. Hãy gõ theo giấy tờ.")
        return
    if data.get("party") != str(known.pk):
        found.read = known
    said = {
        "id_kind": known.id_kind,
        "id_number": known.id_number,
        "name": known.name,
        "kind": known.kind,
        "birth_date": f"{known.birth_date:%d/%m/%Y}" if known.birth_date else "",
        "address": known.address,
        "phone": known.phone,
        "commune": known.commune.code if known.commune else "",
        "party": str(known.pk),
    }
    always = {"id_kind", "id_number", "party", "commune", "kind"}
    fill = {n: v for n, v in said.items() if v and (over or n in always or not data.get(n, "").strip())}
    differs = [
        n for n in ("name", "birth_date", "address", "phone")
        if n not in fill and said[n] and data.get(n, "").strip() != said[n]
    ]  # fmt: skip
    if differs:
        words = {"name": "họ tên", "birth_date": "ngày sinh", "address": "địa chỉ", "phone": "số điện thoại"}
        found.notes.append(
            f"Lần trước người này ghi {', '.join(words[n] for n in differs)} khác. Nội dung đang gõ sẽ thay bản cũ."
        )
    found.fill |= fill
    for name, value in fill.items():
        data[name] = value
