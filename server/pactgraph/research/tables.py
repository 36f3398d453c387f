"""The tables that Pactgraph makes of its joined graph.

They are made of any of the sources, or of all together: two records of one pact count as one pact (by the links between
sources), an obligation is there if any source has it, and the sources of a row stand in it.
"""

from __future__ import annotations

from pactgraph.research import dyads, leaders, pacts
from pactgraph.research.layout import Table

TABLES: dict[str, Table] = pacts.TABLES | dyads.TABLES | leaders.TABLES
