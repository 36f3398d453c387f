"""Joining: what each source looked at, which records of several sources are about one thing, and where they disagree."""

from __future__ import annotations

from pactgraph.joining.join import STEPS, Joined, join

__all__ = ["STEPS", "Joined", "join"]
