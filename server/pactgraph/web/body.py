"""What a request carries: parameters and text in UTF-8, and RDF in the formats that are read here."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage, MIMEPart
from email.policy import HTTP
from pathlib import PurePosixPath
from urllib.parse import parse_qsl

from flask import request
from pyoxigraph import RdfFormat
from werkzeug.datastructures import MultiDict

from pactgraph.errors import BadInput, UnsupportedMedia
from pactgraph.store.reading import UNSAID, ntriples_of
from pactgraph.web import get_service

FORM = "application/x-www-form-urlencoded"
_MOST_PARAMETERS = 1000


def parameters(*, form: bool = False) -> MultiDict[str, str]:
    """Give the parameters of the address, and with `form` those of the body too. Raises BadInput where they are not UTF-8."""
    sent = request.query_string
    if form:
        _check_charset(request.mimetype_params.get("charset"))
        sent += b"&" + request.get_data()
    try:
        pairs = parse_qsl(sent.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS)
    except UnicodeDecodeError as error:
        raise BadInput(f"the parameters are not UTF-8: {error.reason}") from None
    except ValueError:
        raise BadInput(f"a request has {_MOST_PARAMETERS:,} parameters at most") from None
    return MultiDict(pairs)


def text_of_body() -> str:
    """Give the body as text. Raises BadInput where it is not UTF-8."""
    _check_charset(request.mimetype_params.get("charset"))
    try:
        return request.get_data().decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"the body is not UTF-8: {error.reason} at byte {error.start}") from None


def rdf_of_body(base: str) -> bytes:
    """Give the RDF of the body as N-Triples; of a multipart body, the merge of its parts. Raises BadInput, UnsupportedMedia."""
    if request.mimetype != "multipart/form-data":
        _check_charset(request.mimetype_params.get("charset"))
        return get_service().run(ntriples_of, request.get_data(), request.mimetype or UNSAID, base)
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    parts = list(message_from_bytes(head + request.get_data(), EmailMessage, policy=HTTP).iter_parts())
    if not parts:
        raise BadInput("the multipart body has no documents")
    return b"".join(_rdf_of_part(part, base) for part in parts)


def _rdf_of_part(part: MIMEPart, base: str) -> bytes:
    _check_charset(part.get_content_charset())
    data = part.get_payload(decode=True)
    return get_service().run(ntriples_of, data if isinstance(data, bytes) else b"", _type_of_part(part), base)


def _type_of_part(part: MIMEPart) -> str:
    """Give the media type of a part: the one that it states, or else that of its file name (section 5.5)."""
    if part["Content-Type"] and part.get_content_type() != "application/octet-stream":
        return part.get_content_type()
    name = part.get_filename() or part.get_param("name", "", "Content-Disposition")
    form = RdfFormat.from_extension(PurePosixPath(str(name)).suffix.removeprefix("."))
    return form.media_type if form else UNSAID


def _check_charset(charset: str | None) -> None:
    if charset and charset.lower() not in ("utf-8", "utf8", "us-ascii"):
        raise UnsupportedMedia(f"the charset {charset!r} is not read here; send UTF-8")
