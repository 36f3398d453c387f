"""The application: every module of the web, put together; nothing happens at import."""

from __future__ import annotations

from flask import Flask

from pactgraph.release import Writer
from pactgraph.settings import ServeSettings
from pactgraph.store import QueryService
from pactgraph.web import (
    SERVICE,
    access,
    agreement,
    asof,
    conflicts,
    contested,
    described,
    downloads,
    errors,
    explain,
    findings,
    graphs,
    headers,
    leaders,
    limits,
    observe,
    openapi,
    pages,
    releases,
    resources,
    search,
    sitemap,
    sparql,
    tables,
    text,
    update,
    validate,
    whohelps,
)
from pactgraph.web.checking import Checker
from pactgraph.web.making import Maker

_QUERIES = (sparql, update, graphs, resources, search, validate)
_RECORDS = (explain, findings, contested, conflicts, agreement, downloads, tables)
_PAGES = (sitemap, described, releases, pages, whohelps, leaders, observe, openapi)


def create_app(settings: ServeSettings, service: QueryService, writer: Writer | None = None) -> Flask:
    """Give the application that serves a query service; without a writer its release is read-only."""
    app = Flask("pactgraph.web")
    app.config["MAX_CONTENT_LENGTH"] = settings.max_request
    app.config["MAX_FORM_MEMORY_SIZE"] = settings.max_request
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.url_map.strict_slashes = False
    app.extensions[SERVICE] = service
    app.extensions["pactgraph.settings"] = settings
    app.extensions["pactgraph.writer"] = writer
    app.extensions["pactgraph.checker"] = Checker(settings)
    app.extensions["pactgraph.maker"] = Maker(settings)
    errors.register(app)
    observe.register(app, settings, service)
    limits.register(app, settings)
    text.register(app)
    access.register(app)
    asof.register(app)
    for module in (*_QUERIES, *_RECORDS, *_PAGES):
        app.register_blueprint(module.bp)
    headers.register(app)
    return app
