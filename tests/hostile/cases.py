"""Hostile queries and requests, as data: a name, what is sent, and the outcomes that are acceptable."""

from __future__ import annotations

from dataclasses import dataclass

# A query that a limit ends: time (504), size (413), memory (507).
ENDED = frozenset({413, 504, 507})
# One that the engine may also be clever enough to answer.
ANY = ENDED | {200}
# Refused before it is evaluated.
REFUSED = frozenset({400, 403, 413, 422})


@dataclass(frozen=True)
class Hostile:
    """A query, sent by POST; `accept` is its Accept header."""

    name: str
    query: str
    outcomes: frozenset[int]
    accept: str = "*/*"


@dataclass(frozen=True)
class Raw:
    """A request as bytes on the wire. An outcome of 0 is a connection closed without an answer."""

    name: str
    sent: bytes
    outcomes: frozenset[int]


ALL = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"
TWO = "?a ?b ?c . ?d ?e ?f"
RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
_DIGITS = "VALUES ?x0 { 0 1 2 3 4 5 6 7 8 9 }"


def _times(pattern: str, count: int) -> str:
    return " ".join(pattern.replace("#", str(number)) for number in range(count))


def _doubled(times: int) -> str:
    steps = " ".join(f"BIND(CONCAT(?s{n}, ?s{n}) AS ?s{n + 1})" for n in range(times))
    return f'SELECT (STRLEN(?s{times}) AS ?n) {{ BIND("aaaaaaaaaaaaaaaa" AS ?s0) {steps} }}'


def _numbers(count: int) -> str:
    """Give a pattern with 10 to the power of `count` solutions."""
    return " ".join(f"VALUES ?x{n} {{ 0 1 2 3 4 5 6 7 8 9 }}" for n in range(count))


CROSS = [
    Hostile("cross product, selected", f"SELECT * {{ {ALL} }}", ENDED),
    Hostile("cross product, counted", f"SELECT (COUNT(*) AS ?n) {{ {ALL} }}", ENDED),
    Hostile("cross product, counted distinct", f"SELECT (COUNT(DISTINCT *) AS ?n) {{ {ALL} }}", ENDED),
    Hostile("cross product, distinct", f"SELECT DISTINCT ?a ?d ?g {{ {ALL} }}", ENDED),
    Hostile("cross product, reduced", f"SELECT REDUCED ?c {{ {ALL} }}", ENDED),
    Hostile(
        "cross product, optional", "SELECT (COUNT(*) AS ?n) { ?a ?b ?c OPTIONAL { ?d ?e ?f } OPTIONAL { ?g ?h ?i } }", ENDED
    ),
    Hostile("cross product, minus", f"SELECT (COUNT(*) AS ?n) {{ {TWO} MINUS {{ ?a ?e ?c }} }}", ENDED),
    Hostile("cross product, exists", f"SELECT (COUNT(*) AS ?n) {{ {TWO} FILTER EXISTS {{ ?g ?h ?f . ?g ?b ?a }} }}", ENDED),
    Hostile(
        "cross product, not exists", f"SELECT (COUNT(*) AS ?n) {{ {TWO} FILTER NOT EXISTS {{ ?c ?f ?d . ?d ?f ?c }} }}", ENDED
    ),
    Hostile(
        "cross product, subselect", f"SELECT (MAX(?n) AS ?m) {{ {{ SELECT (COUNT(*) AS ?n) {{ {ALL} }} GROUP BY ?a }} }}", ENDED
    ),
    Hostile("cross product, union", f"SELECT (COUNT(*) AS ?n) {{ {{ {TWO} }} UNION {{ {ALL} }} }}", ENDED),
    Hostile("cross product, ordered", f"SELECT * {{ {ALL} }} ORDER BY DESC(?c) ?f ?i LIMIT 1", ENDED),
    Hostile("cross product, grouped", f"SELECT ?a ?d (COUNT(*) AS ?n) {{ {ALL} }} GROUP BY ?a ?d", ENDED),
    Hostile("cross product, having", f"SELECT ?b {{ {ALL} }} GROUP BY ?b HAVING (COUNT(*) < 0)", ENDED),
    Hostile("cross product, offset", f"SELECT * {{ {ALL} }} OFFSET 100000000000 LIMIT 1", ENDED),
    Hostile("cross product, ask", f'ASK {{ {ALL} FILTER(STR(?a) = "no such thing" && STR(?i) = ?c) }}', ANY),
    Hostile("cross product, constructed", "CONSTRUCT { ?a ?e ?i } { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", ENDED),
    Hostile("cross product, described", f"DESCRIBE ?a ?d ?g {{ {ALL} }}", ENDED),
    Hostile(
        "cross product, graphs",
        "SELECT (COUNT(*) AS ?n) { GRAPH ?x { ?a ?b ?c } GRAPH ?y { ?d ?e ?f } GRAPH ?z { ?g ?h ?i } }",
        ENDED,
    ),
    Hostile("cross product, filtered late", f"SELECT * {{ {ALL} FILTER(?a != ?a) }}", ANY),
    Hostile("cross product, in CSV", f"SELECT * {{ {ALL} }}", ENDED, "text/csv"),
    Hostile("cross product, in XML", f"SELECT * {{ {ALL} }}", ENDED, "application/sparql-results+xml"),
    Hostile("everything, five times", "SELECT (COUNT(*) AS ?n) { " + _times("?s# ?p# ?o# .", 5) + " }", ENDED),
]
PATHS = [
    Hostile("path: any, any depth", "SELECT (COUNT(*) AS ?n) { ?a (<x:no>|!<x:no>)* ?b }", ENDED),
    Hostile("path: star of star", "SELECT (COUNT(*) AS ?n) { ?a ((!<x:no>)*)* ?b }", ENDED),
    Hostile("path: stars in sequence", "SELECT (COUNT(*) AS ?n) { ?a (!<x:a>)*/(!<x:b>)*/(!<x:c>)* ?b }", ENDED),
    Hostile("path: nested inverse", "SELECT (COUNT(*) AS ?n) { ?a (^(^(^(!<x:no>)+)+)+)+ ?b }", ENDED),
    Hostile(
        "path: both ways",
        "SELECT (COUNT(*) AS ?n) { ?a (!<x:no>|^!<x:no>)+ ?b . ?b (!<x:no>|^!<x:no>)+ ?c }".replace("^!<x:no>", "!^<x:no>"),
        ENDED,
    ),
    Hostile(
        "path: long alternative",
        "ASK { ?a (" + "|".join(f"<x:p{n}>" for n in range(5000)) + ")* ?b . FILTER(?a = ?b && !BOUND(?a)) }",
        ANY | {400},
    ),
    Hostile("path: long sequence", "SELECT (COUNT(*) AS ?n) { ?a " + "/".join(["!<x:no>"] * 40) + " ?b }", ANY),
    Hostile("path: many optional steps", "SELECT (COUNT(*) AS ?n) { ?a " + "/".join(["(!<x:no>)?"] * 12) + " ?b }", ENDED),
]
SIZES = [
    Hostile("values: huge", "SELECT (COUNT(*) AS ?n) { VALUES ?x { " + "1 " * 100_000 + "} VALUES ?y { 1 2 3 } }", ANY),
    Hostile("values: multiplied", f"SELECT (COUNT(*) AS ?n) {{ {_numbers(10)} }}", ENDED),
    Hostile("values: past the length", "SELECT * { VALUES ?x { " + "1 " * 200_000 + "} }", frozenset({413})),
    Hostile("regex: backtracking", 'ASK { FILTER(REGEX("' + "a" * 40 + 'b", "(a+)+$")) }', frozenset({200, 422})),
    Hostile("regex: counted", 'ASK { FILTER(REGEX("a", "((a{1,1000}){1,1000}){1,1000}")) }', ANY | {422}),
    Hostile(
        "regex: over everything",
        f'SELECT (COUNT(*) AS ?n) {{ {TWO} FILTER(REGEX(CONCAT(STR(?c), STR(?f)), "(.*)*x(.*)*y")) }}',
        ENDED,
    ),
    Hostile(
        "replace: grows",
        'SELECT (STRLEN(?z) AS ?n) { BIND("'
        + "a" * 200
        + '" AS ?s) '
        + "BIND(REPLACE(?s, 'a', ?s) AS ?t) BIND(REPLACE(?t, 'a', ?s) AS ?u) BIND(REPLACE(?u, 'a', ?s) AS ?v) "
        + "BIND(REPLACE(?v, 'a', ?s) AS ?z) }",
        ANY,
    ),
    Hostile("string: doubled", _doubled(40), ANY),
    Hostile("string: doubled, and answered", _doubled(21).replace("(STRLEN(?s21) AS ?n)", "?s21"), ENDED),
    Hostile(
        "string: encoded again and again",
        "SELECT (STRLEN(?s9) AS ?n) { BIND('"
        + "é" * 9000
        + "' AS ?s0) "
        + " ".join(f"BIND(ENCODE_FOR_URI(CONCAT(?s{n},?s{n},?s{n})) AS ?s{n + 1})" for n in range(9))
        + " }",
        ANY,
    ),
    Hostile("group_concat: everything", f"SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?f))) AS ?n) {{ {TWO} }}", ENDED),
    Hostile("group_concat: distinct", f"SELECT (GROUP_CONCAT(DISTINCT CONCAT(STR(?a), STR(?f))) AS ?n) {{ {TWO} }}", ENDED),
    Hostile(
        "sort: millions of rows",
        f"SELECT ?x {{ {_numbers(7)} BIND(CONCAT(STR(?x0), STR(?x6), SHA512(STR(?x3))) AS ?x) }} ORDER BY ?x",
        ENDED,
    ),
    Hostile("sort: by random", f"SELECT ?a {{ {TWO} }} ORDER BY RAND() LIMIT 1", ENDED),
    Hostile("distinct: millions of rows", f"SELECT DISTINCT ?x {{ {_numbers(8)} BIND(STRUUID() AS ?x) }}", ENDED),
    Hostile(
        "group: millions of groups", f"SELECT ?x (COUNT(*) AS ?n) {{ {_numbers(8)} BIND(UUID() AS ?x) }} GROUP BY ?x", ENDED
    ),
    Hostile(
        "hash: over and over",
        "SELECT (COUNT(?h) AS ?n) { " + _numbers(7) + " BIND(SHA512(SHA384(SHA512(STR(?x0)))) AS ?h) }",
        ENDED,
    ),
    Hostile(
        "dates: many",
        "SELECT (MAX(?d) AS ?n) { "
        + _numbers(7)
        + ' BIND(<http://www.w3.org/2001/XMLSchema#dateTime>("2024-01-01T00:00:00Z") AS ?d) }',
        ANY | {400},
    ),
    Hostile("answer: everything, as JSON-LD", "CONSTRUCT { ?a ?e ?c } { ?a ?b ?c . ?d ?e ?f }", ENDED, "application/ld+json"),
    Hostile("answer: everything, as RDF/XML", "CONSTRUCT { ?a ?e ?c } { ?a ?b ?c . ?d ?e ?f }", ENDED, "application/rdf+xml"),
    Hostile(
        "bind: chain with cross product",
        f"SELECT (SUM(?n) AS ?m) {{ {ALL} BIND(STRLEN(STR(?a)) + STRLEN(STR(?i)) AS ?n) }}",
        ENDED,
    ),
]
DEEP = [
    Hostile("deep: 10,000 braces", "SELECT * " + "{" * 10_000 + "}" * 10_000, REFUSED),
    Hostile("deep: 10,000 open braces", "SELECT * " + "{" * 10_000, REFUSED),
    Hostile("deep: 10,000 parentheses", "ASK { FILTER" + "(" * 10_000 + "1" + ")" * 10_000 + " }", REFUSED),
    Hostile("deep: 10,000 open parentheses", "ASK { FILTER" + "(" * 10_000, REFUSED),
    Hostile("deep: 10,000 square brackets", "ASK { ?s ?p " + "[ ?p " * 10_000 + "1" + "]" * 10_000 + " }", REFUSED),
    Hostile("deep: hidden by a comment", "ASK { # )\n FILTER" + "(# )\n" * 5_000 + "1" + ")" * 5_000 + " }", REFUSED),
    Hostile("deep: hidden by strings", "ASK { FILTER" + "((')'=" * 2_000 + "1" + "))" * 2_000 + " }", REFUSED),
    Hostile("deep: hidden by IRIs", "ASK { FILTER" + "(?a<(1)||" * 2_000 + "1" + ")" * 2_000 + " }", REFUSED),
    Hostile("deep: nested filters", "ASK " + "{ FILTER EXISTS " * 5_000 + "{}" + "}" * 5_000, REFUSED),
    Hostile("deep: nested optionals", "ASK { " + "OPTIONAL { ?s ?p ?o " * 3_000 + "}" * 3_000 + "}", REFUSED),
    Hostile("deep: nested subselects", "SELECT * " + "{ SELECT * " * 3_000 + "{}" + "}" * 3_000, REFUSED),
    Hostile("deep: lists of lists", "ASK { ?s ?p " + "(" * 150 + "1" + ")" * 150 + " }", ANY),
    Hostile("long: 100,000 negations", "ASK { FILTER(" + "!" * 100_000 + "true) }", ANY | {400}),
    Hostile("long: 50,000 additions", "ASK { FILTER(1" + "+1" * 50_000 + " > 1) }", ANY | {400}),
    Hostile("long: 10,000 unions", "ASK { {}" + " UNION {}" * 10_000 + " FILTER(false) }", ANY | {400}),
    Hostile("long: 10,000 optionals", "ASK { " + "OPTIONAL{?s ?p ?o}" * 10_000 + " FILTER(false) }", ANY | {400}),
    Hostile("long: 1,000 triples", "ASK { " + "?s ?p ?o . " * 1_000 + " }", ANY),
    Hostile("long: 9,000 prefixes", "".join(f"PREFIX p{n}: <x:> " for n in range(9_000)) + "ASK {}", ANY),
    Hostile(
        "long: 200 prefixes not declared", "ASK { " + " ".join(f"p{n}:a p{n}:b p{n}:c ." for n in range(200)) + " }", REFUSED
    ),
    Hostile("long: fault at the end of 200,000 characters", "ASK { " + "a:b a:c a:d . " * 14_000 + "} }", REFUSED),
    Hostile("long: an IRI of 200,000 characters", f"ASK {{ ?s ?p <x:{'a' * 200_000}> }}", frozenset({200})),
    Hostile("odd: NUL", "ASK { ?s ?p \0 }", REFUSED),
    Hostile("odd: NUL in a string", 'ASK { ?s ?p "\0" }', frozenset({200, 400})),
    Hostile("odd: surrogate escape", 'ASK { ?s ?p "\\uD800" }', REFUSED | {200}),
    Hostile("odd: noncharacters", 'ASK { ?s ?p "\uffff\ufffe\U0010ffff" }', frozenset({200})),
    Hostile("odd: only spaces", " " * 200_000, REFUSED),
    Hostile("odd: unclosed string", "ASK { ?s ?p '''" + "a'" * 80_000, REFUSED),
    Hostile("odd: quotes", "ASK { " + "'\"" * 80_000 + " }", REFUSED),
]
# @ is the address of a server that must see no request.
EGRESS = [
    Hostile("egress: SERVICE", "SELECT * { SERVICE <@> { ?s ?p ?o } }", REFUSED),
    Hostile("egress: SERVICE SILENT", "SELECT * { SERVICE SILENT <@> { ?s ?p ?o } }", REFUSED),
    Hostile("egress: SERVICE in NOT EXISTS", "ASK { ?s ?p ?o FILTER NOT EXISTS { SERVICE <@> { ?s ?p ?o } } }", REFUSED),
    Hostile("egress: SERVICE by a variable", "ASK { VALUES ?w { <@> } SERVICE ?w { ?s ?p ?o } }", REFUSED),
    Hostile("egress: SERVICE by BIND", 'ASK { BIND(IRI("@") AS ?w) SERVICE ?w { ?s ?p ?o } }', REFUSED),
    Hostile("egress: SERVICE escaped", "ASK { \\u0053ERVICE <@> { ?s ?p ?o } }", REFUSED),
    Hostile(
        "egress: SERVICE in a subselect of a union",
        "ASK { {} UNION { SELECT * { MINUS { SERVICE <@> { ?s ?p ?o } } } } }",
        REFUSED,
    ),
    Hostile("egress: SERVICE after a comment", "ASK { #\rSERVICE <@> { ?s ?p ?o } }", REFUSED),
    Hostile("egress: SERVICE, 150 deep", "ASK " + "{" * 150 + "SERVICE <@> { ?s ?p ?o }" + "}" * 150, REFUSED),
    Hostile("egress: LOAD as a query", "LOAD <@>", REFUSED),
    Hostile("egress: LOAD after a query", "ASK {} ; LOAD <@>", REFUSED),
    Hostile("egress: FROM an address", "SELECT * FROM <@> { ?s ?p ?o }", frozenset({200, 422})),
    Hostile("egress: FROM NAMED an address", "SELECT * FROM NAMED <@> { GRAPH ?g { ?s ?p ?o } }", frozenset({200, 422})),
    Hostile("egress: FROM a file", "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }", frozenset({200, 422})),
    Hostile("egress: DESCRIBE an address", "DESCRIBE <@>", frozenset({200})),
]
QUERIES = [*CROSS, *PATHS, *SIZES, *DEEP, *EGRESS]


def _get(target: bytes, *fields: bytes, method: bytes = b"GET", host: bytes = b"Host: 127.0.0.1") -> bytes:
    """Give a request without a body."""
    return b"\r\n".join([method + b" " + target + b" HTTP/1.1", host, *fields, b"", b""])


def _post(body: bytes, *fields: bytes) -> bytes:
    """Give a form posted to /sparql."""
    return _get(b"/sparql", b"Content-Type: application/x-www-form-urlencoded", *fields, method=b"POST") + body


_CHUNKED = b"Transfer-Encoding: chunked"
_CLOSED = frozenset({0, 400})
RAW = [
    Raw("method: TRACE", _get(b"/", method=b"TRACE"), frozenset({405})),
    Raw("method: CONNECT", _get(b"127.0.0.1:22", method=b"CONNECT"), frozenset({400, 404, 405})),
    Raw("method: unknown", _get(b"/sparql", method=b"BREW"), frozenset({405})),
    Raw("method: lower case", _get(b"/sparql", method=b"get"), frozenset({400})),
    Raw("method: very long", _get(b"/", method=b"A" * 5000), frozenset({400})),
    Raw("line: too long", _get(b"/?" + b"a" * 9000), frozenset({414})),
    Raw("line: never ends", b"GET /?" + b"a" * 200_000, frozenset({414})),
    Raw("line: HTTP/0.9", b"GET /\r\n\r\n", _CLOSED),
    Raw("line: HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", _CLOSED | {505}),
    Raw("line: address of another", _get(b"http://example.org/sparql?query=ASK%7B%7D"), frozenset({200, 400, 404})),
    Raw("line: not HTTP", bytes(range(256)) * 20 + b"\r\n\r\n", _CLOSED),
    Raw("line: TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 500 + b"\r\n\r\n", _CLOSED),
    Raw("header: too long", _get(b"/", b"X: " + b"a" * 9000), frozenset({431})),
    Raw("header: too many", _get(b"/", *(b"X-%d: a" % n for n in range(200))), frozenset({431})),
    Raw("header: head too large", _get(b"/", *(b"X-%d: %s" % (n, b"a" * 4000) for n in range(90))), frozenset({431})),
    Raw("header: bare line feeds", b"GET / HTTP/1.1\nHost: a\n\n", frozenset({400})),
    Raw("header: NUL", _get(b"/", b"X: a\0b"), frozenset({400})),
    Raw("header: folded", _get(b"/", b"X: a\r\n b"), frozenset({400})),
    Raw("header: two hosts", _get(b"/", b"Host: b"), frozenset({400})),
    Raw("header: host of another", _get(b"/", host=b"Host: example.org/@<script>"), frozenset({200, 400})),
    Raw("header: underscores", _get(b"/healthz", b"X_Forwarded_For: 1.2.3.4"), frozenset({200, 400})),
    Raw("header: SCRIPT_NAME", _get(b"/healthz", b"SCRIPT_NAME: /healthz"), frozenset({200, 400})),
    Raw(
        "smuggling: both framings",
        _post(b"0\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n", b"Content-Length: 4", _CHUNKED),
        frozenset({400}),
    ),
    Raw("smuggling: two lengths", _post(b"a" * 40, b"Content-Length: 0", b"Content-Length: 40"), frozenset({400})),
    Raw("smuggling: length with a sign", _post(b"aaaa", b"Content-Length: +4"), frozenset({400})),
    Raw("smuggling: space before the colon", _post(b"aaaa", b"Content-Length : 4"), frozenset({400})),
    Raw("smuggling: odd coding", _post(b"0\r\n\r\n", b"Transfer-Encoding: xchunked"), frozenset({400, 501})),
    Raw("smuggling: chunked twice", _post(b"0\r\n\r\n", b"Transfer-Encoding: chunked, chunked"), frozenset({400, 501})),
    Raw("smuggling: chunked in HTTP/1.0", _post(b"0\r\n\r\n", _CHUNKED).replace(b"HTTP/1.1", b"HTTP/1.0"), frozenset({400})),
    Raw("smuggling: bad chunk size", _post(b"0x2\r\nab\r\n0\r\n\r\n", _CHUNKED), frozenset({400})),
    Raw("smuggling: chunk without end", _post(b"2\r\nabcd\r\n0\r\n\r\n", _CHUNKED), frozenset({400})),
    Raw("smuggling: bare line feed in a chunk", _post(b"2\nab\n0\n\n", _CHUNKED), _CLOSED),
    Raw("body: past the limit", _post(b"query=", b"Content-Length: 99999999999"), frozenset({413})),
    Raw("body: chunked past the limit", _post((b"10000\r\n" + b"a" * 65536 + b"\r\n") * 40, _CHUNKED), frozenset({413})),
    Raw("body: a chunk past the limit", _post(b"fffffff\r\naaaa", _CHUNKED), frozenset({413})),
    Raw("body: chunks of one byte", _post(b"1\r\na\r\n" * 100_000 + b"0\r\n\r\n", _CHUNKED), frozenset({400, 413})),
    Raw("body: endless trailer", _post(b"0\r\n" + b"X: a\r\n" * 9000, _CHUNKED), frozenset({431})),
    Raw("body: 100,000 parameters", _post(b"a=1&" * 100_000, b"Content-Length: 400000"), frozenset({400})),
    Raw(
        "body: compressed",
        _post(b"\x1f\x8b\x08" + b"\0" * 17, b"Content-Encoding: gzip", b"Content-Length: 20"),
        frozenset({415}),
    ),
    Raw(
        "body: multipart without end",
        _post(b"--a\r\n\r\n\r\n", b"Content-Length: 9").replace(
            b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=a"
        ),
        frozenset({400, 415}),
    ),
    Raw("expect: what nobody can", _post(b"", b"Expect: the-unexpected", b"Content-Length: 0"), frozenset({417})),
    Raw(
        "upgrade: h2c",
        _get(b"/healthz", b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAM"),
        frozenset({200}),
    ),
    Raw("path: out of the tree", _get(b"/download/../../../../etc/passwd"), frozenset({400, 404})),
    Raw("path: out of the tree, escaped", _get(b"/static/%2e%2e/%2e%2e/settings.py"), frozenset({404})),
    Raw("path: NUL", _get(b"/download/a%00b"), frozenset({404})),
    Raw("parameter: timeout raised", _get(b"/sparql?query=ASK%7B%7D&timeout=1e9&maxrows=1000000000"), frozenset({200})),
    Raw("parameter: timeout of nothing", _get(b"/sparql?query=ASK%7B%7D&timeout=0"), frozenset({400})),
    Raw("parameter: not a number", _get(b"/sparql?query=ASK%7B%7D&timeout=nan"), frozenset({400})),
]
