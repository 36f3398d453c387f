"""Releases: which there are, what each has and what it changed, a feed of changes, and how to cite one or a query on it.

With a token of the scope `release` a client makes another release the current one, or removes an old one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from pactgraph import release as releases
from pactgraph.errors import BadInput, Damaged, NotFound
from pactgraph.release import Diff, Release
from pactgraph.settings import ServeSettings
from pactgraph.web import get_service
from pactgraph.web.access import allowed
from pactgraph.web.asof import asked_day, parameter
from pactgraph.web.downloads import files_of, send
from pactgraph.web.negotiation import DOCUMENT, HTML, best, one_of
from pactgraph.web.rdf import program

bp = Blueprint("releases", __name__)

_JSON = "application/json"
_BIBTEX = "application/x-bibtex"
_CSL = "application/vnd.citationstyles.csl+json"
_CITATIONS = {"text": "text/plain", "bibtex": _BIBTEX, "csl": _CSL, "json": _JSON, "html": HTML}
_FEED = 50
_SHOWN = 200
_DONE = {
    "publish": "built and published",
    "write": "written by a client",
    "rollback": "made the current one again",
    "restore": "restored from a backup",
}


@bp.get("/releases")
def listing() -> Response:
    """List the releases, the latest first, as a page or as JSON."""
    found = {"current": _current(), "releases": _listed()}
    return _either(found, "releases.html", found)


@bp.get("/releases.atom")
def feed() -> Response:
    """Give the last changes of the current release as an Atom feed (RFC 4287)."""
    entries = [{**entry, "done": _DONE.get(entry["action"], entry["action"])} for entry in reversed(_history())][:_FEED]
    page = render_template("releases.atom", entries=entries, known={one["id"]: one for one in _listed()})
    return _checked(Response(page, content_type="application/atom+xml; charset=utf-8"))


@bp.get("/releases/<identifier>")
def show(identifier: str) -> Response:
    """Show a release: counts, files with their checksums, and what it changed. Raises NotFound and Gone."""
    release = _open(identifier)
    before = _before(release.id)
    facts = {**_facts(release), "current": release.id == _current(), "files": files_of(release), "before": before}
    changed = None
    if best(request.accept_mimetypes, (_JSON, HTML)) == HTML and before:
        with suppress(Damaged):
            changed = _diff(before, release)
    return _either(facts, "release.html", {"facts": facts, "diff": changed, "shown": _SHOWN, "citation": _cite(release)})


@bp.get("/releases/<identifier>/diff")
def diff(identifier: str) -> Response:
    """Give what a release has that another lacks, and the reverse, by entity; `from` names the other, or the one before.

    Raises NotFound, Gone, and NotFound where there is none before.
    """
    release = _open(identifier)
    other = request.args.get("from") or _before(release.id)
    if not other:
        raise NotFound(f"there is no release before {release.id}; name another with `from`")
    found = _diff(other, release)
    return _either(vars(found), "release.html", {"facts": _facts(release), "diff": found, "shown": None, "citation": None})


@bp.get("/releases/<identifier>/download/<path:path>")
def download(identifier: str, path: str) -> Response:
    """Give a file of a release. Raises NotFound and Gone."""
    return send(_open(identifier), path)


@bp.get("/release/<identifier>")
def canonical(identifier: str) -> Redirect:
    """Send the client of a release's own name, or of a version's, to its page. Raises NotFound and Gone."""
    versions = [one["id"] for one in _listed() if one["version"] == identifier]
    return redirect(url_for(".show", identifier=versions[0] if versions else _open(identifier).id), 303)


@bp.get("/cite")
def cite() -> Response:
    """Say how to cite a release, or with `query` a query on it: BibTeX, CSL JSON, a line of text, or a page with all.

    Raises BadInput, NotAcceptable, NotFound and Gone.
    """
    chosen = _CITATIONS[one_of(request.accept_mimetypes, request.args.get("format"), _CITATIONS)]
    query = request.args.get("query", "")
    found = _cite(_open(request.args.get("release") or "current"), query)
    if chosen == HTML:
        return _checked(Response(render_template("cite.html", citation=found, query=query), mimetype=HTML))
    body = found.bibtex() if chosen == _BIBTEX else found.text() + "\n" if chosen == "text/plain" else found.csl()
    return _checked(Response(body, content_type=f"{chosen}; charset=utf-8"))


@bp.put("/releases/current")
def switch() -> Response:
    """Make another release the current one (scope `release`): `{"release": ID}`.

    Raises NotFound, Gone, and BadInput for a damaged one.
    """
    allowed("release")
    wanted = request.get_json(silent=True)
    if not isinstance(wanted, dict) or not isinstance(wanted.get("release"), str):
        raise BadInput("the body is not what is read here", hint='send JSON: {"release": "ID"}')
    release = releases.rollback(_folder(), wanted["release"])
    get_service().look_again()
    return Response(status=204, headers={"X-Release": release.id})


@bp.delete("/releases/<identifier>")
def remove(identifier: str) -> Response:
    """Remove a release that is not the current one (scope `release`). Raises NotFound, Gone and Conflict."""
    allowed("release")
    releases.remove(_folder(), _open(identifier).id)
    return Response(status=204)


def _folder() -> Path:
    settings: ServeSettings = current_app.extensions["pactgraph.settings"]
    if settings.scratch:
        raise NotFound("this is a store for trying things: it has no releases")
    return settings.releases


def _open(identifier: str) -> Release:
    return releases.open_release(_folder(), identifier)


def _current() -> str:
    return releases.open_current(_folder()).id


def _history() -> list[dict[str, Any]]:
    """Give the history, without the names of tokens."""
    return [{key: value for key, value in entry.items() if key != "by"} for entry in releases.history(_folder())]


def _listed() -> list[dict[str, Any]]:
    """Give the releases that are there, the one that became current last first."""
    lately = {entry["release"]: number for number, entry in enumerate(_history())}
    found = sorted(releases.releases_of(_folder()), key=lambda one: (lately.get(one.id, -1), one.id), reverse=True)
    return [{**_facts(one), "became_current": [e["at"] for e in _history() if e["release"] == one.id]} for one in found]


def _facts(release: Release) -> dict[str, Any]:
    facts = {name: release.manifest.get(name) for name in ("id", "version", "issued", "quads")}
    return {**facts, "written": release.written, "url": url_for(".show", identifier=release.id, _external=True)}


def _before(identifier: str) -> str:
    """Give the release that was current before this one first became it, and still is there; empty if none is."""
    there = {one.id for one in releases.releases_of(_folder())}
    before = ""
    for entry in _history():
        if entry["release"] == identifier:
            break
        before = entry["release"] if entry["release"] in there else before
    return before


def _diff(other: str, release: Release) -> Diff:
    return _compared(str(_folder() / _open(other).id), str(release.path))


@lru_cache(maxsize=32)
def _compared(before: str, after: str) -> Diff:
    """Compare two releases in a query worker: it reads both whole."""
    return get_service().run(releases.diff_of, before, after)


def _cite(release: Release, query: str = "") -> releases.Citation:
    asked_day()
    return releases.cite(release, query, request.url_root, parameter())


def _either(found: Mapping[str, Any], template: str, shown: Mapping[str, Any]) -> Response:
    """Answer as JSON or as a page, as the client asks."""
    chosen = DOCUMENT[one_of(request.accept_mimetypes, None, DOCUMENT)]
    body = render_template(template, **shown) if chosen == HTML else json.dumps(found, ensure_ascii=False) + "\n"
    return _checked(Response(body, content_type=f"{chosen}; charset=utf-8" if chosen == HTML else chosen))


def _checked(response: Response) -> Response:
    """Let a response be kept, but asked for each time: what there is changes without the current release."""
    response.vary.add("Accept")
    response.cache_control.no_cache = True
    response.set_etag(hashlib.sha256(program().encode() + response.get_data()).hexdigest()[:24], weak=True)
    response.make_conditional(request)
    return response
