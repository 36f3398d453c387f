"""Who may write to the releases in a folder: tokens, each with a name and scopes. Without any, nobody may.

The file holds a salted hash of each; a token itself is shown once, when it is made. It has 256 random bits, so a fast hash is
enough: there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from pactgraph.errors import BadInput, NotFound
from pactgraph.files import written
from pactgraph.release.write import writing

TOKENS = "tokens.json"
SCOPES = {
    "update": "SPARQL updates",
    "graphs": "writes by the Graph Store Protocol",
    "release": "make another release the current one, and remove old ones",
}
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_START = "pactgraph_"


@dataclass(frozen=True)
class Token:
    """A token as the file has it: `salt` and `hash` (SHA-256 of salt and token) are hexadecimal, `created` is a time in UTC."""

    name: str
    scopes: tuple[str, ...]
    salt: str
    hash: str
    created: str

    def is_of(self, sent: str) -> bool:
        """Say whether a text is the token; takes as long whatever the text is."""
        return hmac.compare_digest(self.hash, _hash(self.salt, sent))


def tokens_of(releases: Path) -> list[Token]:
    """Give the tokens of a folder of releases, by name. Raises BadInput for a file that is none."""
    path = releases / TOKENS
    if not path.is_file():
        return []
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        return [Token(**{**entry, "scopes": tuple(entry["scopes"])}) for entry in entries]
    except (ValueError, TypeError, KeyError):
        raise BadInput("this is no file of tokens", file=str(path), hint="remove it, and make the tokens anew") from None


def holder(releases: Path, sent: str) -> Token | None:
    """Give the token that a text is, or None. Every token is tried, so that the time tells nothing."""
    found = [token for token in tokens_of(releases) if token.is_of(sent)]
    return found[0] if found else None


def add_token(releases: Path, name: str, scopes: tuple[str, ...]) -> str:
    """Make a token with a new name and give it; nobody can see it again. Raises BadInput."""
    if not _NAME.fullmatch(name):
        raise BadInput(f"{name!r} is no name of a token", hint="use small letters, digits, dots, hyphens; at most 64")
    if not scopes or set(scopes) - SCOPES.keys():
        raise BadInput("a token has one scope at least", hint="use --scope with " + ", ".join(SCOPES))
    text, salt = _START + secrets.token_urlsafe(32), secrets.token_hex(16)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with writing(releases):
        known = tokens_of(releases)
        if any(token.name == name for token in known):
            raise BadInput(f"there is a token {name!r} already", hint="remove it first, or choose another name")
        _write(releases, [*known, Token(name, tuple(sorted(set(scopes))), salt, _hash(salt, text), now)])
    return text


def remove_token(releases: Path, name: str) -> None:
    """Remove a token; a server refuses it from then on. Raises NotFound."""
    with writing(releases):
        known = tokens_of(releases)
        if all(token.name != name for token in known):
            raise NotFound(f"there is no token {name!r}; `pactgraph token list` shows those that there are")
        _write(releases, [token for token in known if token.name != name])


def _write(releases: Path, tokens: list[Token]) -> None:
    entries = [asdict(token) for token in sorted(tokens, key=lambda token: token.name)]
    with written(releases / TOKENS, 0o600) as file:
        file.write(json.dumps(entries, indent=1).encode() + b"\n")


def _hash(salt: str, text: str) -> str:
    return hashlib.sha256(bytes.fromhex(salt) + text.encode("utf-8", "surrogateescape")).hexdigest()
