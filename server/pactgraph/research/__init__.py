"""What researchers take home: tables in the forms that their field uses, made from a release."""

from __future__ import annotations

from pactgraph.research.export import TABLES, export

__all__ = ["TABLES", "export"]
