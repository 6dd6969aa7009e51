from django.apps import AppConfig


class PartiesConfig(AppConfig):
    name = "motcua.parties"
    label = "parties"
    verbose_name = "Người nộp, chủ hồ sơ"
    default_auto_field = "django.db.models.BigAutoField"
