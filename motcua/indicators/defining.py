"""The verbs that define figures: the shipped definitions taken in, an indicator added or changed from a day on."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from motcua.core import clock, text
from motcua.core.errors import Conflict, Invalid, NotAllowed
from motcua.core.verbs import verb
from motcua.indicators import expressions, sources, starter
from motcua.indicators.models import Form, FormLine, Identity, Indicator, Kind, Origin, WindowRule
from motcua.indicators.reading import meaning_of, ordered, parts_of
from motcua.org import queries as org
from motcua.org.models import Duty, User

# Who defines figures: meanings hold for everybody beneath, so it takes the duty where nothing stands above.
DEFINERS = (Duty.REFORM, Duty.CONTROL)


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many of each were new."""

    rules: int
    indicators: int
    forms: int


@verb
def load_starter(*, actor: User | None = None) -> Loaded:
    """Take in what is shipped and not there yet: window rules, indicators, forms with their lines and identities.

    Harmless when repeated: what an office has changed, or ended, stays as it is. About 12 statements.
    """
    have = set(WindowRule.objects.values_list("code", flat=True))
    rules = [WindowRule(**row) for row in starter.rules() if row["code"] not in have]
    WindowRule.objects.bulk_create(rules)
    known = set(Indicator.objects.values_list("code", flat=True))
    shipped = [line.indicator for form in starter.forms() for line in form.lines if line.indicator]
    indicators = [Indicator(**fields) for fields in shipped if fields["code"] not in known]
    Indicator.objects.bulk_create(indicators)
    there = set(Form.objects.values_list("code", flat=True))
    new = [row for row in starter.forms() if row.fields["code"] not in there]
    forms = Form.objects.bulk_create([Form(**row.fields) for row in new])
    pairs = list(zip(forms, new, strict=True))
    FormLine.objects.bulk_create(
        [
            FormLine(
                form=form,
                position=i,
                number=line.number,
                level=line.level,
                heading=line.heading,
                code=line.code,
                valid_to=line.until,
            )
            for form, row in pairs
            for i, line in enumerate(row.lines)
        ]
    )
    Identity.objects.bulk_create(
        [
            Identity(
                form=form,
                left=each.left,
                relation=each.relation,
                right=each.right,
                valid_from=each.valid_from,
                valid_to=each.valid_to,
            )
            for form, row in pairs
            for each in row.identities
        ]
    )
    return Loaded(len(rules), len(indicators), len(forms))


@verb
def define(*, valid_from: dt.date, actor: User | None = None, **fields: Any) -> Indicator:
    """A new indicator, or a new meaning of one from a day on: the earlier row ends the day before.

    ``fields`` are those of :class:`~motcua.indicators.models.Indicator`. Refused for a code that cannot be one, a
    formula that names what is not defined or goes round in a circle, a source that is not there, and a day not after
    the beginning of the meaning in force. At most 8 statements.
    """
    _require(actor)
    made = Indicator(valid_from=valid_from, **fields)
    made.code, made.name = text.clean(made.code), text.clean(made.name)
    if not expressions.CODE.fullmatch(made.code):
        raise Invalid("Mã chỉ tiêu: chữ thường không dấu, số và gạch dưới, bắt đầu bằng chữ; ví dụ cd_van_ban.",
                      field="code")  # fmt: skip
    if not made.name:
        raise Invalid("Ghi tên chỉ tiêu.", field="name")
    if made.origin == Origin.SOURCE and made.figure not in sources.source(made.source_key).figures:
        raise Invalid(f"Nguồn «{made.source_key}» không có số liệu «{made.figure}».", field="figure")
    if made.kind != Kind.RATIO and (made.numerator or made.denominator):
        raise Invalid("Chỉ tỷ lệ mới có tử số, mẫu số.", field="numerator")
    every = {row.code: meaning_of(row) for row in Indicator.objects.filter(org.alive_on(valid_from))}
    every[made.code] = meaning_of(made)
    if unknown := [code for code in parts_of(every[made.code]) if code not in every]:
        raise Invalid(f"Công thức nhắc tới mã chưa có: {', '.join(unknown)}.", field="formula")
    ordered(every)
    current = Indicator.objects.select_for_update().filter(code=made.code).order_by("-valid_from").first()
    if current is not None:
        if current.valid_from >= valid_from:
            raise Conflict(f"Chỉ tiêu «{current.name}» đã có định nghĩa từ {current.valid_from:%d/%m/%Y}.")
        if current.valid_to is None or current.valid_to >= valid_from:
            current.valid_to = valid_from - dt.timedelta(days=1)
            current.save(update_fields=["valid_to"])
    made.save()
    return made


@verb
def add_line(
    *, form: Form, code: str, after: str = "", number: str = "", level: int = 1, actor: User | None = None
) -> FormLine:
    """Put an indicator into a form, after another one or at its end. At most 6 statements, one for each line moved."""
    _require(actor)
    if not Indicator.objects.filter(code=code).exists():
        raise Invalid(f"Chưa có chỉ tiêu «{code}».", field="code")
    rows = list(FormLine.objects.select_for_update().filter(form=form).order_by("position"))
    if any(row.code == code and row.valid_to is None for row in rows):
        raise Conflict(f"Biểu đã có chỉ tiêu «{code}».", field="code")
    at = next((i + 1 for i, row in enumerate(rows) if row.code == after), len(rows)) if after else len(rows)
    position = rows[at - 1].position + 1 if at else 0
    for row in reversed(rows[at:]):  # from the end, so that no two stand in one place
        FormLine.objects.filter(pk=row.pk).update(position=row.position + 1)
    return FormLine.objects.create(form=form, position=position, number=number, level=level, code=code)


def _require(actor: User | None) -> None:
    """Refuse an actor who does not hold the duty at a unit that stands beneath no other. Two statements."""
    if actor is None:
        return
    today = clock.today()
    tops = {unit.pk for unit in org.roots(today)}
    if not any(duty in DEFINERS and unit.pk in tops for duty, unit in org.duties(actor, today)):
        raise NotAllowed("Định nghĩa chỉ tiêu là việc của đầu mối CCHC, KSTTHC ở đơn vị cao nhất.")
