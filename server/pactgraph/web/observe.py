"""What the server says of itself: one line of JSON per query, metrics for Prometheus, and whether it is ready."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sys
import uuid
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from pactgraph.settings import ServeSettings
from pactgraph.store import QueryService
from pactgraph.store.admission import Caller, caller
from pactgraph.store.workers import Outcome
from pactgraph.web import get_service
from pactgraph.web.errors import problem
from pactgraph.web.limits import EXEMPT, client

bp = Blueprint("observe", __name__)

_SHOWN = 2000
_SLOW = 1.0
_REGISTRY = "pactgraph.metrics"
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60)


def register(app: Flask, settings: ServeSettings, service: QueryService) -> None:
    """Say who asks before each request, and count what becomes of it. Call it before `limits.register`."""
    disable_created_metrics()  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    app.extensions[_REGISTRY] = registry
    registry.register(_State(service))
    requests = Counter("pactgraph_requests", "Requests answered.", ["route", "status"], registry=registry)
    queries = Counter("pactgraph_queries", "Queries asked, by status.", ["status"], registry=registry)
    ended = Counter("pactgraph_queries_ended", "Queries ended or refused, by the limit.", ["reason"], registry=registry)
    seconds = Histogram("pactgraph_query_seconds", "Time in a worker.", buckets=_BUCKETS, registry=registry)
    waits = Histogram("pactgraph_query_wait_seconds", "Time in the queue.", buckets=_BUCKETS, registry=registry)
    log = _logger(settings)

    def observe(outcome: Outcome) -> None:
        queries.labels(outcome.status).inc()
        seconds.observe(outcome.duration)
        waits.observe(outcome.wait)
        if outcome.ended:
            ended.labels(outcome.ended).inc()
        log(outcome)

    def count(response: Response) -> Response:
        requests.labels(request.url_rule.rule if request.url_rule else "none", response.status_code).inc()
        who = caller.get()
        if who and who.asked:
            response.headers["X-Query-Id"] = who.id
        return response

    service.observe = observe
    app.before_request(_begin)
    app.after_request(count)
    app.teardown_request(_end)


def _begin() -> None:
    route = request.endpoint or "none"
    g.caller = caller.set(Caller(client(), str(uuid.uuid4()), route, free=route in EXEMPT))


def _end(error: BaseException | None) -> None:
    token, who = g.pop("caller", None), caller.get()
    if token:
        if who:
            get_service().forget(who)
        caller.reset(token)


def _logger(settings: ServeSettings) -> Callable[[Outcome], None]:
    """Give what writes a line for a query, as the settings say: for all; for those that took a second or failed; for none."""
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    log = structlog.wrap_logger(
        structlog.WriteLogger(sys.stderr), processors=[stamp, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    key = secrets.token_bytes(16)

    def name(address: str) -> str:
        return address if settings.log_clients == "address" else hmac.new(key, address.encode(), "sha256").hexdigest()[:16]

    def write(outcome: Outcome) -> None:
        slow = outcome.status >= 400 or outcome.duration + outcome.wait >= _SLOW
        if settings.log == "all" or (settings.log == "slow" and slow):
            log.msg("query", **_line(outcome, name(outcome.caller.client)))

    return write


def _line(outcome: Outcome, client_name: str) -> dict[str, Any]:
    who = outcome.caller
    return {
        "query_id": who.id,
        "client": client_name,
        "route": who.route,
        "status": outcome.status,
        "ended": outcome.ended or None,
        "seconds": round(outcome.duration, 4),
        "wait": round(outcome.wait, 4),
        "rows": outcome.rows,
        "bytes": outcome.size,
        "release": outcome.release or None,
        "hash": hashlib.sha256(outcome.text.encode("utf-8", "replace")).hexdigest()[:16],
        "query": outcome.text[:_SHOWN],
    }


class _State(Collector):
    """What the service is doing now, asked for when the metrics are."""

    def __init__(self, service: QueryService) -> None:
        self._service = service

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterable[Metric]:
        service = self._service
        yield GaugeMetricFamily("pactgraph_queries_waiting", "Queries that wait for a worker.", service.admission.waiting)
        yield GaugeMetricFamily("pactgraph_queries_running", "Queries in a worker.", service.admission.running)
        yield CounterMetricFamily("pactgraph_worker_restarts", "Query workers ended and replaced.", value=service.restarts)
        release = service.release
        facts = {"id": release.id, "version": str(release.manifest.get("version", ""))}
        yield InfoMetricFamily("pactgraph_release", "The release that is served.", facts)


@bp.get("/metrics")
def metrics() -> Response:
    """Give the metrics in the text format of Prometheus."""
    return Response(generate_latest(current_app.extensions[_REGISTRY]), content_type=CONTENT_TYPE_LATEST)


@bp.get("/readyz")
def ready() -> Response:
    """Say whether queries are taken: 503 until workers have started, and when the server ends."""
    service = get_service()
    if not service.ready:
        return problem(503, "Not ready", "no query worker is ready, or the server is ending")
    response = jsonify({"status": "ready", "release": service.release.id})
    response.cache_control.no_store = True
    return response
