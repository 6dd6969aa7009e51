from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "motcua.indicators"
    label = "indicators"
    verbose_name = "Chỉ tiêu báo cáo"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from motcua.indicators import catalogue

        catalogue.register()
