"""The web: one module per protocol over one query service; nothing happens at import."""

from __future__ import annotations

from flask import Flask, current_app

from pactgraph.settings import ServeSettings
from pactgraph.store import QueryService

_EXTENSION = "pactgraph"


def create_app(settings: ServeSettings, service: QueryService) -> Flask:
    """Give the application that serves a query service."""
    from pactgraph.web import (
        downloads,
        errors,
        graphs,
        headers,
        limits,
        observe,
        openapi,
        pages,
        resources,
        search,
        sitemap,
        sparql,
        text,
        update,
        validate,
    )
    from pactgraph.web.checking import Checker

    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_request
    app.config["MAX_FORM_MEMORY_SIZE"] = settings.max_request
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.url_map.strict_slashes = False
    app.extensions[_EXTENSION] = service
    app.extensions["pactgraph.settings"] = settings
    app.extensions["pactgraph.checker"] = Checker(settings)
    errors.register(app)
    observe.register(app, settings, service)
    limits.register(app, settings)
    text.register(app)
    for module in (sparql, update, graphs, resources, downloads, search, sitemap, validate, pages, observe, openapi):
        app.register_blueprint(module.bp)
    headers.register(app)
    return app


def get_service() -> QueryService:
    """Give the query service of the running app."""
    service: QueryService = current_app.extensions[_EXTENSION]
    return service
