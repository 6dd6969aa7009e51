"""The addresses of the interface, below /api/v1/."""

from motcua.api.interface import addresses

app_name = "api"
urlpatterns = addresses()
