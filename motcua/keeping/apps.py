from django.apps import AppConfig


class KeepingConfig(AppConfig):
    name = "motcua.keeping"
    label = "keeping"
    verbose_name = "Sao lưu, khôi phục"
