"""The interface as a whole: its operations, its description (OpenAPI 3.1), its addresses."""

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from ninja import NinjaAPI

from motcua.api import acts, figures, offices, problems, reading
from motcua.api.door import QUERIES, Token, guarded

DESCRIPTION = """The office's verbs and queries for other systems.

A client works with a token, in the name of an account that holds duties at units, and never beyond them. Every write
carries an `Idempotency-Key`; refusals are `application/problem+json` with a Vietnamese sentence and a stable code.
Moments are ISO 8601 with an offset, days are days in Viet Nam.
"""


class Interface(NinjaAPI):
    """django-ninja's, with problems described as what they are."""

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> Any:
        """The description: the same wherever it is asked for."""
        schema = super().get_openapi_schema(path_prefix=f"{acts.BASE}/", path_params=path_params)
        for operations in schema["paths"].values():
            for operation in operations.values():
                _describe(operation)
        _prune(schema)
        return schema


def _describe(operation: dict[str, Any]) -> None:
    """Problems by their own media type, in order; each parameter's words once."""
    for status, response in operation["responses"].items():
        if int(status) >= 400:
            content = response.get("content", {})
            if "application/json" in content:
                content[problems.MEDIA_TYPE] = content.pop("application/json")
            response["description"] = problems.TITLES[int(status)]
    operation["responses"] = {str(s): operation["responses"][s] for s in sorted(operation["responses"], key=int)}
    for parameter in operation.get("parameters", []):
        for word in ("title", "description"):
            parameter["schema"].pop(word, None)


def _prune(schema: dict[str, Any]) -> None:
    """Leave out what nothing points at: enumerations of parameters, which stand in the parameters themselves."""
    found = schema["components"]["schemas"]
    while True:
        text = json.dumps(schema)
        unused = [name for name in found if f'#/components/schemas/{name}"' not in text]
        if not unused:
            return
        for name in unused:
            del found[name]


api = Interface(
    title="Một Cửa",
    version="1",
    description=DESCRIPTION,
    auth=Token(),
    docs_url=None,  # its pages come from other people's servers
    openapi_url="/openapi.json",
    urls_namespace="api",
)
problems.install(api)
for _router in (
    offices.router,
    reading.router,
    acts.router,
    figures.router,
):
    api.add_router("", _router)


def _note_queries() -> None:
    """Tell the door which query parameters each operation has."""
    for bound in api._get_bound_routers():
        for place, view in bound.path_operations.items():
            route = f"{acts.BASE}{place}".lstrip("/").replace("{", "<").replace("}", ">")
            for operation in view.operations:
                names = [
                    name
                    for model in operation.models
                    if model.__ninja_param_source__ == "query"
                    for name in model.__ninja_flatten_map__
                ]
                for method in operation.methods:
                    QUERIES[method, route] = frozenset(names)


_note_queries()


def description() -> dict[str, Any]:
    """The committed description (docs/openapi.json)."""
    found: dict[str, Any] = api.get_openapi_schema()
    return found


def _nowhere(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return problems.answer(request, Http404())


def _described(request: HttpRequest) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        response = HttpResponse(status=405)
        response["Allow"] = "GET, HEAD"
        return response
    return JsonResponse(description(), json_dumps_params={"ensure_ascii": False})


def addresses() -> list[URLPattern]:
    """Every address, each outside sessions and sign-in; what is none of them is a problem too, not a page."""
    patterns, _, _ = api.urls
    found = [
        path(str(pattern.pattern), guarded(pattern.callback), name=pattern.name)
        for pattern in patterns
        if isinstance(pattern, URLPattern) and pattern.callback is not None and pattern.name != "openapi-json"
    ]
    return [
        path("openapi.json", guarded(_described), name="openapi-json"),
        *found,
        path("<path:rest>", guarded(_nowhere), name="nowhere"),
    ]
