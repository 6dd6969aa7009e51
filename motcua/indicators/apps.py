from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "motcua.indicators"
    label = "indicators"
    verbose_name = "Chỉ tiêu báo cáo"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db import connection

        from motcua.core.triggers import missing_triggers
        from motcua.indicators import catalogue
        from motcua.ledger import registry

        catalogue.register()
        tables = ["indicators_valuechange", "indicators_returnact"]
        registry.also_check(
            "Số liệu báo cáo",
            lambda: [f"thiếu hoặc đã tắt bẫy chỉ ghi thêm {name}" for name in missing_triggers(connection, tables)],
        )
