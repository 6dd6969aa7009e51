from django.apps import AppConfig


class DossiersConfig(AppConfig):
    name = "motcua.dossiers"
    label = "dossiers"
    verbose_name = "Hồ sơ"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from motcua.dossiers import figures, indexing, provider, retention, shelf
        from motcua.ledger import registry as ledger
        from motcua.parties import registry as parties

        provider.register()
        figures.register()
        ledger.also_check("Tìm kiếm", indexing.faults)
        ledger.at_tick("Lưu giữ dữ liệu cá nhân", retention.chore)
        ledger.at_tick("Nhắc nhận kết quả", shelf.remind)
        parties.after_change("search", indexing.refresh_parties)
