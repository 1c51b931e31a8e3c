"""Sizes of settlements: exponents of exact power laws, closed forms of inequality, growers and shrinkers by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from urbanreview.indicators.city_system import (
    SIZE_CLASSES,
    city_system,
    fit_line,
    growth_by_size,
    growth_rate,
    hill_exponent,
    rank_size_slope,
    size_class_of,
    size_classes,
)

NAMES = list(SIZE_CLASSES)
FEW = pd.Series({"a": 600_000.0, "b": 300_000.0, "c": 90_000.0, "d": 10_000.0})


def system(people, cutoff=1.0):
    values, _ = city_system(pd.Series(people, dtype=float), cutoff=cutoff)
    return {key.removeprefix("system."): value for key, value in values.items()}


def sizes_of(zeta, count, largest=5e6):
    return largest / (np.arange(1, count + 1) - 0.5) ** (1 / zeta)


def draw_people(zones: int = 12):
    return st.lists(st.integers(1, 9_000_000), min_size=0, max_size=zones).map(
        lambda drawn: pd.Series(np.array(drawn, float), index=[f"z{k}" for k in range(len(drawn))], dtype=float)
    )


# Primacy, counts, and what is missing when.


def test_four_cities_by_hand():
    values = system(FEW)
    assert values["settlements"] == 4
    assert values["people"] == 1_000_000
    assert values["primacy"] == 0.6
    assert values["primacy_two"] == 2.0
    assert values["primacy_four"] == 1.5
    assert values["herfindahl"] == pytest.approx(0.36 + 0.09 + 0.0081 + 0.0001)
    # Mean difference of all ordered pairs over twice the mean: pairs differ by 300, 510, 590, 210, 290 and 80 thousand.
    assert values["gini"] == pytest.approx(2 * 1_980 / 16 / (2 * 250))


@pytest.mark.parametrize(
    ("count", "missing"),
    [
        (0, {"primacy", "primacy_two", "primacy_four", "herfindahl", "gini", "slope", "error", "hill"}),
        (1, {"primacy_two", "primacy_four", "gini", "slope", "error", "hill"}),
        (2, {"primacy_four", "slope", "error", "hill"}),
        (3, {"primacy_four"}),
        (4, set()),
    ],
)
def test_what_needs_more_settlements_than_there_are_is_missing(count, missing):
    values = system(FEW[:count], cutoff=5_000)
    names = {"slope": "rank_size_slope", "error": "rank_size_error", "hill": "hill_exponent"}
    assert {key for key, value in values.items() if np.isnan(value)} == {names.get(key, key) for key in missing}
    assert (values["settlements"], values["people"]) == (count, FEW[:count].sum())


def test_every_key_is_there_also_without_settlements():
    assert list(system([])) == list(system(FEW))
    assert all(isinstance(value, float) for value in [*system([]).values(), *system(FEW).values()])


def test_the_cutoff_itself_counts_and_what_is_below_stands_in_the_ledger():
    people = pd.Series({"a": 5_000.0, "b": 4_999.9, "c": 12.0, "d": np.nan})
    values, ledger = city_system(people, cutoff=5_000)
    assert (values["system.settlements"], values["system.people"]) == (1, 5_000)
    assert ledger.frame()[["cause", "unit", "amount"]].values.tolist() == [
        ["settlements below the cut-off", "settlement", 2],
        ["people below the cut-off", "people", 5_011.9],
        ["people of the settlement unknown", "settlement", 1],
    ]
    assert city_system(people[:1], cutoff=5_000)[1].entries == ()


def test_a_settlement_without_anybody_has_no_logarithm():
    values, ledger = city_system(pd.Series({"a": 9.0, "b": 3.0, "c": 1.0, "d": 0.0}), cutoff=0.0)
    assert values["system.settlements"] == 3
    assert np.isfinite(values["system.rank_size_slope"])
    assert np.isnan(values["system.hill_exponent"])  # no Pareto distribution starts at nobody
    assert ledger.amount("settlements below the cut-off") == 1


# Exponents.


@pytest.mark.parametrize("count", [3, 4, 10, 77, 1_000])
@pytest.mark.parametrize("zeta", [0.3, 0.78, 1.0, 1.2, 2.5])
def test_the_slope_of_an_exact_power_law_is_its_exponent(zeta, count):
    values = system(sizes_of(zeta, count), cutoff=1e-30)
    assert values["rank_size_slope"] == pytest.approx(zeta, rel=1e-12)
    assert values["rank_size_error"] == pytest.approx(zeta * np.sqrt(2 / count), rel=1e-12)


@given(draw_people(), st.integers(0, 2**32 - 1))
def test_law_the_slope_is_that_of_scipy_whatever_the_order_of_ties(people, seed):
    slope = system(people)["rank_size_slope"]
    sizes = people.to_numpy()
    if sizes.size < 3 or np.ptp(sizes) == 0:
        assert np.isnan(slope)
        return
    tie = np.random.default_rng(seed).random(sizes.size)  # equal sizes get their ranks by chance
    ranks = np.empty(sizes.size)
    ranks[np.lexsort((tie, -sizes))] = np.arange(1, sizes.size + 1)
    assert slope == pytest.approx(-stats.linregress(np.log(sizes), np.log(ranks - 0.5)).slope, rel=1e-9, abs=1e-12)


def test_ties_share_their_ranks():
    """Two equal cities stand between their ranks in logarithms: as if both had the geometric mean of 0.5 and 1.5."""
    tied = rank_size_slope(np.array([100.0, 100.0, 10.0]))
    y = np.log([np.sqrt(0.75), np.sqrt(0.75), 2.5])
    assert tied == pytest.approx(-stats.linregress(np.log([100.0, 100.0, 10.0]), y).slope, rel=1e-12)
    assert np.isnan(system([7.0, 7.0, 7.0])["rank_size_slope"])


@pytest.mark.parametrize("zeta", [0.8, 1.0, 1.6])
def test_hill_of_pareto_quantiles_is_the_exponent_in_the_limit(zeta):
    def estimate(count):
        left = (np.arange(count) + 0.5) / count
        return hill_exponent(5_000 * left ** (-1 / zeta), smallest=5_000)

    # Of quantiles the sum of logarithms misses n by half a logarithm of two: Stirling's formula.
    for count in (10, 100, 10_000):
        assert estimate(count) == pytest.approx(zeta / (1 - np.log(2) / 2 / count), rel=1e-2 / count)
    assert estimate(1_000_000) == pytest.approx(zeta, rel=1e-6)


def test_hill_is_the_fit_of_scipy_with_a_fixed_start():
    sizes = np.random.default_rng(3).pareto(1.1, 400) * 5_000 + 5_000
    fitted, _, _ = stats.pareto.fit(sizes, floc=0, fscale=5_000)
    assert system(sizes, cutoff=5_000)["hill_exponent"] == pytest.approx(fitted, rel=1e-5)


def test_hill_of_settlements_that_all_have_one_size_is_missing():
    assert np.isnan(system([5_000.0] * 9, cutoff=5_000)["hill_exponent"])


def test_both_exponents_find_a_drawn_one_within_three_errors():
    sizes = np.random.default_rng(11).pareto(1.3, 500) * 20_000 + 20_000
    values = system(sizes, cutoff=20_000)
    assert abs(values["rank_size_slope"] - 1.3) < 3 * values["rank_size_error"]
    assert abs(values["hill_exponent"] - 1.3) < 3 * 1.3 / np.sqrt(500)


# Inequality.


@pytest.mark.parametrize("count", [2, 5, 40])
def test_equal_settlements_are_equal(count):
    values = system([7_000.0] * count)
    assert values["gini"] == pytest.approx(0.0, abs=1e-15)
    assert values["herfindahl"] == pytest.approx(1 / count)
    assert values["primacy"] == pytest.approx(1 / count)


@pytest.mark.parametrize("count", [2, 5, 40])
def test_one_for_all_is_as_unequal_as_it_gets(count):
    values = system([1e12] + [1.0] * (count - 1))
    assert values["gini"] == pytest.approx((count - 1) / count, abs=1e-9)
    assert values["herfindahl"] == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("count", [2, 7, 100])
def test_settlements_of_one_two_three_thousand(count):
    values = system(1_000.0 * np.arange(1, count + 1))
    assert values["gini"] == pytest.approx((count - 1) / (3 * count))
    assert values["herfindahl"] == pytest.approx(2 * (2 * count + 1) / (3 * count * (count + 1)))


@given(draw_people())
def test_law_inequality_by_all_pairs_and_by_shares(people):
    values, sizes = system(people), people.to_numpy()
    if sizes.size >= 2:
        pairs = np.abs(sizes[:, None] - sizes[None, :]).mean() / (2 * sizes.mean())
        assert values["gini"] == pytest.approx(pairs, abs=1e-12)
        assert 1 / sizes.size - 1e-12 <= values["herfindahl"] <= values["primacy"] <= 1


@given(draw_people(), st.integers(0, 2**32 - 1))
def test_law_shuffled_rows_change_nothing(people, seed):
    shuffled = people.sample(frac=1, random_state=seed)
    np.testing.assert_equal(system(shuffled, 5_000), system(people, 5_000))
    pd.testing.assert_frame_equal(size_classes(shuffled, cutoff=5_000), size_classes(people, cutoff=5_000), check_exact=True)


# Classes of size.


def test_the_smallest_size_belongs_to_its_class():
    for name, floor in list(SIZE_CLASSES.items())[1:]:
        below = NAMES[NAMES.index(name) - 1]
        assert size_class_of(pd.Series([floor, np.nextafter(floor, 0)])).tolist() == [name, below]
    assert size_class_of(pd.Series([0.0, 4e7, np.nan])).tolist()[:2] == ["under 5k", "5m+"]
    assert size_class_of(pd.Series([np.nan])).isna().all()


def test_classes_by_hand():
    people = pd.Series({"a": 6e6, "b": 19_999.0, "c": 5_000.0, "d": 250_000.0, "e": 4_000.0})
    table = size_classes(people, cutoff=5_000)
    assert table.index.tolist() == NAMES[1:]
    assert table["size_class.settlements"].tolist() == [2, 0, 0, 1, 0, 0, 1]
    assert table["size_class.people"].tolist() == [24_999, 0, 0, 250_000, 0, 0, 6_000_000]
    np.testing.assert_allclose(table["size_class.share"], table["size_class.people"] / 6_274_999, rtol=1e-12)


@pytest.mark.parametrize(
    ("cutoff", "first"), [(0, 0), (1_000, 0), (5_000, 1), (19_999, 1), (50_000, 3), (60_000, 3), (5e6, 7), (9e9, 7)]
)
def test_classes_begin_with_that_of_the_cutoff(cutoff, first):
    assert size_classes(FEW, cutoff=cutoff).index.tolist() == NAMES[first:]


def test_classes_of_nothing_are_empty_and_their_shares_missing():
    table = size_classes(pd.Series(dtype=float), cutoff=5_000)
    assert table.index.tolist() == NAMES[1:]
    assert table["size_class.settlements"].tolist() == table["size_class.people"].tolist() == [0] * 7
    assert table["size_class.share"].isna().all()


@given(draw_people(), st.sampled_from([0, 1_000, 5_000, 50_000]))
def test_law_classes_add_up_to_the_system(people, cutoff):
    table, values = size_classes(people, cutoff=cutoff), system(people, cutoff)
    assert table["size_class.settlements"].sum() == values["settlements"]
    assert table["size_class.people"].sum() == values["people"]  # whole people: exact
    if values["people"]:
        assert table["size_class.share"].sum() == pytest.approx(1.0)


# Growth.

BEFORE = pd.Series({"a": 10_000.0, "b": 30_000.0, "c": 40_000.0, "d": np.nan, "e": 7_000.0, "f": 0.0, "g": 2_000.0})
AFTER = pd.Series({"a": 20_000.0, "b": 30_000.0, "c": 30_000.0, "d": 9_000.0, "e": np.nan, "f": 0.0, "g": 2_002.0})


def test_growers_and_shrinkers_by_hand():
    frame, values, ledger = growth_by_size(BEFORE, AFTER, years=10)
    assert frame.index.tolist() == NAMES
    assert frame.columns.tolist() == ["size_class.growers", "size_class.shrinkers", "size_class.stable"]
    assert frame[:3].values.tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 1]]  # g gains 0.0001 a year
    assert frame[3:].values.sum() == 0
    assert (values["system.growers"], values["system.shrinkers"], values["system.stable"]) == (1, 1, 2)
    assert ledger.amount("nobody at the first date: no growth rate") == 2
    assert ledger.amount("nobody at the last date: no growth rate") == 1


def test_a_rate_of_exactly_the_bound_is_stable_and_one_beyond_is_not():
    before = pd.Series({"up": 1.0, "down": 1.0, "more": 1.0})
    after = pd.Series({"up": 2.0, "down": 0.5, "more": 2.001})
    _, values, _ = growth_by_size(before, after, years=1, stable=np.log(2.0))
    assert [values[f"system.{key}"] for key in ("growers", "shrinkers", "stable")] == [1, 0, 2]


@pytest.mark.parametrize("slope", [0.02, 0.0, -0.003])
def test_growth_that_depends_on_size_has_its_slope(slope):
    before = pd.Series(np.geomspace(5e3, 5e6, 30), index=[f"z{k}" for k in range(30)])
    after = before * np.exp(10 * (0.01 + slope * np.log(before)))
    _, values, _ = growth_by_size(before, after, years=10)
    assert values["system.growth_on_size"] == pytest.approx(slope, abs=1e-13)
    assert values["system.growth_on_size_error"] == pytest.approx(0.0, abs=1e-13)


@given(st.integers(0, 2**32 - 1), st.integers(3, 40))
def test_law_growth_on_size_is_the_regression_of_scipy(seed, count):
    random = np.random.default_rng(seed)
    zones = [f"z{k}" for k in range(count)]
    before = pd.Series(random.uniform(5e3, 9e5, count), zones)
    after = before * random.uniform(0.5, 2.0, count)
    frame, values, _ = growth_by_size(before, after, years=7)
    fitted = stats.linregress(np.log(before), np.log(after / before) / 7)
    assert values["system.growth_on_size"] == pytest.approx(fitted.slope, rel=1e-8, abs=1e-14)
    assert values["system.growth_on_size_error"] == pytest.approx(fitted.stderr, rel=1e-6, abs=1e-14)
    assert frame.values.sum() == count
    shuffled = growth_by_size(before.sample(frac=1, random_state=1), after.sample(frac=1, random_state=2), years=7)
    pd.testing.assert_frame_equal(shuffled[0], frame)
    assert shuffled[1] == values


def test_too_few_settlements_have_no_growth_on_size():
    for before in (FEW[:2], FEW[:0], FEW * 0 + 9.0):
        frame, values, _ = growth_by_size(before, before * 1.5, years=5)
        assert np.isnan(values["system.growth_on_size"])
        assert np.isnan(values["system.growth_on_size_error"])
        assert frame.values.sum() == values["system.growers"] == len(before)


def test_rates_by_hand_whatever_the_order_and_missing_where_nobody_is():
    rate = growth_rate(BEFORE, AFTER[::-1], years=10)
    assert rate["a"] == pytest.approx(np.log(2) / 10)
    assert rate["c"] == pytest.approx(np.log(0.75) / 10)
    assert rate["b"] == 0
    assert rate.index[rate.isna()].tolist() == ["d", "e", "f"]
    assert growth_rate(FEW[:2], FEW[1:3], years=1).isna().tolist() == [True, False, True]  # strangers are missing


@pytest.mark.parametrize("years", [0, -10, np.nan])
def test_growth_needs_time(years):
    with pytest.raises(ValueError, match="later date second"):
        growth_rate(FEW, FEW, years=years)


def test_nothing_that_was_given_is_changed():
    given_before, given_after = BEFORE.copy(), AFTER.copy()
    growth_by_size(BEFORE, AFTER, years=10)
    city_system(BEFORE, cutoff=5_000)
    size_classes(BEFORE, cutoff=5_000)
    pd.testing.assert_series_equal(BEFORE, given_before)
    pd.testing.assert_series_equal(AFTER, given_after)


def test_a_line_through_two_points_has_no_error_and_is_not_drawn():
    assert np.isnan(fit_line(np.array([0.0, 1.0]), np.array([1.0, 2.0]))).all()
    assert fit_line(np.array([0.0, 1.0, 2.0]), np.array([0.0, 3.0, 0.0])) == pytest.approx((0.0, np.sqrt(6 / 2)))
