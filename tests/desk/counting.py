"""August 2025 at xã Cầu Kè, told through the verbs, for pages that count it.

| | received | ended | on the 21st |
|---|---|---|---|
| A | 01/8 direct | 05/8 early | |
| B | 04/8 direct | 11/8 on time | |
| C | 04/8 online | 14/8 late | |
| D | 18/8 online | | in time |
| E | 05/8 post | | overdue |
| F | 18/8 direct | | waiting since 20/8 |
| G | 28/7 direct | 15/8 given back, late | (from July) |
| H | 21/7 direct | 23/7 early | (all in July) |
"""

import datetime as dt

from motcua.core import clock
from motcua.dossiers import actions
from motcua.dossiers.models import Dossier
from motcua.ledger.models import Channel
from motcua.org.models import Duty
from motcua.parties.actions import record_party
from tests.desk.filing import usable
from tests.support.cast import Cast

NOW = "21/08/2025 16:30"
STATEMENT, ITEMS, FREEZE = "/bieu-tong-hop/", "/bieu-tong-hop/ho-so/", "/bieu-tong-hop/chot/"
# Columns 3 to 13 of II.06a, by hand from the table in tests/desk/counting.py.
AUGUST = ["7", "2", "4", "1", "4", "1", "1", "2", "3", "2", "1"]


def at(text: str) -> dt.datetime:
    """ "01/08/2025 09:00" in Viet Nam."""
    return dt.datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=clock.TZ).astimezone(dt.UTC)


def received(cast: Cast, moment: str, channel: str = Channel.DIRECT) -> Dossier:
    wanted = usable(cast)
    with clock.at(at(moment)):
        return actions.receive(
            actor=cast.receiver,
            procedure=wanted,
            unit=cast.xa_cau_ke,
            applicant=record_party(actor=None, name="Sơn Văn Mẫu", invented=True),
            channel=channel,
            holder=cast.by_duty[Duty.HANDLE],
        )


def ended(cast: Cast, dossier: Dossier, moment: str) -> None:
    with clock.at(at(moment)):
        actions.resolve(actor=cast.by_duty[Duty.HANDLE], dossier=dossier.pk)


def august(cast: Cast) -> dict[str, Dossier]:
    """Tell the whole story; the dossiers by letter."""
    told = {
        "H": received(cast, "21/07/2025 09:00"),
        "G": received(cast, "28/07/2025 09:00"),
        "A": received(cast, "01/08/2025 08:00"),
        "B": received(cast, "04/08/2025 08:00"),
        "C": received(cast, "04/08/2025 09:00", Channel.ONLINE_ASSISTED),
        "E": received(cast, "05/08/2025 10:00", Channel.POST),
        "D": received(cast, "18/08/2025 08:00", Channel.ONLINE_ASSISTED),
        "F": received(cast, "18/08/2025 09:00"),
    }
    ended(cast, told["H"], "23/07/2025 09:00")
    ended(cast, told["A"], "05/08/2025 09:00")
    ended(cast, told["B"], "11/08/2025 10:00")
    ended(cast, told["C"], "14/08/2025 10:00")
    handler = cast.by_duty[Duty.HANDLE]
    with clock.at(at("15/08/2025 10:00")):
        actions.return_dossier(actor=handler, dossier=told["G"].pk, reason="Không đủ điều kiện")
    with clock.at(at("20/08/2025 10:00")):
        actions.request_supplement(actor=handler, dossier=told["F"].pk, items=["Bản sao"], reason="Thiếu")
    for dossier in told.values():
        dossier.refresh_from_db()
    return told


# ---- asking the pages ------------------------------------------------------------------------------------------------


def asked(cast, **more):
    return {"don_vi": cast.xa_cau_ke.key, "tu": "2025-08-01", "den": "2025-08-20", **more}


def total(response):
    """The total row as it is printed."""
    assert response.status_code == 200, text_of(response)[:3000]
    return [cell.text for cell in response.context["total"].cells]


def text_of(response):
    return response.content.decode()


def main_of(response):
    return text_of(response).split("<main", 1)[1].split("</main>")[0]


def freeze(client, cast, **more):
    """Open the page, and confirm what it shows."""
    query = asked(cast, **more)
    page = client.get(FREEZE, query)
    assert page.status_code == 200, text_of(page)
    form = {"request_key": page.context["form"]["request_key"].value(), "seen": page.context["seal"]}
    url = FREEZE + "?" + page.wsgi_request.GET.urlencode()
    return client.post(url, form), form, url
