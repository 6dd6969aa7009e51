from django.apps import AppConfig


class ProceduresConfig(AppConfig):
    name = "motcua.procedures"
    label = "procedures"
    verbose_name = "Danh mục thủ tục hành chính"
    default_auto_field = "django.db.models.BigAutoField"
