from django.apps import AppConfig


class ProceduresConfig(AppConfig):
    name = "motcua.procedures"
    label = "procedures"
    verbose_name = "Danh mục thủ tục hành chính"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db import connection

        from motcua.ledger import registry
        from motcua.procedures.seals import missing_seals

        registry.also_check(
            "Danh mục thủ tục",
            lambda: [f"thiếu hoặc đã tắt bẫy niêm phong {name}" for name in missing_seals(connection)],
        )
