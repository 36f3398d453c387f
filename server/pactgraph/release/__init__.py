"""Releases: immutable, checksummed directories; the only thing that passes from the pipeline to the web.

    releases/current → 2026.11.0-1f0c…/     switched by one rename
    releases/history.jsonl                  which release became current when, and by what
    releases/tokens.json                    who may write (hashes)
    releases/2026.11.0-1f0c…/
        dumps/pactgraph.{nq,trig,ttl,jsonld}.gz, ontology.ttl, shapes.ttl, links/*.sssom.tsv
        rules/*/*.rq    the rules that inferred, stratum by stratum; turned.json: the same, read for explaining
        reports/{shacl,reasoning}.json, shacl.ttl
        local/reports/  the reports with what may not be handed on, for whoever built it: never served
        void.ttl        VoID and DCAT description; examples.ttl: example queries
        manifest.json   id, version, counts, sha256 of every file above
        store/          the same quads as an index for the embedded engine: derived, so not in the manifest

A release is built aside, written through to disk and renamed; the same input gives the same bytes, store/ excepted.
"""

from __future__ import annotations

from pactgraph.release.changes import Action, Change, Changed, Writer
from pactgraph.release.cite import Citation, cite
from pactgraph.release.diff import Diff, diff, diff_of
from pactgraph.release.held import HeldRelease, open_held
from pactgraph.release.manage import backup, history, mend, prune, releases_of, remove, restore, rollback, verify
from pactgraph.release.model import CURRENT, LOCAL, Content, Release, open_current, open_release
from pactgraph.release.tokens import SCOPES, Token, add_token, holder, remove_token, tokens_of
from pactgraph.release.upload import Published, parts, publish_to, withheld
from pactgraph.release.write import DUMPED, aside, current_if_any, dumps, publish, put, quads_of, writing
from pactgraph.store.engines import AUTO, target

__all__ = [
    "AUTO",
    "CURRENT",
    "DUMPED",
    "LOCAL",
    "SCOPES",
    "Action",
    "Change",
    "Changed",
    "Citation",
    "Content",
    "Diff",
    "HeldRelease",
    "Published",
    "Release",
    "Token",
    "Writer",
    "add_token",
    "aside",
    "backup",
    "cite",
    "current_if_any",
    "diff",
    "diff_of",
    "dumps",
    "history",
    "holder",
    "mend",
    "open_current",
    "open_held",
    "open_release",
    "parts",
    "prune",
    "publish",
    "publish_to",
    "put",
    "quads_of",
    "releases_of",
    "remove",
    "remove_token",
    "restore",
    "rollback",
    "target",
    "tokens_of",
    "verify",
    "withheld",
    "writing",
]
