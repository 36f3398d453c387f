"""The one tree of errors. Each names what is wrong, where, and what to do; `web.errors` and `cli` turn them into answers.

PactgraphError
├── BadInput         unusable input: a file, a date, an argument            400, exit 2
├── DataInvalid      data that was read but does not conform               422, exit 1
├── ReasonerFailed   a reasoner that cannot read what it was given         500, exit 2
├── NoRelease        nothing to serve                                      503, exit 2
├── Damaged          a release that cannot be read as it was written       503, exit 2
├── QuerySyntax      a query that does not parse                           400
├── QueryRefused     a query that asks for what this server does not do    403
├── QueryImpossible  a query that parses but cannot be carried out         422
├── QueryTimeout     a query that was ended at its time limit              504
├── ResultTooLarge   an answer past the row or byte cap                    413
├── QueryMemory      a query that needed more memory than it may have      507
├── QueryFailed      a query whose worker died                             500
├── RemoteFailed     another server that cannot be asked, or fails         502
├── RemoteTimeout    another server that does not answer in time           504
├── TooLong          a query longer than a query may be                    413
├── Busy             too many queries wait; ask again later                503
├── OverBudget       a client that used its share of query time            429
├── RemoteDown       an engine that cannot be reached                      503
├── ReleaseMoved     a release that changed while it was asked             503
├── ValidationTimeout  a validation that was ended at its time limit       504
├── DataTooLarge     data that needed more memory than a validation may    413
├── ValidationFailed a validation that could not be carried out            500
├── Unauthorised     a write without a token that is known                 401
├── Forbidden        a write with a token that does not allow it           403
├── ReadOnly         a write to what does not change                       403
├── Conflict         a change that does not go with how things are         409
├── NotMatched       a write to another release than the client means      412
├── WriteUnknown     a write whose process ended before it answered        504
├── NotWritten       a folder that cannot be written to, or is full        503, 507, exit 2
├── Moved            graphs that were written to while a release was made  503
├── NotAcceptable    no format that the client accepts                     406
├── UnsupportedMedia a request body in a format that is not read           415
├── NotFound         no such thing                                         404
└── Gone             a release that was there, and was removed             410
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
        place = f"{self.file}:{self.line}:{self.column}: " if self.line else f"{self.file}: " if self.file else ""
        about = f" ({self.focus})" if self.focus and not self.line else ""
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


class Damaged(NoRelease):
    """A release that is there, and cannot be read as it was written."""

    title = "Damaged release"


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


class RemoteDown(Later):
    """The engine that holds the release cannot be reached, or takes no requests now."""

    status = 503
    title = "Store not available"


class ReleaseMoved(Later):
    """An engine that moved to another release, or is moving, while it was asked; the answer was thrown away."""

    status = 503
    title = "A release is being published"


class QueryFailed(PactgraphError):
    """A query whose worker died."""

    status = 500
    title = "Query failed"


class RemoteFailed(PactgraphError):
    """Another server that is not to be asked, cannot be asked, or answers with an error; never with what it wrote."""

    status = 502
    title = "Another server failed"


class RemoteTimeout(RemoteFailed):
    """Another server that does not answer in time."""

    status = 504
    title = "Another server timed out"


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


class WriteRefused(DataInvalid):
    """A write after which the data would not conform. `report` is the SHACL report, as N-Triples."""

    def __init__(self, findings: Sequence[Finding], report: bytes) -> None:
        """Take every finding, and the report."""
        super().__init__(findings)
        self.detail = self.detail.replace("published", "changed")
        self.report = report


class Unauthorised(PactgraphError):
    """A write without a token, or with one that is not known. `fault` is the error code of RFC 6750, if a token was sent."""

    status = 401
    title = "Unauthorised"

    def __init__(self, detail: str, fault: str = "") -> None:
        """Take one sentence for the reader, and the code."""
        super().__init__(detail)
        self.fault = fault


class Forbidden(PactgraphError):
    """A write with a token that does not allow it: `scope` is what it lacks."""

    status = 403
    title = "Forbidden"

    def __init__(self, detail: str, scope: str) -> None:
        """Take one sentence for the reader, and the scope."""
        super().__init__(detail, scope=scope)
        self.scope = scope


class Conflict(PactgraphError):
    """A change that does not go with how things are: the removal of the current release."""

    status = 409
    title = "Conflict"


class NotMatched(PactgraphError):
    """A write that is meant for another release than the current one (If-Match); extra member: release."""

    status = 412
    title = "Another release is current"


class WriteUnknown(PactgraphError):
    """A write whose process ended before it answered: it has happened whole, or not at all."""

    status = 504
    title = "Write ended"


class NotWritten(PactgraphError):
    """A folder of releases that cannot be written to (503), or has no room (507); nothing was changed."""

    status = 503
    title = "Cannot be written"

    def __init__(self, detail: str, *, full: bool = False) -> None:
        """Take one sentence for the reader, and whether room is what lacks."""
        super().__init__(detail)
        if full:
            self.status = 507


class Moved(PactgraphError):
    """Graphs of the current release were written to while another release was made from it."""

    status = 503
    title = "Written to meanwhile"


class ReadOnly(PactgraphError):
    """A write to what does not change: a server without tokens, a graph that is made from files."""

    status = 403
    title = "Read-only"


class NotHandedOn(PactgraphError):
    """A source that this server may not hand on."""

    status = 403
    title = "Not handed on"


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


class Gone(NotFound):
    """A release that was there, and was removed."""

    status = 410
    title = "Gone"
