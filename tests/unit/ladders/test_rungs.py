"""`--rungs` becomes a list of encodes, or a lesson."""

from __future__ import annotations

import pytest

from beholder.errors import UnknownName, UsageError
from beholder.ladders.rungs import RungPlan, plan_rungs


def plan(*rungs: str, codecs: tuple[str, ...] = ("x264",)) -> list[RungPlan]:
    return plan_rungs(codecs, rungs, source_height_px=720)


def test_quality_codec_by_codec() -> None:
    plans = plan("crf:18,40,18", codecs=("x264", "vp9", "x264"))
    assert [(p.codec, p.crf, p.label, p.file_name) for p in plans] == [
        ("x264", 18, "crf 18", "x264-crf18.mp4"),
        ("x264", 40, "crf 40", "x264-crf40.mp4"),
        ("vp9", 18, "crf 18", "vp9-crf18.webm"),
        ("vp9", 40, "crf 40", "vp9-crf40.webm"),
    ]


def test_rates_may_have_a_fraction() -> None:
    (first, second) = plan("kbps:1200,62.5")
    assert (first.kbps, first.crf, first.label) == (1200, None, "1200 kbit/s")
    assert (second.label, second.file_name) == ("62.5 kbit/s", "x264-62.5kbps.mp4")


def test_sizes_alone_take_the_usual_quality_of_the_codec() -> None:
    plans = plan("size:720,360", codecs=("x264", "av1"))
    assert [(p.height_px, p.crf) for p in plans] == [(720, 23), (360, 23), (720, 35), (360, 35)]
    assert plans[1].label == "360p, crf 23"
    assert plans[1].file_name == "x264-360p-crf23.mp4"


def test_sizes_and_rates_together_are_each_at_each() -> None:
    plans = plan("size:720,360", "kbps:900,300")
    assert [(p.height_px, p.kbps) for p in plans] == [
        (720, 900),
        (720, 300),
        (360, 900),
        (360, 300),
    ]


@pytest.mark.parametrize(
    ("rungs", "text"),
    [
        ([], "at least one list of rungs, found none; write e.g. crf:23,33"),
        (["18,23"], "rungs of crf, kbps, size, found '18,23'"),
        (["qp:20"], "found 'qp:20'"),
        (["crf:"], "found 'crf:'"),
        (["crf:20.5"], r"whole numbers .* found '20\.5'"),
        (["kbps:fast"], "numbers with commas between them after kbps:, found 'fast'"),
        (["kbps:nan"], "kbps above 0, found nan"),
        (["crf:20", "kbps:300"], "found both; run the command twice"),
        (["crf:20", "crf:30"], "one list of crf, found two"),
        (["crf:20,60"], "crf of 0 to 51 for x264, found 60"),
        (["kbps:0"], "kbps above 0"),
        (["size:1080"], "even sizes of 16 to 720 px .* found 1080; enlarging"),
        (["size:361"], "found 361"),
    ],
)
def test_wrong_rungs_are_told(rungs: list[str], text: str) -> None:
    with pytest.raises(UsageError, match=text):
        plan(*rungs)


def test_unknown_codec_is_told() -> None:
    with pytest.raises(UnknownName, match="x264, x265, vp9, av1, found 'h264'"):
        plan("crf:20", codecs=("h264",))
