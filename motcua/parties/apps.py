from django.apps import AppConfig


class PartiesConfig(AppConfig):
    name = "motcua.parties"
    label = "parties"
    verbose_name = "Người nộp, chủ hồ sơ"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from motcua.ledger import registry
        from motcua.parties import access

        registry.also_check("Nhật ký truy cập", access.check)
        registry.at_tick("Niêm nhật ký truy cập", access.seal)
