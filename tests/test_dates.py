from __future__ import annotations

import calendar
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pactgraph.dates import bounds
from pactgraph.errors import BadInput

days = st.dates()
years = st.integers(min_value=1, max_value=9999)
months = st.integers(min_value=1, max_value=12)


@given(days)
def test_a_day_is_its_own_bounds(day: date) -> None:
    found = bounds(day.isoformat())
    assert (found.earliest, found.latest, found.precision) == (day, day, "day")


@given(years, months)
def test_a_month_runs_from_its_first_to_its_last_day(year: int, month: int) -> None:
    found = bounds(f"{year:04}-{month:02}")
    assert found.earliest == date(year, month, 1)
    assert found.latest == date(year, month, calendar.monthrange(year, month)[1])
    assert found.precision == "month"


@given(years)
def test_a_year_runs_from_january_to_december(year: int) -> None:
    found = bounds(f"{year:04}")
    assert (found.earliest, found.latest, found.precision) == (date(year, 1, 1), date(year, 12, 31), "year")


@given(st.tuples(days, days).map(sorted))
def test_an_interval_has_the_bounds_of_its_ends(pair: list[date]) -> None:
    first, last = pair
    found = bounds(f"{first.isoformat()}/{last.isoformat()}")
    assert (found.earliest, found.latest, found.precision) == (first, last, "interval")


@given(st.text(max_size=12))
def test_any_text_is_a_date_or_a_clear_error(text: str) -> None:
    try:
        found = bounds(text)
    except BadInput as error:
        assert repr(text)[1:-1] in error.detail or text in error.detail
    else:
        assert found.precision
        assert found.earliest is None or found.latest is None or found.earliest <= found.latest


def test_months_of_an_interval_are_widened() -> None:
    found = bounds("1995-09/1996-09")
    assert (found.earliest, found.latest) == (date(1995, 9, 1), date(1996, 9, 30))


def test_an_approximate_date_is_wider_than_a_precise_one() -> None:
    found = bounds("1984~")
    assert found.precision == "uncertain"
    assert found.earliest is not None and found.earliest <= date(1984, 1, 1)
    assert found.latest is not None and found.latest >= date(1984, 12, 31)


def test_open_is_not_unknown() -> None:
    assert bounds("..").precision == "open"
    assert bounds("").precision == "unknown"


@pytest.mark.parametrize("text", ["2024-02-30", "2023-02-29", "2024-13", "2024-6-1", "19 June 2024", "soon", "2024-00-10"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match=text.split()[0]):
        bounds(text)
