"""The web: one module per protocol over one query service; nothing happens at import."""

from __future__ import annotations

from flask import current_app

from pactgraph.store import QueryService

SERVICE = "pactgraph"  # the name of the query service among the app's extensions


def get_service() -> QueryService:
    """Give the query service of the running app."""
    service: QueryService = current_app.extensions[SERVICE]
    return service
