from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
import sys

import pytest

from beholder.errors import MissingExtra
from beholder.records import Failure, Fault, FaultSpan
from beholder.reports.families import find_families
from beholder.reports.html_charts import histogram, rate_chart, timeline_chart
from beholder.reports.html_page import Report, Shot, render_report
from tests.score_factory import make_score

NASTY = "<script>alert(1)</script>\"'&.mp4"
BLUR = Fault(
    name="blur",
    value=60.0,
    unit="%",
    limit=52.0,
    share=0.5,
    named=True,
    spans=(FaultSpan(start_seconds=1.0, end_seconds=2.0, value=70.0),),
)


def _page(**changes: object) -> str:
    score = dataclasses.replace(make_score([40.0, 60.0], path=NASTY), faults=(BLUR,))
    failure = Failure(path="<b>.mp4", error="damaged", message="expected <more>")
    shot = Shot(caption="worst", jpeg=b"\xff\xd8", width_px=4, height_px=2)
    report = Report(
        title="A & B",
        model="m@0",
        results=[score, failure],
        details=[NASTY],
        shots={NASTY: [shot]},
    )
    return render_report(dataclasses.replace(report, **changes))


def test_names_are_escaped_everywhere() -> None:
    page = _page()
    assert "alert(1)" in page
    assert "<script>alert" not in page
    assert "<b>.mp4" not in page
    assert "&lt;b&gt;.mp4" in page
    assert "A &amp; B" in page


def test_policy_allows_only_what_the_page_brings() -> None:
    page = _page()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[1]
    assert policy.startswith("default-src 'none'; img-src data:;")
    for element, directive in (("style", "style-src"), ("script", "script-src")):
        body = re.search(rf"<{element}>(.*?)</{element}>", page, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert " style=" not in page
    assert " onclick=" not in page


def test_page_needs_nothing_from_outside() -> None:
    addresses = re.findall(r'(?:src|href)="([^"]*)"', _page())
    assert addresses
    assert all(each.startswith(("data:image/jpeg;base64,", "#")) for each in addresses)


def test_page_tells_scores_faults_and_errors() -> None:
    page = _page()
    assert "expected &lt;more&gt; [damaged]" in page
    assert "60 %, 50 % of the looks; worst 0:01.0 to 0:02.0" in page
    assert page.count('class="card item"') == 1


def test_page_without_any_score_is_a_page() -> None:
    page = _page(results=[Failure(path="a", error="damaged", message="m")], details=[], shots={})
    assert "Not scored" in page
    assert 'id="results"' not in page


def test_missing_jinja_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingExtra, match=re.escape("pip install 'beholder[report]'")):
        _page()


def test_timeline_spans_the_clip_and_the_scale() -> None:
    chart = timeline_chart(make_score([0.0, 50.0, 100.0]))
    (line,) = chart.lines
    heights = [y for _, y, _ in line.marks]
    assert heights == [156.0, 83.0, 10.0]
    assert [tick.text for tick in chart.ticks][:2] == ["0:00.0", "0:00.2"]


def test_rates_are_drawn_on_a_logarithmic_axis() -> None:
    points = [(100.0, 1.0, ""), (1000.0, 2.0, ""), (10000.0, 3.0, "")]
    (line,) = rate_chart({"x264": points}).lines
    left, middle, right = (x for x, _, _ in line.marks)
    assert right - middle == pytest.approx(middle - left, abs=0.2)


def test_histogram_counts_every_score() -> None:
    bars = histogram([0.0, 4.9, 5.0, 100.0])
    counts = [int(bar.tip.split(": ")[1]) for bar in bars]
    assert counts == [2, 1, *[0] * 17, 1]
    assert bars[0].word == "bad"
    assert bars[-1].word == "excellent"


def _encodes(names: list[str]) -> list:
    return [make_score([50.0 + n, 52.0 + n], path=name) for n, name in enumerate(names)]


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["d/a_x264_crf23.mp4", "d/a_x264_crf28.mp4", "d/a_x264_crf33.mp4"], ["a"]),
        (["d/clip-1000kbps.mp4", "d/clip-500kbps.mp4", "d/clip-250kbps.mp4"], ["clip"]),
        (["d/x264_crf1.mp4", "d/vp9_crf2.webm", "d/vp9_crf3.webm"], ["d"]),
        (["d/a 1080p.mp4", "d/a 720p.mp4", "d/a 540p.mp4"], ["a"]),
        (["d/a_crf1.mp4", "e/a_crf2.mp4", "d/a_crf3.mp4"], []),
        (["d/one.mp4", "d/two.mp4", "d/three.mp4"], []),
        (["d/a_crf1.mp4", "d/a_crf2.mp4"], []),
    ],
)
def test_families_are_found_by_name(names: list[str], found: list[str]) -> None:
    sizes = {name: 1000 * (n + 1) for n, name in enumerate(names)}
    families = find_families(_encodes(names), size_bytes=sizes)
    assert [family.name for family in families] == found


def test_a_manifest_is_believed_before_names() -> None:
    names = ["d/one.mp4", "d/two.mp4", "d/three.mp4"]
    sizes = {name: 1000 * (n + 1) for n, name in enumerate(names)}
    known = dict.fromkeys(names, ("dog", "av1"))
    (family,) = find_families(_encodes(names), size_bytes=sizes, known=known)
    assert family.name == "dog"
    assert [member.kbps for member in family.members] == [8.0, 16.0, 24.0]
    assert family.knees == ("d/one.mp4",)


def test_clips_of_other_length_are_no_family() -> None:
    names = ["d/a_crf1.mp4", "d/a_crf2.mp4", "d/a_crf3.mp4"]
    scores = _encodes(names)
    scores[0] = dataclasses.replace(scores[0], duration_seconds=5.0)
    assert not find_families(scores, size_bytes=dict.fromkeys(names, 10) | {names[0]: 20})
