"""Text goes over the wire compressed: pages, styles and scripts a quarter of their size, on any line."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

# What gets smaller; fonts, pictures, PDF and .xlsx are compressed already.
_KINDS = ("text/", "application/json", "application/problem+json", "application/javascript", "image/svg+xml")


class Compress(GZipMiddleware):
    """gzip for text, to whoever takes it. Each answer gets a random length more (Django's own guard), so that what a
    page holds cannot be guessed from its size."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not response.get("Content-Type", "").startswith(_KINDS):
            return response
        return super().process_response(request, response)
