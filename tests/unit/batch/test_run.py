"""Every input gets one row, whatever happens in between."""

import pytest

from beholder.batch.rows import to_row
from beholder.batch.run import run
from beholder.batch.settings import Settings
from beholder.records import Failure
from beholder.reports.results import to_dict
from tests.model_factory import make_model
from tests.score_factory import make_score

pytest.importorskip("pyarrow", reason="needs the extra batch")
pytest.importorskip("fsspec", reason="needs the extra batch")


class FakeRay:
    """Scores names in pairs, the last first; stops after some, as a kill would."""

    def __init__(self, *, stop_after=None):
        self.stop_after = stop_after
        self.asked = []

    def __call__(self, names, *, settings, model_id):
        self.asked += names
        names = list(reversed(names))
        for start in range(0, len(names), 2):
            if self.stop_after is not None and start >= self.stop_after:
                raise KeyboardInterrupt
            yield 3, [self._row(name, model_id) for name in names[start : start + 2]]

    def _row(self, name, model_id):
        bad = Failure(path=name, error="damaged", message="x") if "bad" in name else None
        result = bad or make_score([50.0], path=name)
        return to_row(to_dict(result), model=model_id, elapsed_seconds=0.5)


@pytest.fixture
def go(tmp_path):
    model = str(make_model(tmp_path / "m.onnx"))

    def call(inputs, fake, *, on_progress=lambda *_: None, **settings):
        output = str(tmp_path / "out")
        chosen = Settings(model=model, **settings)
        return run(inputs, output, settings=chosen, on_progress=on_progress, score_many=fake)

    return call


def _paths(tmp_path):
    from pyarrow import parquet

    return sorted(parquet.read_table(tmp_path / "out")["path"].to_pylist())


def test_a_run_that_is_stopped_goes_on(go, tmp_path):
    names = [f"/d/{number}.mp4" for number in range(9)]
    with pytest.raises(KeyboardInterrupt):
        go(names, FakeRay(stop_after=4))
    assert _paths(tmp_path) == names[5:]
    rest = FakeRay()
    summary = go(names, rest)
    assert rest.asked == names[:5]
    assert _paths(tmp_path) == names
    assert (summary.num_before, summary.num_now, summary.num_rows) == (4, 5, 9)
    idle = FakeRay()
    assert go(names, idle).num_now == 0
    assert idle.asked == []


def test_names_that_come_twice_are_scored_once(go, tmp_path):
    summary = go(["/a.mp4", "/b.mp4", "/a.mp4"], FakeRay())
    assert (summary.num_inputs, summary.num_repeats) == (2, 1)
    assert _paths(tmp_path) == ["/a.mp4", "/b.mp4"]


def test_failures_of_the_listing_are_rows(go, tmp_path):
    refused = Failure(path="/locked", error="no_permission", message="x")
    summary = go([refused, "/a.mp4"], FakeRay())
    assert summary.errors == {"no_permission": 1}
    assert summary.num_now == 2
    assert _paths(tmp_path) == ["/a.mp4", "/locked"]


def test_errors_are_kept_until_they_are_to_be_tried_again(go, tmp_path):
    names = ["/a.mp4", "/bad.mp4"]
    assert go(names, FakeRay()).errors == {"damaged": 1}
    kept, again = FakeRay(), FakeRay()
    assert go(names, kept).errors == {"damaged": 1}
    assert kept.asked == []
    go(names, again, retry_errors=True)
    assert again.asked == ["/bad.mp4"]
    assert _paths(tmp_path) == names


def test_progress_counts_what_was_done_before(go):
    go(["/a.mp4"], FakeRay())
    told = []
    names = [f"/{name}.mp4" for name in "abcd"]
    go(names, FakeRay(), on_progress=lambda *numbers: told.append(numbers))
    assert told == [(1, 4), (3, 4), (4, 4)]


def test_what_scores_has_ended_when_a_run_breaks(go, tmp_path):
    ended = []

    def score_many(names, *, settings, model_id):
        try:
            yield from FakeRay()(names, settings=settings, model_id=model_id)
        finally:
            ended.append(True)

    def break_down(done, total):
        if done:
            raise RuntimeError("no terminal")

    with pytest.raises(RuntimeError, match="no terminal") as caught:
        go(["/a.mp4", "/b.mp4", "/c.mp4"], score_many, on_progress=break_down)
    # The traceback, which is still held here, would keep a loop alive.
    assert caught.value.__traceback__
    assert ended == [True]
    assert _paths(tmp_path) == ["/b.mp4", "/c.mp4"]
