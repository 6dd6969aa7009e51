"""Applying a plan: new rows become dossiers, changed rows corrections, vanished rows are only reported."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from motcua.core import clock, statistics
from motcua.core.errors import Invalid, MotcuaError
from motcua.core.text import clean, fold
from motcua.dossiers.acting import Loaded, load, open_item, perform, rules_text
from motcua.dossiers.importing.plan import ACCEPTANCE, Change, Plan, Said
from motcua.dossiers.importing.reading import ListRow
from motcua.dossiers.models import Dossier, ImportedRow, ImportRun
from motcua.dossiers.states import Act, Outcome, State
from motcua.dossiers.walk import standing, text_of
from motcua.ledger import actions as ledger
from motcua.ledger.models import Book, Category
from motcua.org.models import Unit, User
from motcua.parties.actions import digest, record_party
from motcua.parties.models import Party
from motcua.procedures.actions import create_procedure
from motcua.procedures.drafts import Draft, Head
from motcua.procedures.models import LOCAL_PREFIX, ProcedureVersion
from motcua.worktime import queries as worktime_queries

CHUNK = 500
_END = {
    Outcome.GRANTED: Act.RESOLVE,
    Outcome.REFUSED: Act.RESOLVE,
    Outcome.RETURNED: Act.RETURN_DOSSIER,
    Outcome.STOPPED: Act.STOP,
    Outcome.WITHDRAWN: Act.WITHDRAW,
}


class _Catalogue:
    """Versions and categories for the procedures a list names; a name nobody knows gets a marked local entry."""

    def __init__(self, unit: Unit):
        self.unit = unit
        versions = ProcedureVersion.objects.select_related("procedure").order_by("valid_from", "number")
        self.by_code: dict[str, list[ProcedureVersion]] = {}
        self.by_name: dict[str, str] = {}
        for version in versions.only("name", "name_folded", "field", "valid_from", "number", "procedure__code"):
            self.by_code.setdefault(version.procedure.code, []).append(version)
            self.by_name.setdefault(version.name_folded, version.procedure.code)
        self.categories: dict[tuple[str, str], Category] = {}

    def version(self, row: ListRow, day: dt.date) -> ProcedureVersion:
        """The version of the row's procedure in force on the day, else its earliest."""
        code = row.procedure_code.split(".000.00.00")[0]
        if code not in self.by_code:
            code = self.by_name.get(fold(row.procedure_name), "") if row.procedure_name else ""
        if not code:
            code = self._unknown(row)
        versions = self.by_code[code]
        return next((v for v in reversed(versions) if v.valid_from <= day), versions[0])

    def _unknown(self, row: ListRow) -> str:
        name = row.procedure_name or row.procedure_code or "Thủ tục không ghi trong danh sách"
        code = f"{LOCAL_PREFIX}NHAP.{hashlib.sha256(fold(name).encode()).hexdigest()[:10].upper()}"
        if code not in self.by_code:
            draft = Draft(Head(name=name, field=row.field or "Chưa rõ lĩnh vực"))
            basis = "Lập khi nhập danh sách hồ sơ: thủ tục chưa có trong danh mục"
            version = create_procedure(code=code, draft=draft, valid_from=dt.date(2000, 1, 1), basis=basis)
            self.by_code[code] = [version]
            self.by_name.setdefault(version.name_folded, code)
        return code

    def category(self, version: ProcedureVersion, row: ListRow) -> Category:
        """Counted under the field the source names, else the catalogue's."""
        key = (version.procedure.code, row.field or version.field)
        if key not in self.categories:
            self.categories[key] = ledger.category(book=Book.DOSSIER, procedure=key[0], field=key[1], name=version.name)
        return self.categories[key]


def apply(
    plan: Plan,
    *,
    actor: User | None,
    file_name: str,
    sha256: str,
    progress: Callable[[int], object] = lambda n: None,
) -> ImportRun:
    """Apply a plan, in chunks that each stand whole; repeating it applies the rest and changes nothing else."""
    run = ImportRun.objects.create(
        unit=plan.unit,
        system=plan.system,
        file_name=clean(file_name)[:200],
        sha256=sha256,
        at=clock.now(),
        actor=actor,
        new=len(plan.new),
        changed=len(plan.changed),
        same=len(plan.same),
        vanished=len(plan.vanished),
        bad=len(plan.bad),
    )
    catalogue = _Catalogue(plan.unit)
    for start in range(0, len(plan.new), CHUNK):
        chunk = plan.new[start : start + CHUNK]
        with transaction.atomic():
            for row, said in chunk:
                with _naming(row):
                    _create(plan, catalogue, row, said, actor, run)
        progress(len(chunk))
    for start in range(0, len(plan.changed), CHUNK):
        changes = plan.changed[start : start + CHUNK]
        with transaction.atomic():
            for change in changes:
                with _naming(change.row):
                    _change(plan, catalogue, change, actor, run)
        progress(len(changes))
    statistics.refresh()
    return run


@contextmanager
def _naming(row: ListRow) -> Iterator[None]:
    """Name the line in an error."""
    try:
        yield
    except MotcuaError as error:
        raise Invalid(f"Dòng {row.line}, hồ sơ {row.code}: {error}") from error


def _pins(version: ProcedureVersion, unit: Unit, day: dt.date) -> tuple[dict[str, Any], dict[str, Any]]:
    calendar = worktime_queries.calendar_version_for(unit, day)
    rules = worktime_queries.rule_set_for(day)
    pins = {
        "procedure": version.procedure.code,
        "version": version.pk,
        "case": None,
        "calendar": calendar.pk,
        "rule_set": rules.pk,
        "rules": rules_text(rules),
        "term": None,
        "regulation": None,
    }
    return pins, {"procedure_version": version, "calendar_version": calendar, "rule_set": rules}


def _applicant(row: ListRow, actor: User | None) -> Party:
    name = row.applicant or "(không ghi trong danh sách)"
    common: dict[str, Any] = {"actor": actor, "name": name, "address": row.address}
    try:
        return record_party(**common, id_number=row.id_number, phone=row.phone)
    except Invalid:
        # A malformed number in the source is no reason to lose the dossier; nothing is made of it.
        return record_party(**common)


def _create(plan: Plan, catalogue: _Catalogue, row: ListRow, said: Said, actor: User | None, run: ImportRun) -> None:
    day = clock.local_date(said.received)
    version = catalogue.version(row, day)
    category = catalogue.category(version, row)
    pins, columns = _pins(version, plan.unit, day)
    applicant = _applicant(row, actor)
    item = open_item(Book.DOSSIER, row.code, plan.unit, applicant.commune_id)
    dossier = Dossier.objects.create(
        item=item,
        code=row.code,
        state=State.RECEIVED,
        category=category,
        **columns,
        channel=said.channel,
        subject=row.note[:1000],
        applicant=applicant,
        unit=plan.unit,
        desk_unit=plan.unit,
        external_code=row.code,
        owning_system=plan.system,
        external_status=row.status,
        imported=True,
        given_due=True,
    )
    facts = {
        "unit": plan.unit.pk,
        "category": category.pk,
        "channel": said.channel,
        "pins": pins,
        "given_due": text_of(said.due),
        "applicant": [applicant.pk, digest(applicant)],
        "holder": None,
        "holder_unit": plan.unit.pk,
    }
    loaded = Loaded(dossier)
    perform(loaded, Act.RECEIVE, actor=actor, occurred_at=said.received, facts=facts, mark="import", duty="")
    if said.ended is not None:
        _end(dossier.pk, said, actor)
    ImportedRow.objects.create(
        dossier=dossier,
        unit=plan.unit,
        system=plan.system,
        said=said.plain(),
        source_class=row.time_class,
        run=run,
    )


def _end(dossier_id: int, said: Said, actor: User | None) -> None:
    outcome = Outcome(said.outcome)
    facts: dict[str, Any] = {"outcome": outcome.value} if _END[outcome] is Act.RESOLVE else {}
    loaded = load(dossier_id)
    perform(loaded, _END[outcome], actor=actor, occurred_at=said.ended, facts=facts, mark="import", duty="")
    if said.handed_over is not None:
        facts = {"method": "counter"}
        loaded = load(dossier_id)
        perform(loaded, Act.HAND_OVER, actor=actor, occurred_at=said.handed_over, facts=facts, mark="import", duty="")


def _change(plan: Plan, catalogue: _Catalogue, change: Change, actor: User | None, run: ImportRun) -> None:
    """A changed row: the old end is voided, the acceptance corrected, the new end entered; each an event of its own."""
    said, row = change.said, change.row
    loaded = load(change.dossier_id)
    ends = {*_END.values(), Act.HAND_OVER}
    touched_end = bool(set(change.what) - ACCEPTANCE)
    for _ in range(2):
        if not (touched_end or "received" in change.what):
            break
        last = standing(loaded.pairs())[-1]
        if last.act not in ends:
            break
        target = next(r for r in loaded.rows if r.entry.seq == last.seq)
        facts = {"void_seq": target.seq, "void_act": last.act.value}
        perform(loaded, Act.VOID, actor=actor, facts=facts, voids=target, mark="import", duty="")
        loaded = load(change.dossier_id)
        touched_end = True
    if set(change.what) & ACCEPTANCE:
        day = clock.local_date(said.received)
        version = catalogue.version(row, day)
        category = catalogue.category(version, row)
        pins, columns = _pins(version, plan.unit, day)
        acceptance = {
            "unit": plan.unit.pk,
            "category": category.pk,
            "channel": said.channel,
            "pins": pins,
            "given_due": text_of(said.due),
        }
        for name, value in columns.items():
            setattr(loaded.dossier, name, value)
        perform(
            loaded,
            Act.CORRECT_ACCEPTANCE,
            actor=actor,
            facts={"received_at": said.received.isoformat(), "acceptance": acceptance},
            mark="import",
            duty="",
            more_fields=list(columns),
        )
    if touched_end and said.ended is not None:
        _end(change.dossier_id, said, actor)
    Dossier.objects.filter(pk=change.dossier_id).update(external_status=row.status)
    ImportedRow.objects.filter(dossier_id=change.dossier_id).update(
        said=said.plain(), source_class=row.time_class, run=run
    )
