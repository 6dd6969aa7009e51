from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "motcua.api"
    label = "api"
    verbose_name = "Giao tiếp máy với máy"
    default_auto_field = "django.db.models.BigAutoField"
