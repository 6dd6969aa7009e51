from django.apps import AppConfig


class PapersConfig(AppConfig):
    name = "motcua.papers"
    label = "papers"
    verbose_name = "Tệp và giấy tờ"
    default_auto_field = "django.db.models.BigAutoField"
