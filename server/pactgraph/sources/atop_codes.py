"""What the codes of ATOP are here: obligations, conditions, endings, terms. In our words; the codebook decides.

Kinds and domains are those that ontology/align/atop.ttl finds close or wider; what has no such concept stays a coded column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pactgraph.sources.tables import Row


@dataclass(frozen=True)
class Owed:
    """An obligation: the name of its record, its kind, and what else a code says of it."""

    name: str
    kind: str
    domains: tuple[str, ...] = ()
    mutuality: str = ""
    trigger: str = ""
    summary: str = ""


OF_MEMBERS = {
    "defense": Owed("defence", "defence", trigger="armed-attack"),
    "offense": Owed("offence", "offence"),
    "neutral": Owed("neutrality", "neutrality"),
    "nonagg": Owed("non-aggression", "non-aggression"),
    "consul": Owed("consultation", "consultation"),
    "terrres": Owed("territory", "access", ("access",)),
    "noothall": Owed("no-hostile-pacts", "no-hostile-pacts"),
    "notaiden": Owed("no-aid-to-enemies", "no-aid-to-enemies", summary="To deny support to an ally’s enemies."),
    "dipaid": Owed("diplomatic-support", "diplomatic-support", ("diplomacy",), summary="Diplomacy or sanctions for an ally."),
    "seppeace": Owed("no-separate-peace", "no-separate-peace", ("peace",), summary="Not to make peace without the allies."),
    "thirdcom": Owed("no-other-commitments", "no-other-commitments", summary="No commitment to others without an ally."),
}
_MILITARY = ("defence",)
OF_PHASES = {
    ("milcon", 1): Owed("military-contact", "defence-cooperation", _MILITARY, summary="Armed forces in contact in war."),
    ("milcon", 2): Owed("military-contact", "defence-cooperation", _MILITARY, summary="Armed forces in contact in peace."),
    ("milcon", 3): Owed("military-contact", "defence-cooperation", _MILITARY, summary="A common defence policy."),
    ("milaid", 1): Owed("military-aid", "security-support", _MILITARY, summary="Military aid, in general."),
    ("milaid", 2): Owed("military-aid", "security-support", _MILITARY, summary="Grants or loans."),
    ("milaid", 3): Owed("military-aid", "security-support", _MILITARY, summary="Training or technology."),
    ("milaid", 4): Owed("military-aid", "security-support", _MILITARY, summary="Grants or loans, and training or technology."),
    ("intcom", 1): Owed("command", "defence-cooperation", ("interoperability",), summary="One command, in peace and war."),
    ("base", 1): Owed("bases", "defence-cooperation", ("access",), summary="Troops stationed together on neutral ground."),
    ("base", 2): Owed("bases", "access", ("access",), "mutual", summary="Each may station troops with the others."),
    ("base", 3): Owed("bases", "access", ("access",), "one-sided", summary="Some may station troops; which, is not coded."),
    ("nomicoop", 1): Owed("other-cooperation", "cooperation", summary="Cooperation in other than military matters."),
    ("contrib", 1): Owed("contributions", "contributions", _MILITARY, summary="What each gives is laid down."),
    ("organ1", 1): Owed("organisation", "common-organisation", summary="Regular meetings of officials."),
    ("organ1", 2): Owed("organisation", "common-organisation", summary="A named body."),
    ("organ1", 3): Owed("organisation", "common-organisation", summary="A body of its own with permanent staff."),
    ("organ2", 1): Owed("organisation-2", "common-organisation", summary="Regular meetings of officials; a second one."),
    ("organ2", 2): Owed("organisation-2", "common-organisation", summary="A second named body."),
    ("organ2", 3): Owed("organisation-2", "common-organisation", summary="A second body with permanent staff."),
    ("medarb", 1): Owed("dispute-settlement", "dispute-settlement", ("dispute-settlement",)),
    ("armred", 1): Owed("arms-limits", "arms-limits", ("disarmament",), summary="To limit arms or keep rules of war."),
    ("armred", 2): Owed("arms-increase", "defence-cooperation", _MILITARY, summary="To increase arms together."),
    ("interv", 1): Owed("non-intervention", "non-intervention", mutuality="mutual"),
    ("interv", 4): Owed("non-intervention", "non-intervention", mutuality="one-sided", summary="Of whom is not coded."),
    ("ecaid", 1): Owed("economic-aid", "cooperation", ("economy",), summary="Economic aid, in general."),
    ("ecaid", 2): Owed("economic-aid", "cooperation", ("reconstruction",), summary="Economic aid to recover after a war."),
    ("ecaid", 3): Owed("economic-aid", "cooperation", ("trade",), summary="Concessions in trade."),
}
PURPOSES = {1: ("defence",), 2: ("economy",), 3: ("consultation",), 4: ("defence", "economy", "foreign-policy")}

WHOM_UNKNOWN = "To which of the other members it is owed is not coded."
FOR_SOME = " For some of those who owe it."
OTHER_CONDITION = "One of its obligations depends on something that no other column covers."
_PREFIXES = {"defense": "defco", "offense": "offco", "neutral": "neuco", "consul": "conco"}
_CONDITIONS = {
    "adv": ("Depends on a particular adversary, or one of a particular kind.", ""),
    "loc": ("Depends on a conflict in a particular place.", ""),
    "con": ("Depends on a particular conflict that was under way.", ""),
    "num": ("Depends on the number of adversaries.", ""),
    "dem": ("Depends on demands that the ally or the adversary has to meet.", ""),
    "npr": ("Depends on the ally's not having provoked the adversary.", ""),
    "att": ("Depends on the ally's having been attacked.", "armed-attack"),
    "req": ("Depends on an ally's asking for it.", "request"),
}
_SUFFIXES = {
    "defense": ("adv", "loc", "con", "num", "dem", "npr"),
    "offense": ("adv", "loc", "con", "num", "dem"),
    "neutral": ("adv", "loc", "con", "num", "dem", "npr", "att"),
    "consul": ("adv", "loc", "con", "req"),
}

ENDINGS = {1: "lapse", 2: "supersession", 3: "termination", 5: "termination", 6: "termination"}
_MODES = {
    1: "Not renewed when its term was over.",
    2: "Replaced by another agreement of the members.",
    3: "Broken before its term was over.",
    4: "A member lost its independence.",
    5: "The case it was made for could no longer arise.",
    6: "Ended by a lost war.",
}
_CAUSES = {
    1: "another agreement",
    2: "loss of independence",
    3: "the problem was resolved",
    4: "a dispute over policy apart from the alliance",
    5: "a dispute over running the alliance",
    6: "members fought each other",
    7: "a war in which allies stayed away or that was lost",
    8: "a violation short of war",
}


def conditions(column: str) -> Iterator[tuple[str, str, str]]:
    """Give the columns that hold the conditions of an obligation, each with its text and our trigger, if there is one."""
    for suffix in _SUFFIXES.get(column, ()):
        yield _PREFIXES[column] + suffix, *_CONDITIONS[suffix]


def ending(members: Sequence[Row]) -> str:
    """Say how and why it ended for members."""
    modes = sorted({row.code("termmode") for row in members} - {0})
    causes = sorted({row.integer("termcaus") or 0 for row in members} - {0})
    texts = [_MODES[mode] for mode in modes]
    if causes:
        texts.append(f"Cause, in the judgement of the data set: {'; '.join(_CAUSES[cause] for cause in causes)}.")
    return " ".join(texts)


def term(row: Row) -> str:
    """Say for how long it is concluded; nothing if that is not stated or not known."""
    code, months = row.integer("speclgth"), row.integer("length")
    if code == 1 and months:
        return f"{months} months"
    return {2: "until something stated happens", 3: "without end, or until notice is given"}.get(code or 0, "")
