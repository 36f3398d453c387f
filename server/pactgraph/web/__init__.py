"""The web: one module per protocol over one query service; nothing happens at import."""

from __future__ import annotations

from flask import Flask, Response, current_app, request

from pactgraph.settings import ServeSettings
from pactgraph.store import QueryService

_EXTENSION = "pactgraph"
_POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"


def create_app(settings: ServeSettings, service: QueryService) -> Flask:
    """Give the application that serves a query service."""
    from pactgraph.web import downloads, errors, graphs, pages, resources, search, sparql, text, update

    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_request
    app.config["MAX_FORM_MEMORY_SIZE"] = settings.max_request
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.url_map.strict_slashes = False
    app.extensions[_EXTENSION] = service
    errors.register(app)
    text.register(app)
    app.extensions["pactgraph.settings"] = settings
    for module in (sparql, update, graphs, resources, downloads, search, pages):
        app.register_blueprint(module.bp)
    app.after_request(_headers)
    return app


def get_service() -> QueryService:
    """Give the query service of the running app."""
    service: QueryService = current_app.extensions[_EXTENSION]
    return service


def _headers(response: Response) -> Response:
    """Set what every answer carries: the data is open to any site, and nothing is sniffed or framed."""
    response.headers.setdefault("Content-Security-Policy", _POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "ETag, Link"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET, HEAD, OPTIONS")
        response.headers["Access-Control-Allow-Headers"] = "Accept, Authorization, Content-Type, If-None-Match"
        response.headers["Access-Control-Max-Age"] = "86400"
    return response
