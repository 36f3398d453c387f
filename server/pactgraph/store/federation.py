"""SERVICE, where the operator allows it: each clause is asked first, and its answer takes its place as VALUES.

So the engine is never given a SERVICE clause; its own client has no time limit, follows redirects and hands error bodies on.
What a clause means is the same: the other server evaluates its pattern by itself, and the answer is joined with the rest
(https://www.w3.org/TR/sparql11-federated-query/#defn_EvalService). Blank nodes of an answer become IRIs, since VALUES has none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from urllib.parse import urlencode

from pyoxigraph import BlankNode, QueryResultsFormat, QuerySolutions, parse_query_results

from pactgraph.errors import QueryRefused, RemoteFailed
from pactgraph.net import Door
from pactgraph.store.answers import RESULTS
from pactgraph.store.guard import Clause, clauses, names_service, prologue

_MOST = 8
_HEADERS = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Accept": f"{RESULTS['json']}, {RESULTS['xml']};q=0.5",
}
_GENID = "https://w3id.org/.well-known/genid/pactgraph/"


class Federation:
    """Asks the servers on the operator's list, each within a time and a size."""

    def __init__(self, door: Door, seconds: float, most: int) -> None:
        """Take the door to them, the seconds that each may take, and the bytes that an answer may have."""
        self._door, self._seconds, self._most = door, seconds, most

    def answered(self, text: str, base: str | None) -> str:
        """Give a query with the answers in place of its SERVICE clauses.

        Nobody is asked before all are found to be allowed. Raises QuerySyntax, QueryRefused, RemoteFailed, RemoteTimeout.
        """
        if not names_service(text):
            return text
        found = list(clauses(text, base))
        self._check(found)
        start = (f"BASE <{base}> " if base else "") + prologue(text)
        answers: dict[tuple[str, str, bool], str] = {}
        written, last = [], 0
        for clause in found:
            key = (clause.endpoint, clause.pattern, clause.silent)
            if key not in answers:
                answers[key] = self._ask(clause, start)
            written += [text[last : clause.start], answers[key]]
            last = clause.end
        return "".join([*written, text[last:]])

    def _check(self, found: list[Clause]) -> None:
        if len(found) > _MOST:
            raise QueryRefused(f"a query asks {_MOST} other servers at most; this one has {len(found)} SERVICE clauses")
        for clause in found:
            if not self._door.permits(clause.endpoint):
                allowed = ", ".join(self._door.prefixes)
                raise QueryRefused(f"SERVICE <{clause.endpoint}> is not available here; this server may ask {allowed}")

    def _ask(self, clause: Clause, start: str) -> str:
        query = f"{start} SELECT * {clause.pattern}"
        try:
            return self._values(clause.endpoint, query)
        except RemoteFailed:
            if clause.silent:  # one solution that binds nothing
                return "{ VALUES () { () } }"
            raise

    def _values(self, endpoint: str, query: str) -> str:
        """Ask a server; give its solutions as VALUES. Raises RemoteFailed for an answer that is no table."""
        body = urlencode({"query": query}).encode()
        reply = self._door.post(endpoint, body, _HEADERS, seconds=self._seconds, most=self._most)
        form = QueryResultsFormat.from_media_type(reply.media_type)
        try:
            solutions = parse_query_results(reply.body, form) if form else None
            if not isinstance(solutions, QuerySolutions):
                raise RemoteFailed(f"<{endpoint}> answered with {reply.media_type}, not with a table of results")
            names = " ".join(f"?{variable.value}" for variable in solutions.variables)
            rows = "\n".join(_rows(solutions, hashlib.sha256(f"{endpoint} {query}".encode()).hexdigest()[:16]))
        except (SyntaxError, ValueError, OSError):
            raise RemoteFailed(f"<{endpoint}> answered with a table of results that cannot be read") from None
        return f"{{ VALUES ({names}) {{ {rows} }} }}"


def _rows(solutions: QuerySolutions, scope: str) -> Iterator[str]:
    for solution in solutions:
        yield "(" + " ".join(_term(value, scope) for value in solution) + ")"


def _term(value: object, scope: str) -> str:
    if isinstance(value, BlankNode):
        return f"<{_GENID}{scope}/{value.value}>"
    return "UNDEF" if value is None else str(value)
