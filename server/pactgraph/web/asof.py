"""`?asOf=1939-09-01`: the day whose view an answer also draws on (`store.days`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import Flask, Response, g, request
from werkzeug.datastructures import MultiDict

from pactgraph.errors import BadInput
from pactgraph.store.days import day_of

PARAMETER = "asOf"
HEADER = "X-As-Of"


def asked_day(sent: MultiDict[str, str] | None = None) -> date | None:
    """Read the day from the parameters of the request, or those given; None without one. Raises BadInput."""
    values = (request.args if sent is None else sent).getlist(PARAMETER)
    if len(values) > 1:
        raise BadInput(f"`{PARAMETER}` is given more than once", hint="ask for one day")
    g.as_of = day_of(values[0]) if values and values[0] else None
    return g.as_of  # type: ignore[no-any-return]


def parameter() -> Mapping[str, str]:
    """Give the parameter of this request again, for links that keep the day."""
    day = g.get("as_of")
    return {PARAMETER: day.isoformat()} if day else {}


def register(app: Flask) -> None:
    """Let answers say the day that they draw on, and templates keep it."""

    def say(response: Response) -> Response:
        if g.get("as_of") and response.status_code < 400:
            response.headers[HEADER] = g.as_of.isoformat()
        return response

    app.after_request(say)
    app.context_processor(lambda: {"as_of": g.get("as_of"), "as_of_parameter": parameter()})
