"""Faults over time: black, frozen, duplicated, and where they are."""

import numpy as np
import pytest

from beholder.evaluation.correlation import srcc
from beholder.faults import FaultWatch
from beholder.faults.neighbours import BURST_FRAMES, MOST_BURSTS, plan_neighbours
from beholder.faults.summary import Look, summarise_faults
from beholder.records import FramePlan
from beholder.sampling import spread_times
from beholder.scoring.arrays import describe_frames, pick_frames
from benchmarks.fault_makers import CLIP_FAULTS

FPS = 20.0
NUM_FRAMES = 200


@pytest.fixture(scope="module")
def clip():
    rng = np.random.default_rng(5)
    wide = rng.integers(40, 220, (64, 64 + NUM_FRAMES, 3)).astype(np.uint8)
    return np.stack([wide[:, number : number + 64] for number in range(NUM_FRAMES)])


def watch_clip(clip, *, looks=16):
    info = describe_frames(clip, fps=FPS)
    watch = FaultWatch(FramePlan(times_us=spread_times(info, looks)), info)
    passed = list(watch.tap(pick_frames(clip, watch.plan, fps=FPS)))
    return {fault.name: fault for fault in watch.faults()}, passed


def test_only_the_looks_pass(clip):
    _, passed = watch_clip(clip)
    info = describe_frames(clip, fps=FPS)
    wanted = pick_frames(clip, FramePlan(times_us=spread_times(info, 16)), fps=FPS)
    assert [frame.time_seconds for frame in passed] == [frame.time_seconds for frame in wanted]


@pytest.mark.parametrize("fault", list(CLIP_FAULTS))
def test_measure_rises_with_its_fault_only(clip, fault):
    make, strengths = CLIP_FAULTS[fault]
    rng = np.random.default_rng(0)
    found = [watch_clip(make(clip, strength, rng))[0] for strength in strengths]
    assert srcc([each[fault].value for each in found], strengths) >= 0.9
    assert found[-1][fault].named
    others = {name for each in found for name in set(CLIP_FAULTS) - {fault} if each[name].named}
    assert not others


def test_clean_clip_moves(clip):
    found, _ = watch_clip(clip)
    assert not [name for name in CLIP_FAULTS if found[name].named]


def test_span_says_where_it_is_black(clip):
    changed = clip.copy()
    changed[40:80] = 0
    fault = watch_clip(changed)[0]["black"]
    (span,) = fault.spans
    assert span.start_seconds == pytest.approx(2.0, abs=0.4)
    assert span.end_seconds == pytest.approx(4.0, abs=0.4)
    assert span.value == 100.0


def test_still_shot_is_frozen_and_not_duplicated(clip):
    found, _ = watch_clip(np.repeat(clip[:1], NUM_FRAMES, axis=0))
    assert found["frozen"].value == 100.0
    assert "duplicated" not in found


def test_picture_has_no_faults_of_time(clip):
    found, _ = watch_clip(clip[:1])
    assert not {"frozen", "duplicated"} & set(found)
    assert all(fault.spans == () for fault in found.values())


def test_frames_that_stay_longer_are_not_duplicates(clip):
    """A variable frame rate shows one frame for the time of two."""
    info = describe_frames(clip, fps=FPS)
    watch = FaultWatch(FramePlan(times_us=spread_times(info, 8)), info)
    slow = clip[::2]
    list(watch.tap(pick_frames(slow, watch.plan, fps=FPS / 2)))
    assert {fault.name: fault.value for fault in watch.faults()}["duplicated"] == 0.0


@pytest.mark.parametrize("looks", [1, 5, 40])
def test_neighbours_never_leave_the_clip_and_are_bounded(clip, looks):
    info = describe_frames(clip, fps=FPS)
    plan = FramePlan(times_us=spread_times(info, looks))
    wide, numbers = plan_neighbours(plan, info)
    assert set(plan.times_us) <= set(wide.times_us)
    assert list(wide.times_us) == sorted(set(wide.times_us))
    assert list(numbers) == sorted(numbers)
    assert wide.times_us[-1] < NUM_FRAMES / FPS * 1e6
    assert len(wide.times_us) - looks <= MOST_BURSTS * BURST_FRAMES


def test_three_worst_spans_are_kept():
    blurs = [60, 0, 90, 0, 70, 0, 80, 0]
    looks = [Look(time_seconds=n + 0.5, figures={"blur": b}) for n, b in enumerate(blurs)]
    (fault,) = summarise_faults(looks, duration_seconds=8.0)
    assert [span.value for span in fault.spans] == [90, 80, 70]
    assert (fault.spans[0].start_seconds, fault.spans[0].end_seconds) == (2.0, 3.0)
    assert fault.share == 0.5
    assert fault.named


def test_a_single_bad_look_in_twenty_is_not_named():
    looks = [
        Look(time_seconds=float(n), figures={"blur": 90.0 if n == 3 else 20.0}) for n in range(20)
    ]
    (fault,) = summarise_faults(looks, duration_seconds=20.0)
    assert not fault.named
    assert fault.share == 0.05
