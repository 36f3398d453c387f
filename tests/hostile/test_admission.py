"""The queue in front of the workers, by itself: whose turn it is, who must go, and what a client has used."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from pactgraph.errors import BadInput, Busy, OverBudget
from pactgraph.store.admission import Admission, Lane, Ledger
from pactgraph.store.nesting import check_nesting

GENERAL, EXPRESS = Lane.GENERAL, Lane.EXPRESS


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


class Waiting:
    """Clients that wait in threads; `order` says who came in, or was refused."""

    def __init__(self, admission: Admission) -> None:
        self.admission = admission
        self.order: list[str] = []
        self.threads: list[threading.Thread] = []

    def add(self, client: str, seconds: float = 10) -> None:
        before = self.admission.waiting + len(self.order)

        def wait() -> None:
            try:
                self.admission.enter(client, time.monotonic() + seconds, long=True)
                self.order.append(client)
            except Busy as error:
                assert error.retry_after >= 1
                self.order.append(f"not {client}")

        self.threads.append(threading.Thread(target=wait))
        self.threads[-1].start()
        until(lambda: self.admission.waiting + len(self.order) > before)

    def let_in(self, count: int) -> list[str]:
        for _ in range(count):
            known = len(self.order)
            self.admission.leave("first", GENERAL, slow=False)
            until(lambda known=known: len(self.order) > known)  # type: ignore[misc]
        for thread in self.threads:
            thread.join()
        return self.order


def full(length: int = 10) -> Waiting:
    """Give a queue whose one worker is busy."""
    admission = Admission({GENERAL: 1}, length, 5)
    assert admission.enter("first", admission.deadline()) is GENERAL
    return Waiting(admission)


def test_clients_take_turns_and_each_keeps_its_order() -> None:
    waiting = full()
    for client in ("a", "a", "a", "a", "b", "c", "b"):
        waiting.add(client)
    assert waiting.let_in(7) == ["a", "b", "c", "a", "b", "a", "a"]


def test_a_full_queue_loses_the_newest_of_whoever_has_most() -> None:
    waiting = full(length=3)
    for client in ("a", "a", "a", "b"):
        waiting.add(client)
    until(lambda: waiting.order == ["not a"])
    waiting.add("b")
    until(lambda: waiting.order == ["not a", "not b"])
    assert waiting.let_in(3)[2:] == ["a", "b", "a"]


def test_nobody_waits_longer_than_agreed() -> None:
    waiting = full()
    waiting.add("a", seconds=0.2)
    until(lambda: waiting.order == ["not a"])
    assert waiting.admission.waiting == 0


def test_a_short_query_need_not_wait_for_long_ones() -> None:
    admission = Admission({GENERAL: 1, EXPRESS: 1}, 10, 5)
    soon = admission.deadline()
    assert admission.enter("a", soon) is GENERAL
    assert admission.enter("b", soon) is EXPRESS
    admission.leave("b", EXPRESS, slow=True)
    with pytest.raises(Busy):
        admission.enter("b", time.monotonic() + 0.1)  # it was slow: the general lane alone, for a minute
    with pytest.raises(Busy):
        admission.enter("c", time.monotonic() + 0.1, long=True)
    assert admission.enter("c", soon) is EXPRESS
    admission.leave("a", GENERAL, slow=True)
    assert admission.enter("b", soon) is GENERAL
    assert admission.running == 2


def test_used_time_counts_and_fades() -> None:
    ledger = Ledger(10)
    ledger.charge("a", 9)
    ledger.check("a")
    ledger.charge("a", 9)
    ledger.check("b")
    with pytest.raises(OverBudget) as refused:
        ledger.check("a")
    assert 30 <= refused.value.retry_after <= 36  # 18 fades to 10 in 60 ln 1.8 seconds
    free = Ledger(0)
    free.charge("a", 1e6)
    free.check("a")


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        ("ASK {}", 1),
        ('ASK { FILTER("((((((" = 1) } # ((((((', 2),
        ("ASK { ?s ?p '''((({{{''' }", 1),
        ("ASK { <http://example.org/a_(b)> ?p [ ?q (1 2) ] }", 3),
        ("ASK { ?s <x:#> ?o . FILTER((1)) }", 3),
    ],
)
def test_nesting_is_what_brackets_do_outside_strings_and_comments(text: str, depth: int) -> None:
    check_nesting(text, depth)
    with pytest.raises(BadInput):
        check_nesting(text, depth - 1)
