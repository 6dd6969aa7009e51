from django.apps import AppConfig


class ProgrammeConfig(AppConfig):
    name = "motcua.programme"
    label = "programme"
    verbose_name = "Sổ theo dõi cải cách hành chính"
    default_auto_field = "django.db.models.BigAutoField"
