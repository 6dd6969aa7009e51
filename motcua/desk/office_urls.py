"""Addresses of what an office keeps beside its daily work: accounts from lists, the inspector's pages, results on the
shelf, other systems. Part of ``desk/urls.py``."""

from django.urls import URLPattern, path

from motcua.desk import collecting, copying, hiring, inspecting, reconciling, registering

urlpatterns: list[URLPattern] = [
    path("ho-so/<int:pk>/chep-sang/", copying.copy_over, name="copy_over"),
    path("doi-soat/", reconciling.reconcile, name="reconcile"),
    path("doi-soat/tep/", reconciling.reconciled_file, name="reconciled_file"),
    path("ket-qua-chua-nhan/", collecting.uncollected, name="uncollected"),
    path("so-theo-doi/xem/", registering.register_view, name="register_view"),
    path("kiem-tra/", inspecting.inspection_list, name="inspection"),
    path("kiem-tra/chuoi/", inspecting.chain, name="chain"),
    path("kiem-tra/ban-chot/", inspecting.checkpoints, name="checkpoints"),
    path("quan-tri/tu-danh-sach/", hiring.from_list, name="accounts_from_list"),
    path("quan-tri/tu-danh-sach/tao/", hiring.take_on, name="accounts_take_on"),
    path("quan-tri/mat-khau-lan-dau/", hiring.first_passwords, name="first_passwords"),
]
