from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "motcua.ledger"
    label = "ledger"
    verbose_name = "Sổ số liệu"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from motcua.ledger import checkpoint, registry

        registry.send_with(checkpoint.TOPIC, checkpoint.send_out)
