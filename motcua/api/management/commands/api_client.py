"""``motcua api-client``: give, list, renew and revoke the tokens of systems that connect."""

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from motcua.api import clients
from motcua.api.models import ApiClient
from motcua.core import clock
from motcua.core.errors import Invalid
from motcua.org import queries as org
from motcua.org.models import Duty


class Command(BaseCommand):
    help = (
        "Cấp, xem, đổi và thu hồi mã truy cập của hệ thống kết nối. Không nêu gì: xem danh sách. Ví dụ: motcua "
        'api-client --new "Hệ thống một cửa điện tử" --unit 29308 --duty receive handle --until 2027-06-30'
    )
    requires_migrations_checks = True

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--new", metavar="TÊN", help="tạo hệ thống kết nối tên này và cấp mã")
        what.add_argument("--renew", type=int, metavar="SỐ", help="cấp mã mới, mã cũ hết hiệu lực ngay")
        what.add_argument("--revoke", type=int, metavar="SỐ", help="thu hồi; cần --reason")
        parser.add_argument("--unit", metavar="MÃ", help="đơn vị chủ quản")
        parser.add_argument(
            "--duty",
            nargs="+",
            action="extend",
            default=[],
            choices=Duty.values,
            metavar="NHIỆM_VỤ",
            help=f"nhiệm vụ được giao: {', '.join(Duty.values)}",
        )
        parser.add_argument(
            "--at", nargs="+", action="extend", default=[], metavar="MÃ", help="nơi có nhiệm vụ (mặc định: --unit)"
        )
        parser.add_argument("--from", dest="valid_from", metavar="NGÀY", help="từ ngày (mặc định: hôm nay)")
        parser.add_argument("--until", dest="valid_to", metavar="NGÀY", help="đến hết ngày, nhiều nhất 2 năm")
        parser.add_argument(
            "--pace",
            type=int,
            metavar="SỐ",
            help=f"số lần gọi mỗi phút, mặc định {clients.USUAL_PACE}",
        )
        parser.add_argument("--basis", default="", metavar="SỐ", help="văn bản cho phép kết nối")
        parser.add_argument("--reason", default="", metavar="LÝ_DO", help="vì sao thu hồi")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["new"]:
            self._new(options)
        elif options["renew"] is not None:
            found = clients.client(org.SYSTEM, options["renew"])
            if options["pace"] is not None:
                clients.set_pace(actor=org.SYSTEM, client=found, requests_a_minute=options["pace"])
            self._tell(found, clients.renew_token(actor=org.SYSTEM, client=found))
        elif options["revoke"] is not None:
            found = clients.client(org.SYSTEM, options["revoke"])
            clients.revoke_client(actor=org.SYSTEM, client=found, reason=options["reason"])
            self.stdout.write(f"Đã thu hồi mã truy cập của «{found.name}».")
        else:
            self._list()

    def _new(self, options: dict[str, Any]) -> None:
        if not options["unit"] or not options["duty"] or not options["valid_to"]:
            raise Invalid("Cho biết đơn vị, nhiệm vụ và thời hạn: --unit MÃ --duty NHIỆM_VỤ … --until NGÀY.")
        today = clock.today()
        with transaction.atomic():
            made = clients.create_client(
                actor=org.SYSTEM,
                name=options["new"],
                unit=org.unit_by_code(options["unit"], today),
                units=[org.unit_by_code(code, today) for code in options["at"]],
                duties=options["duty"],
                valid_from=_day(options["valid_from"]) if options["valid_from"] else today,
                valid_to=_day(options["valid_to"]),
                basis=options["basis"],
                requests_a_minute=clients.USUAL_PACE if options["pace"] is None else options["pace"],
            )
            token = clients.renew_token(actor=org.SYSTEM, client=made)
        self._tell(made, token)

    def _tell(self, made: ApiClient, token: str) -> None:
        self.stdout.write(f"Hệ thống số {made.pk}, «{made.name}», dùng đến hết {made.valid_to:%d/%m/%Y}.")
        self.stdout.write("Mã truy cập, chỉ hiện lần này:")
        self.stdout.write(token)

    def _list(self) -> None:
        rows = list(clients.clients(org.SYSTEM))
        if not rows:
            self.stdout.write("Chưa có hệ thống kết nối nào. Tạo bằng: motcua api-client --new TÊN …")
        today = clock.today()
        for row in reversed(rows):
            if row.revoked_at:
                state = f"đã thu hồi {clock.local(row.revoked_at):%d/%m/%Y}"
            elif row.works_on(today):
                state = f"dùng đến hết {row.valid_to:%d/%m/%Y}"
            else:
                state = f"ngoài thời hạn {row.valid_from:%d/%m/%Y} – {row.valid_to:%d/%m/%Y}"
            self.stdout.write(f"{row.pk}  {row.name}  {row.unit.name}  mã …{row.token_hint}  {state}")


def _day(typed: str) -> dt.date:
    try:
        return dt.date.fromisoformat(typed)
    except ValueError:
        raise Invalid(f"Ngày «{typed}» không đúng; viết như 2027-06-30.") from None
