"""Pages for people: the home page, lists, a page for each entity, and the documentation of ontology and vocabularies.

What a page shows comes from the queries it names (queries/page/*.rq) and is laid out by a template of its kind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request
from pyoxigraph import NamedNode
from werkzeug.wrappers import Response as Redirect

from pactgraph import knowledge
from pactgraph.errors import NotFound
from pactgraph.queries import load
from pactgraph.store import Term
from pactgraph.store.days import name_of
from pactgraph.terms import BASE, ID, INFERRED, PG, VOCAB
from pactgraph.web import get_service
from pactgraph.web.asof import asked_day
from pactgraph.web.names import names_of, rows_about
from pactgraph.web.negotiation import HTML
from pactgraph.web.rdf import conditional

bp = Blueprint("pages", __name__)

Row = dict[str, Term]
_AGENT = ("agent-pacts", "agent-ties", "agent-members", "agent-offices", "claims-by", "claims-about", "agent-events")
_SECTIONS: Mapping[str, tuple[str, ...]] = {
    "pact": (
        *("pact-classes", "pact-parties", "pact-acts", "pact-signings", "pact-leaders", "pact-dates", "pact-coding"),
        *("pact-articles", "pact-obligations", "pact-relations", "claims-about"),
    ),
    "state": ("state-line", *_AGENT),
    "territory": _AGENT,
    "organisation": _AGENT,
    "person": (
        "person-tenures",
        "person-signings",
        "person-pacts",
        "agent-members",
        "claims-by",
        "claims-about",
        "agent-events",
    ),
    "group": ("claims-by",),
    "office": ("office-tenures",),
    "claim": ("positions",),
    "proposition": ("positions",),
    "event": ("event-involvements", "event-parts", "claims-about"),
    "project": ("claims-about",),
    "source": ("source-passages",),
}
# The folders of entities, the class that lists each, and what the list is called.
LISTS: Mapping[str, tuple[str, str]] = {
    "pact": ("Pact", "Pacts"),
    "state": ("State", "States"),
    "territory": ("Territory", "Territories"),
    "organisation": ("Organisation", "Organisations"),
    "person": ("Person", "People"),
    "office": ("Office", "Offices"),
    "event": ("Event", "Events"),
    "finding": ("Finding", "Findings"),
    "claim": ("Claim", "Claims"),
    "proposition": ("Proposition", "Propositions"),
    "group": ("UnnamedGroup", "Unnamed groups"),
    "place": ("Place", "Places"),
    "project": ("Project", "Projects"),
    "thing": ("Artefact", "Things"),
    "source": ("Document", "Sources"),
}
_OWN_TEMPLATES = ("pact", "state", "organisation", "person", "claim", "proposition", "event", "office", "source")
_DATABLE = ("state", "organisation", "pact", "person", "office")
_HOME_QUESTIONS = ("q01", "q03", "q05", "q13", "q26")
_MORE = 300


@dataclass
class View:
    """What a template needs of one entity: facts by property, rows by section, names, and numbered sources."""

    iri: str
    facts: list[Row]
    sections: dict[str, list[Row]] = field(default_factory=dict)
    incoming: list[Row] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    cited: dict[str, list[str]] = field(default_factory=dict)
    confidence: dict[str, str] = field(default_factory=dict)
    sources: dict[str, Row] = field(default_factory=dict)
    on_day: list[Row] = field(default_factory=list)

    def all(self, prop: str) -> list[Term]:
        """Give the values of a property of ours by its name, or of another by its IRI; each once."""
        iri = prop if "://" in prop else f"{PG._NS}{prop}"
        return list(dict.fromkeys(row["value"] for row in self.facts if row["property"].value == iri))

    def first(self, prop: str) -> Term | None:
        """Give the first value of a property, if there is one."""
        return next(iter(self.all(prop)), None)

    def inferred(self, prop: str) -> Term | None:
        """Give the first value of a property of ours if it is inferred."""
        found = (row for row in self.facts if row["property"].value == f"{PG._NS}{prop}")
        return next((row["value"] for row in found if row["graph"].value == str(INFERRED)), None)

    @property
    def title(self) -> str:
        """Give the English name of the entity."""
        return self.names.get(self.iri, self.iri)

    @property
    def path(self) -> str:
        """Give the path of the entity below /page/ and /data/: `pact/russia-dprk-2000`, `vocab/domain/health`."""
        local = self.iri.removeprefix(str(ID))
        return local if local != self.iri else self.iri.removeprefix(BASE)

    def numbers(self, node: str) -> list[int]:
        """Give the numbers, in the list of sources, of those that a record cites."""
        order = list(self.sources)
        return [order.index(source) + 1 for source in self.cited.get(node, ())]


@bp.get("/")
def home() -> Response:
    """Say what this is, and show real questions with their answers."""

    def page() -> str:
        questions = [_question(knowledge.question(name)) for name in _HOME_QUESTIONS]
        counts = {row["class"].value.rpartition("#")[2]: int(row["number"].value) for row in _rows("counts")}
        names = _names(term for question in questions for row in question["rows"] for term in row.values())
        return render_template("home.html", questions=questions, counts=counts, names=names)

    return conditional(page, HTML)


@bp.get("/questions")
def questions() -> Response:
    """Show every competency question, and each template, with its answer."""

    def page() -> str:
        asked = [_question(path) for path in (*knowledge.questions(), *knowledge.templates())]
        names = _names(term for question in asked for row in question["rows"] for term in row.values())
        return render_template("questions.html", questions=asked, names=names)

    return conditional(page, HTML)


@bp.get("/page/<kind>")
def listing(kind: str) -> Response:
    """List the entities of a kind. Raises NotFound."""
    if kind not in LISTS:
        raise NotFound(f"there is no list of {kind!r}; there are " + ", ".join(LISTS))
    name, title = LISTS[kind]

    def page() -> str:
        rows = _rows("page/list", **{"class": NamedNode(f"{PG._NS}{name}")})
        return render_template("list.html", kind=kind, title=title, rows=rows, lists=LISTS)

    return conditional(page, HTML)


@bp.get("/claims")
def claims() -> Redirect:
    """Send readers to the list of claims."""
    return redirect("/page/claim", 303)


@bp.get("/page/<kind>/<slug>")
def entity(kind: str, slug: str) -> Response:
    """Show an entity. Raises NotFound."""
    iri = _node(f"{ID}{kind}/{slug}")
    template = f"entity/{kind}.html" if kind in _OWN_TEMPLATES else "entity/thing.html"
    day = asked_day()

    def page() -> str:
        view = _view(iri, _SECTIONS.get(kind, ()), day)
        return render_template(template, kind=kind, lists=LISTS, view=view, names=view.names)

    return conditional(page, HTML)


@bp.get("/page/ns")
def ontology() -> Response:
    """Document the terms of the ontology, module by module."""

    def page() -> str:
        modules: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        rows = _rows("page/terms")
        for row in rows:
            term = modules[row["module"].value].setdefault(row["term"].value, {"row": row, "more": defaultdict(dict)})
            for key in ("domain", "range", "super"):
                if key in row:
                    term["more"][key][row[key].value] = row[key]
        names = _names(term for row in rows for term in row.values())
        return render_template("ontology.html", modules=dict(modules), names=names)

    return conditional(page, HTML)


@bp.get("/page/vocab")
def schemes() -> Response:
    """List the concept schemes."""
    return conditional(lambda: render_template("schemes.html", rows=_rows("page/schemes")), HTML)


@bp.get("/page/vocab/<scheme>")
def scheme(scheme: str) -> Response:
    """Show a concept scheme as a tree. Raises NotFound."""
    iri = _node(f"{VOCAB}{scheme}")

    def page() -> str:
        children: dict[str, list[Row]] = defaultdict(list)
        for row in _rows("page/concepts", entity=iri):
            children[row["broader"].value if "broader" in row else ""].append(row)
        return render_template("scheme.html", view=_view(iri), children=children)

    return conditional(page, HTML)


@bp.get("/page/vocab/<scheme>/<concept>")
def concept(scheme: str, concept: str) -> Response:
    """Show a concept. Raises NotFound."""
    iri = _node(f"{VOCAB}{scheme}/{concept}")

    def page() -> str:
        view = _view(iri)
        return render_template("entity/concept.html", view=view, names=view.names)

    return conditional(page, HTML)


def _view(iri: NamedNode, sections: Iterable[str] = (), day: date | None = None) -> View:
    """Ask everything that a page about a thing shows, with what holds on a day if one is given. Raises NotFound."""
    facts = _rows("page/facts", entity=iri)
    if not facts:
        raise NotFound(f"nothing is known of {iri.value}; /search finds by name")
    view = View(iri.value, facts)
    view.sections = {name: _rows(f"page/{name}", entity=iri) for name in sections}
    if pacts := {row["pact"] for row in view.sections.get("agent-pacts", ())}:
        view.sections["pacts-classes"] = list(rows_about(get_service(), "page/pacts-classes", "pact", _iris(pacts)))
    view.incoming = _rows("page/incoming", entity=iri)
    if day:
        view.on_day = get_service().rows(load("page/on-day", entity=iri, view=name_of(day)), day)
    _cite(view)
    in_sections = (row for found in view.sections.values() for row in found)
    rows = (*view.facts, *view.incoming, *view.on_day, *in_sections, *view.sources.values())
    terms = (term for row in rows for term in row.values())
    view.names = _names((*terms, Term("iri", iri.value), *(Term("iri", value) for value in view.confidence.values())))
    return view


def _cite(view: View) -> None:
    """Note the sources of the entity and of each record on its page, numbered as they first appear."""
    nodes = dict.fromkeys(row["node"] for rows in view.sections.values() for row in rows if "node" in row)
    for row in rows_about(get_service(), "page/cited", "node", _iris([Term("iri", view.iri), *nodes])):
        if "confidence" in row:
            view.confidence[row["node"].value] = row["confidence"].value
        if (
            "source" in row
            and row["source"].kind == "iri"
            and row["source"].value not in view.cited.setdefault(row["node"].value, [])
        ):
            view.cited[row["node"].value].append(row["source"].value)
    order = dict.fromkeys(source for node in (view.iri, *map(str, nodes)) for source in view.cited.get(node, ()))
    if order:
        found = {row["source"].value: row for row in _rows("page/sources", source=[NamedNode(iri) for iri in order])}
        view.sources = {iri: found[iri] for iri in order}


def _question(path: Path) -> dict[str, Any]:
    """Give a competency question in words, its query, and the rows that it gives now."""
    text = path.read_text(encoding="utf-8")
    return {"id": path.stem, "words": text.splitlines()[0].removeprefix("# "), "query": text, "rows": get_service().rows(text)}


def _rows(query: str, **slots: Any) -> list[Row]:
    return get_service().rows(load(query, **slots))


def _names(terms: Iterable[Term]) -> dict[str, str]:
    return names_of(get_service(), _iris(terms))


def _iris(terms: Iterable[Term]) -> Iterator[str]:
    return (term.value for term in terms if term.kind == "iri")


def _node(iri: str) -> NamedNode:
    try:
        return NamedNode(iri)
    except ValueError:
        raise NotFound(f"{iri!r} cannot be an IRI") from None


@bp.app_context_processor
def _everywhere() -> dict[str, Any]:
    """Give what every template uses."""
    shown = {"inferred_graph": str(INFERRED), "more": _MORE, "path": request.path, "datable": _DATABLE}
    return {"release": get_service().release, **shown}
