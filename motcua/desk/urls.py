"""Every address of the desk. tests/desk/test_every_page.py holds who may open each; a new one needs its line there.

The names account_login and mfa_authenticate are those django-allauth looks for. No other page of it is reachable:
nobody signs up, and nothing is confirmed or reset by mail.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, include, path

from motcua.desk import (
    accounts,
    acts,
    adopting,
    clients,
    dossiers,
    duties,
    frame,
    freezing,
    handing,
    moving_dates,
    procedures,
    processes,
    reviewing,
    second_factor,
    signers,
    signin,
    statements,
)


def home(request: HttpRequest) -> HttpResponse:
    """To the first page of the person's own navigation."""
    return HttpResponseRedirect(frame.home(request))


urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    # signing in
    path("dang-nhap/", signin.sign_in, name="account_login"),
    path("dang-nhap/ma-xac-thuc/", second_factor.ask_code, name="mfa_authenticate"),
    path("dang-xuat/", signin.sign_out, name="sign_out"),
    path("khoa/", signin.lock, name="lock"),
    path("mo-khoa/", signin.unlock, name="unlock"),
    path("con-day/", signin.still_here, name="still_here"),
    path("con-giu/", signin.kept_form, name="kept"),
    path("doi-mat-khau/", signin.change_password, name="change_password"),
    path("xac-thuc-hai-buoc/", second_factor.set_up, name="second_factor"),
    path("xac-thuc-hai-buoc/ma-du-phong/", second_factor.recovery_codes, name="recovery_codes"),
    # one's own page
    path("toi/", duties.me, name="me"),
    path("toi/uy-quyen/", duties.delegate, name="delegate"),
    path("uy-quyen/<int:delegation_id>/thu-hoi/", duties.revoke, name="revoke_delegation"),
    # dossiers
    path("viec/", include("motcua.desk.work_urls")),
    path("ho-so/", dossiers.dossiers, name="dossiers"),
    path("ho-so/ma/", dossiers.by_code, name="dossier_by_code"),
    path("ho-so/<int:pk>/", dossiers.dossier, name="dossier"),
    path("ho-so/<int:pk>/viec/<slug:name>/", acts.act, name="act"),
    path("ho-so/<int:pk>/tep/", dossiers.upload, name="upload"),
    path("ho-so/<int:pk>/tep/<int:attachment_id>/", dossiers.download, name="download"),
    path("ho-so/<int:pk>/tep/<int:attachment_id>/go/", dossiers.remove_file, name="remove_file"),
    path("ban-giao/", handing.hand_over, name="hand_over"),
    path("ban-giao/<int:pk>/", handing.hand_over_record, name="hand_over_record"),
    path("nhap-bu/", handing.catch_up, name="catch_up"),
    path("doi-han/", moving_dates.move_dates, name="move_dates"),
    # the counter
    path("", include("motcua.desk.counter_urls")),
    # search, people served, who read what
    path("", include("motcua.desk.person_urls")),
    # papers
    path("", include("motcua.desk.paper_urls")),
    # the office's own keeping
    path("", include("motcua.desk.office_urls")),
    # statements
    path("bieu-tong-hop/", statements.statement, name="statement"),
    path("bieu-tong-hop/ho-so/", statements.items, name="statement_items"),
    path("bieu-tong-hop/tep/<slug:kind>/", statements.file, name="statement_file"),
    path("bieu-tong-hop/ngay-den-han/", statements.due_day, name="statement_due_day"),
    path("bieu-tong-hop/chot/", freezing.freeze, name="statement_freeze"),
    path("bieu-tong-hop/da-chot/", freezing.frozen, name="statement_frozen"),
    path("bieu-tong-hop/dieu-chinh/", freezing.changed, name="statement_changes"),
    # figures of reports
    path("so-lieu/", include("motcua.desk.indicator_urls")),
    # the reform office's registers
    path("so-cchc/", include("motcua.desk.programme_urls")),
    # reports
    path("bao-cao/", include("motcua.desk.report_urls")),
    # procedures
    path("thu-tuc/", procedures.procedures, name="procedures"),
    path("thu-tuc/", include("motcua.desk.catalogue_urls")),
    path("thu-tuc/ap-dung/", adopting.adopt, name="adopt_procedures"),
    path("thu-tuc/ap-dung/<int:adoption_id>/thoi/", adopting.end_adoption, name="end_adoption"),
    path("thu-tuc/<str:code>/", procedures.procedure, name="procedure"),
    path("thu-tuc/<str:code>/ra-soat/<slug:place>/<int:position>/", reviewing.review, name="review_procedure"),
    path("thu-tuc/<str:code>/cat-giam/<int:position>/", reviewing.cut_term, name="cut_term"),
    path("thu-tuc/<str:code>/quy-trinh/", processes.process, name="procedure_process"),
    # calendars and rule sets
    path("quan-tri/lich/", include("motcua.desk.calendar_urls")),
    # accounts and duties
    path("quan-tri/tai-khoan/", accounts.accounts, name="accounts"),
    path("quan-tri/tai-khoan/moi/", accounts.new_account, name="new_account"),
    path("quan-tri/tai-khoan/<int:user_id>/", accounts.account, name="account"),
    path("quan-tri/tai-khoan/<int:user_id>/sua/", accounts.change_account, name="change_account"),
    path("quan-tri/tai-khoan/<int:user_id>/khoa/", accounts.block, name="block_account"),
    path("quan-tri/tai-khoan/<int:user_id>/mo-khoa/", accounts.unblock, name="unblock_account"),
    path("quan-tri/tai-khoan/<int:user_id>/mat-khau/", accounts.reset_password, name="reset_password"),
    path("quan-tri/tai-khoan/<int:user_id>/xac-thuc/", accounts.reset_factor, name="reset_factor"),
    path("quan-tri/tai-khoan/<int:user_id>/giao-nhiem-vu/", duties.grant, name="grant_duty"),
    path("quan-tri/tai-khoan/<int:user_id>/mot-nguoi/", duties.grant_all, name="grant_all_duties"),
    path("quan-tri/nhiem-vu/<int:assignment_id>/ket-thuc/", duties.end, name="end_duty"),
    path("quan-tri/nhat-ky/", accounts.changes, name="access_changes"),
    path("quan-tri/tham-quyen-ky/", signers.signers, name="signers"),
    path("quan-tri/tham-quyen-ky/them/", signers.add_signer, name="add_signer"),
    path("quan-tri/tham-quyen-ky/<int:pk>/ket-thuc/", signers.end_signer, name="end_signer"),
    path("quan-tri/ket-noi/", clients.api_clients, name="api_clients"),
    path("quan-tri/ket-noi/moi/", clients.new_api_client, name="new_api_client"),
    path("quan-tri/ket-noi/<int:pk>/", clients.api_client, name="api_client"),
    path("quan-tri/ket-noi/<int:pk>/ma-moi/", clients.renew_api_client, name="renew_api_client"),
    path("quan-tri/ket-noi/<int:pk>/nhip/", clients.pace_api_client, name="pace_api_client"),
    path("quan-tri/ket-noi/<int:pk>/thu-hoi/", clients.revoke_api_client, name="revoke_api_client"),
]
