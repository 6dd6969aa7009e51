from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "motcua.ledger"
    label = "ledger"
    verbose_name = "Sổ số liệu"
    default_auto_field = "django.db.models.BigAutoField"
