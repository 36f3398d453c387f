"""/explain: why a statement holds, as a page or as PROV-O; /rule/…: the rules it may rest on."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as Redirect

from pactgraph.errors import BadInput, NotFound
from pactgraph.reasoning import prov, telling, why
from pactgraph.reasoning.rule import on
from pactgraph.reasoning.rulefile import day_rules, rules
from pactgraph.reasoning.why import ALTERNATIVES, Explanation
from pactgraph.web import get_service
from pactgraph.web.asof import asked_day
from pactgraph.web.negotiation import GRAPHS, HTML, graph_suffix
from pactgraph.web.rdf import conditional

bp = Blueprint("explain", __name__)

_MOST = 50
_ASKED = ("subject", "predicate", "object")


@bp.get("/explain")
def explain() -> Response:
    """Explain a statement, given by `subject`, `predicate` and `object`. Raises BadInput, NotFound, NotAcceptable."""
    suffix = graph_suffix(request.accept_mimetypes, request.args.get("format"))
    asked = [request.args.get(name, "").strip() for name in _ASKED]
    if suffix == "html" and not any(asked):
        return conditional(lambda: render_template("explain.html", explanation=None), HTML)
    for name, value in zip(_ASKED, asked, strict=True):
        if not value:
            raise BadInput(f"no {name}", hint=f"give `{name}`, an IRI or its short form such as pact:russia-dprk-csp-2024")
    alternatives = _alternatives()

    def found() -> Explanation:
        service, day = get_service(), asked_day()
        known = rules(service.release.path)
        if day:
            known += on(day, day_rules(service.release.path))
        return service.visit(why.answer, known, tuple(asked), alternatives, day)

    if suffix == "html":
        return conditional(lambda: _page(found()), HTML)
    return conditional(lambda: prov.written(found(), GRAPHS[suffix]), GRAPHS[suffix])


@bp.get("/rule/<stratum>/<name>")
def rule(stratum: str, name: str) -> Redirect:
    """Send the client to the file of a rule. Raises NotFound."""
    release = get_service().release.path
    if f"{stratum}/{name}" not in {rule.name for rule in (*rules(release), *day_rules(release))}:
        raise NotFound(f"the release has no rule {stratum}/{name}")
    return redirect(f"/download/rules/{stratum}/{name}.rq", 303)


def _alternatives() -> int:
    text = request.args.get("alternatives", str(ALTERNATIVES))
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= _MOST):
        raise BadInput(f"alternatives is {text[:40]!r}", hint=f"a whole number from 1 to {_MOST}")
    return int(text)


def _page(explanation: Explanation) -> str:
    return render_template("explain.html", explanation=explanation, telling=telling, prov=prov)
