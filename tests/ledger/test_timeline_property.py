"""Property 1, without a database: what is posted by difference reads the same as the facts, for any history."""

from hypothesis import given, settings

from motcua.ledger import rules
from motcua.ledger.rules import Fact
from tests.ledger.histories import all_days, balances, end_of, histories, stands

UNITS, CATEGORIES = [1, 2, 3], [10, 20]


@settings(max_examples=300)
@given(versions=histories(UNITS, CATEGORIES))
def test_at_every_stage_and_on_every_day_the_journal_reads_as_the_facts(versions: list[list[Fact]]) -> None:
    journal: list[rules.Entry] = []
    live: list[rules.Entry] = []
    known: list[int] = []
    for facts in versions:
        gone, new = rules.difference(live, rules.entries(rules.timeline(facts)))
        added = [rules.reversal(live[i]) for i in gone] + new
        assert sum(entry.sign for entry in added) == 0
        journal += added
        live = [entry for i, entry in enumerate(live) if i not in set(gone)] + new
        known.append(len(journal))
    for facts, watermark in zip(versions, known, strict=True):
        for day in all_days():
            place = stands(facts, end_of(day))
            assert balances(journal[:watermark], day) == ({} if place is None else {place: 1})


@settings(max_examples=200)
@given(versions=histories(UNITS, CATEGORIES))
def test_flows_count_what_happened(versions: list[list[Fact]]) -> None:
    """Net receipts and ends are those of the facts, whatever was posted and taken back on the way."""
    journal: list[rules.Entry] = []
    live: list[rules.Entry] = []
    for facts in versions:
        gone, new = rules.difference(live, rules.entries(rules.timeline(facts)))
        journal += [rules.reversal(live[i]) for i in gone] + new
        live = [entry for i, entry in enumerate(live) if i not in set(gone)] + new
        for kind, account_side in (("receive", ("in_time",)), ("close", rules.ENDED)):
            net = sum(e.sign for e in journal if e.kind == kind and e.account in account_side)
            assert net == sum(f.kind == kind for f in facts)
        for entry in journal:
            assert (entry.outcome != "") == (entry.account in rules.ENDED)
