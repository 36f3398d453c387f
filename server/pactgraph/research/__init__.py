"""What researchers take home: tables in the forms that their field uses, made from a release."""

from __future__ import annotations

from pactgraph.research.export import NAMES, NETWORK, Plan, Request, plan, the_day, write, write_file
from pactgraph.research.formats import FORMATS, MEDIA_TYPES

__all__ = ["FORMATS", "MEDIA_TYPES", "NAMES", "NETWORK", "Plan", "Request", "plan", "the_day", "write", "write_file"]
