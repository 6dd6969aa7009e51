from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "motcua.api"
    label = "api"
    verbose_name = "Giao tiếp máy với máy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from motcua.api import once
        from motcua.ledger import registry

        registry.at_tick("Câu trả lời cho hệ thống kết nối", once.purge)
