"""Releases: immutable, checksummed directories; the only thing that passes from the pipeline to the web.

    releases/current → 2026.11.0-1f0c…/     switched by one rename
    releases/history.jsonl                  which release became current when, and by what
    releases/2026.11.0-1f0c…/
        dumps/pactgraph.{nq,trig,ttl,jsonld}.gz, ontology.ttl, shapes.ttl, links/*.sssom.tsv
        reports/{shacl,reasoning}.json, shacl.ttl
        void.ttl        VoID and DCAT description; examples.ttl: example queries
        manifest.json   id, version, counts, sha256 of every file above
        store/          the same quads as an index for the embedded engine: derived, so not in the manifest

A release is built aside, written through to disk and renamed; the same input gives the same bytes, store/ excepted.
"""

from __future__ import annotations

from pactgraph.release.diff import Diff, diff
from pactgraph.release.manage import backup, history, prune, releases_of, restore, rollback, verify
from pactgraph.release.model import CURRENT, Content, Release, open_current, open_release
from pactgraph.release.write import dumps, publish

__all__ = [
    "CURRENT",
    "Content",
    "Diff",
    "Release",
    "backup",
    "diff",
    "dumps",
    "history",
    "open_current",
    "open_release",
    "prune",
    "publish",
    "releases_of",
    "restore",
    "rollback",
    "verify",
]
