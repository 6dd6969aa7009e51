from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "motcua.reports"
    label = "reports"
    verbose_name = "Báo cáo"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from motcua.ledger import registry
        from motcua.reports import restating

        registry.also_check("Báo cáo", restating.check)
