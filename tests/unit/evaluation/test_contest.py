"""Models on the same items: the right figures for the right items, and the right winner."""

import numpy as np
import pytest

from beholder.evaluation.contest import (
    COVERAGE,
    WITHIN,
    Entrant,
    Opinions,
    hold_contest,
    median_contest,
)

NUM_ITEMS = 60


def _opinions(num_contents=NUM_ITEMS, **more):
    mos = np.linspace(0, 100, NUM_ITEMS)
    contents = tuple(str(index % num_contents) for index in range(NUM_ITEMS))
    return Opinions(mos=mos, content_ids=contents, **more)


def _entrant(name, noise, **more):
    mos = np.linspace(0, 100, NUM_ITEMS)
    return Entrant(
        name=name, predicted=mos + np.random.default_rng(0).normal(0, noise, NUM_ITEMS), **more
    )


def _hold(opinions, *entrants):
    return hold_contest(opinions, entrants, num_resamples=50)


def test_the_better_model_wins_and_the_difference_is_marked():
    contest = _hold(_opinions(), _entrant("poor", 80), _entrant("good", 5))
    assert contest.best() == "good"
    assert contest.significance.names == ("poor", "good")
    assert contest.significance.marks == (("=", "-"), ("+", "="))
    assert (contest.num_items, contest.num_contents, contest.notes) == (60, 60, ())
    assert WITHIN not in contest.figures["good"]
    assert COVERAGE not in contest.figures["good"]
    assert "outlier_ratio_2std" not in contest.figures["good"]


def test_within_contents_differences_between_scenes_earn_nothing():
    opinions = _opinions(num_contents=15)
    content = np.array([int(name) for name in opinions.content_ids])
    # Falls inside each content, though a large step from content to content carries the whole.
    against = Entrant(name="against", predicted=1000.0 * content - opinions.mos)
    contest = _hold(opinions, against, _entrant("for", 1))
    assert contest.figures["against"][WITHIN].value == pytest.approx(-1)
    assert contest.figures["for"][WITHIN].value == pytest.approx(1)
    assert contest.best(WITHIN) == "for"
    assert list(contest.within_p_values) == ["against"]
    assert contest.within_p_values["against"] < 0.05
    assert contest.num_contents == 15
    assert "not independent" in contest.notes[0]


def test_contents_too_small_to_rank_are_left_out():
    mos = np.array([1.0, 2, 3, 4, 5, 6, 7])
    contents = ("a", "a", "a", "b", "b", "c", "c")
    opinions = Opinions(mos=mos, content_ids=contents)
    contest = _hold(opinions, Entrant(name="one", predicted=mos * [1, 1, 1, 1, -1, 1, -1]))
    assert contest.figures["one"][WITHIN].value == 1


def test_coverage_counts_both_ends_in():
    opinions = _opinions()
    ends = np.stack([opinions.mos, opinions.mos + 1], axis=1)
    ends[: NUM_ITEMS // 4] += 10
    contest = _hold(opinions, _entrant("one", 5, ends=ends))
    assert contest.figures["one"][COVERAGE].value == 0.75
    assert contest.significance is None


def test_spread_and_votes_bring_more_figures():
    spread, votes = np.full(NUM_ITEMS, 8.0), np.full(NUM_ITEMS, 20.0)
    with_spread = _hold(_opinions(mos_std=spread), _entrant("one", 5))
    assert "outlier_ratio_2std" in with_spread.figures["one"]
    assert "auc_better_worse" not in with_spread.figures["one"]
    with_votes = _hold(_opinions(mos_std=spread, num_votes=votes), _entrant("one", 5))
    assert with_votes.figures["one"]["auc_better_worse"].value > 0.9


def test_a_constant_model_is_told_not_raised():
    flat = Entrant(name="flat", predicted=np.ones(NUM_ITEMS))
    contest = _hold(_opinions(), flat, _entrant("good", 5))
    assert contest.best() == "good"
    assert contest.significance is None
    assert "could not be compared: expected predicted that vary" in contest.notes[0]
    assert contest.figures["flat"]["srcc"].value is None


def test_median_over_parts():
    contests = [_hold(_opinions(), _entrant("one", noise)) for noise in (1, 10, 60)]
    middle = contests[1].figures["one"]["srcc"].value
    found = median_contest(contests).figures["one"]["srcc"]
    assert found.value == middle
    low, high = found.interval
    assert low < middle < high


def test_median_needs_every_part():
    flat = Entrant(name="one", predicted=np.ones(NUM_ITEMS))
    found = median_contest([_hold(_opinions(), _entrant("one", 5)), _hold(_opinions(), flat)])
    assert found.figures["one"]["srcc"].value is None
    assert found.figures["one"]["srcc"].reason == "not defined on 1 of 2 parts"
