"""The one tree of errors. Each names what is wrong, where, and what to do; `web.errors` and `cli` turn them into answers.

PactgraphError
├── BadInput         unusable input: a file, a date, an argument            400, exit 2
├── DataInvalid      data that was read but does not conform               422, exit 1
├── ReasonerFailed   a reasoner that cannot read what it was given         500, exit 2
├── NoRelease        nothing to serve                                      503, exit 2
├── QuerySyntax      a query that does not parse                           400
├── QueryRefused     a query that asks for what this server does not do    403
├── QueryImpossible  a query that parses but cannot be carried out         422
├── QueryTimeout     a query that was ended at its time limit              504
├── ResultTooLarge   an answer past the row or byte cap                    413
├── QueryMemory      a query that needed more memory than it may have      507
├── QueryFailed      a query whose worker died                             500
├── TooLong          a query longer than a query may be                    413
├── Busy             too many queries wait; ask again later                503
├── OverBudget       a client that used its share of query time            429
├── ValidationTimeout  a validation that was ended at its time limit       504
├── DataTooLarge     data that needed more memory than a validation may    413
├── ValidationFailed a validation that could not be carried out            500
├── Unauthorised     a write without the token                             401
├── ReadOnly         a write to a server that changes nothing              403
├── NotAcceptable    no format that the client accepts                     406
├── UnsupportedMedia a request body in a format that is not read           415
└── NotFound         no such thing                                         404
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class PactgraphError(Exception):
    """Anything that Pactgraph says no to. `status` is the HTTP status, `exit_code` the command line's."""

    status = 500
    exit_code = 2
    title = "Internal error"

    def __init__(self, detail: str, **extra: Any) -> None:
        """Take one sentence for the reader, and members for problem+json (RFC 9457)."""
        super().__init__(detail)
        self.detail = detail
        self.extra = extra


@dataclass(frozen=True, order=True)
class Finding:
    """One thing wrong (or worth a look) in the data, with the place that caused it where it is known."""

    severity: str
    message: str
    file: str = ""
    line: int = 0
    column: int = 0
    focus: str = ""
    path: str = ""
    value: str = ""
    shape: str = ""

    def __str__(self) -> str:
        """Give `file:line:column: severity: message (focus)`, as editors parse it."""
        place = f"{self.file}:{self.line}:{self.column}: " if self.file else ""
        about = f" ({self.focus})" if self.focus and not self.file else ""
        return f"{place}{self.severity.lower()}: {self.message}{about}"


class BadInput(PactgraphError):
    """Input that cannot be used, with its place: one line `file:line:column: what is wrong; what to do`."""

    status = 400
    title = "Unusable input"

    def __init__(self, detail: str, *, file: str = "", line: int = 0, column: int = 0, hint: str = "") -> None:
        """Take the fault, its place (lines and columns count from 1) and what to do about it."""
        place = f"{file}:{line}:{column}: " if file and line else f"{file}: " if file else ""
        place = place or (f"line {line}, column {column}: " if line else "")
        known = {"line": line, "column": column} if line else {}
        super().__init__(f"{place}{detail}" + (f"; {hint}" if hint else ""), **known)
        self.fault, self.file, self.line, self.column, self.hint = detail, file, line, column, hint


class DataInvalid(PactgraphError):
    """Data with violations; nothing was published."""

    status = 422
    exit_code = 1
    title = "Data does not conform"

    def __init__(self, findings: Sequence[Finding]) -> None:
        """Take every finding; at least one is a violation."""
        count = sum(f.severity == "Violation" for f in findings)
        super().__init__(f"{count} violation{'s' if count != 1 else ''}; nothing was published")
        self.findings = list(findings)


class ReasonerFailed(PactgraphError):
    """A reasoner that cannot read what it was given."""

    title = "Reasoner failed"


class NoRelease(PactgraphError):
    """There is no release to serve or read."""

    status = 503
    title = "No release"


class QuerySyntax(PactgraphError):
    """A query that does not parse; extra members: line, column (from 1), excerpt with a caret."""

    status = 400
    title = "Query syntax error"


class QueryRefused(PactgraphError):
    """A query that parses but asks for what this server does not do (SERVICE, for one)."""

    status = 403
    title = "Query refused"


class QueryImpossible(PactgraphError):
    """A query or update that parses but cannot be carried out: an unknown function, a graph that is not there."""

    status = 422
    title = "Cannot be carried out"


class QueryTimeout(PactgraphError):
    """A query that was ended at its time limit."""

    status = 504
    title = "Query timed out"


class ResultTooLarge(PactgraphError):
    """An answer past the cap; never a cut answer."""

    status = 413
    title = "Result too large"


class QueryMemory(PactgraphError):
    """A query that was ended because it needed more memory than a query may have."""

    status = 507
    title = "Query needs too much memory"


class TooLong(PactgraphError):
    """A query whose text is longer than a query may be."""

    status = 413
    title = "Query too long"


class Later(PactgraphError):
    """A refusal for now: `retry_after` says in how many seconds the client may ask again."""

    def __init__(self, detail: str, *, retry_after: int = 1) -> None:
        """Take one sentence for the reader, and the seconds to wait."""
        super().__init__(detail, retryAfter=retry_after)
        self.retry_after = retry_after


class Busy(Later):
    """A query that found the queue full, or waited longer than a query may."""

    status = 503
    title = "Too busy"


class OverBudget(Later):
    """A client that used more query time than its share."""

    status = 429
    title = "Too much query time"


class QueryFailed(PactgraphError):
    """A query whose worker died."""

    status = 500
    title = "Query failed"


class ValidationTimeout(PactgraphError):
    """A validation that was ended at its time limit."""

    status = 504
    title = "Validation timed out"


class DataTooLarge(PactgraphError):
    """Data that needed more memory than a validation may have."""

    status = 413
    title = "Data too large"


class ValidationFailed(PactgraphError):
    """A validation that could not be carried out."""

    title = "Validation failed"


class Unauthorised(PactgraphError):
    """A write without the token, or with another one."""

    status = 401
    title = "Unauthorised"


class ReadOnly(PactgraphError):
    """A write to a server that changes nothing."""

    status = 403
    title = "Read-only"


class NotAcceptable(PactgraphError):
    """None of the formats that the client accepts is available."""

    status = 406
    title = "Not acceptable"


class UnsupportedMedia(PactgraphError):
    """A request body in a format that is not read here."""

    status = 415
    title = "Unsupported media type"


class NotFound(PactgraphError):
    """No such entity, page or file."""

    status = 404
    title = "Not found"
