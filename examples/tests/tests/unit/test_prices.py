"""Prices, without a server."""

import pytest
from app.prices import total


def test_tax_is_part_of_the_price():
    assert total(["tea", "cake"]) == 892


def test_nothing_costs_nothing():
    assert total([]) == 0


def test_what_is_not_sold_has_no_price():
    with pytest.raises(KeyError):
        total(["coffee"])
