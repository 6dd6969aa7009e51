"""The registers of the reform office: plans, documents, publicity, inspections, ISO … each a list with its page."""

from django.apps import AppConfig


class ProgrammeConfig(AppConfig):
    name = "motcua.programme"
    label = "programme"
    verbose_name = "Sổ theo dõi cải cách hành chính"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from motcua.programme import checking, figures

        figures.offer_all()
        checking.ask_to_be_checked()
