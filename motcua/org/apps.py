from django.apps import AppConfig


class OrgConfig(AppConfig):
    name = "motcua.org"
    label = "org"
    verbose_name = "Đơn vị, con người, nhiệm vụ"
    default_auto_field = "django.db.models.BigAutoField"
