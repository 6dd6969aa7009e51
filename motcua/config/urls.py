from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("motcua.api.urls")),
    path("", include("motcua.desk.urls")),
]

handler400 = "motcua.desk.pages.bad_request"
handler403 = "motcua.desk.pages.forbidden"
handler404 = "motcua.desk.pages.not_found"
handler500 = "motcua.desk.pages.server_error"
