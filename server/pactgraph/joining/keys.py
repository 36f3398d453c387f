"""Keys that rules of identity join on and that SPARQL cannot make: who the members of a pact are, and the words of a name."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping

from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store

from pactgraph.joining.looks import JOIN
from pactgraph.queries import load

_PLAIN = str.maketrans({"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "ß": "ss", "œ": "oe", "þ": "th"})
_QUOTES = re.compile("['’‘ʻʼ`´]")
_WORDS = re.compile(r"[^\W\d_]{2,}")
_PARTICLES = frozenset(
    re.findall(r"\w+", "al el ibn bin abu abd van von der den de da di do du dos la le of the and jr sr ii iii iv")
)
_CURATED = NamedNode(JOIN["curated"])


def words(name: str) -> list[str]:
    """Give the words of a name in plain letters, without particles and initials: `Al-Assad H.` is `assad`."""
    plain = unicodedata.normalize("NFKD", _QUOTES.sub("", name.casefold()).translate(_PLAIN))
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return [word for word in _WORDS.findall(letters) if word not in _PARTICLES]


def keys(store: Store, sources: Mapping[str, bool]) -> Iterator[Quad]:
    """Give the keys of the pacts and persons in a store. `sources`: the documents (IRI) of data sets; whether of alliances."""
    yield from _pacts(store, sources)
    yield from _persons(store, sources)


def _pacts(store: Store, sources: Mapping[str, bool]) -> Iterator[Quad]:
    parties, origins = defaultdict(set), {}
    for pact, party, source, scope in _rows(store, "pacts"):
        parties[pact].add(str(party.value).rpartition("/")[2])
        if scope or source.value in sources:
            origins[pact] = _CURATED if scope else source
    for pact, origin in origins.items():
        members = " ".join(sorted(parties[pact]))
        yield _quad(pact, "from", origin)
        yield _quad(pact, "members", Literal(members))
        yield _quad(pact, "count", Literal(len(parties[pact])))
        yield _quad(pact, "rank", Literal(0 if origin == _CURATED else 1 if sources[origin.value] else 2))


def _persons(store: Store, sources: Mapping[str, bool]) -> Iterator[Quad]:
    origins: dict[NamedNode, NamedNode] = {}
    for person, name, source in _rows(store, "persons"):
        origins[person] = source if source.value in sources else origins.get(person, _CURATED)
        found = words(name.value)
        yield from (_quad(person, "token", Literal(word)) for word in found)
        if found:
            yield _quad(person, "surname", Literal(found[-1]))
    yield from (_quad(person, "from", origin) for person, origin in origins.items())


def _rows(store: Store, name: str) -> QuerySolutions:
    rows = store.query(load(f"joining/{name}"))
    assert isinstance(rows, QuerySolutions)
    return rows


def _quad(subject: NamedNode, key: str, value: NamedNode | Literal) -> Quad:
    return Quad(subject, NamedNode(JOIN[key]), value)
