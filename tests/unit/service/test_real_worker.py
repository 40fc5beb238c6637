"""The worker that scores: the same bytes as the command, limits, memory."""

import dataclasses
import resource
from multiprocessing import Pipe, get_context

import numpy as np
import pytest

from beholder.errors import TooLarge, TooLong
from beholder.media import probe
from beholder.reports.results import to_json
from beholder.scoring import Scorer
from beholder.service.messages import Answer, Order, Progress, Ready, Task, Unable
from beholder.service.worker import check_limits, work
from tests.media_factory import make_image, make_video
from tests.model_factory import make_model
from tests.service_workers import take_memory
from tests.unit.service.conftest import post, starter

ORDER = Order(model="embedded", pixels=20_000, duration_seconds=2.0, memory_bytes=2**30)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return str(make_model(tmp_path_factory.mktemp("model") / "m.onnx"))


@pytest.fixture(scope="module")
def real(model, tmp_path_factory):
    """A service whose worker scores, with narrow limits."""
    with starter(tmp_path_factory.mktemp("service")) as start:
        yield start(main=work, model=model, limits={"pixels": 20_000, "duration_seconds": 2.0})


@pytest.mark.parametrize("name", ["clip.mp4", "picture.png", "photo.jpg", "moving.gif"])
def test_answer_is_byte_by_byte_that_of_the_command(real, model, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    path = (make_video if name == "clip.mp4" else make_image)(tmp_path / name)
    scorer = Scorer(model)
    for timeline in (False, True):
        answer = post(real, f"/v1/score?timeline={timeline}", path.read_bytes(), name=name)
        expected = to_json([scorer.score(name)], model=scorer.model_id, timeline=timeline)
        assert answer.text == expected


def test_faults_are_those_of_the_command(real, model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = make_video(tmp_path / "clip.mp4")
    scorer = Scorer(model)
    answer = post(real, "/v1/score?faults=true", path.read_bytes(), name="clip.mp4")
    expected = to_json([scorer.score("clip.mp4", faults=True)], model=scorer.model_id)
    assert answer.text == expected
    assert '"faults"' in answer.text


@pytest.mark.parametrize(
    ("make", "status", "code"),
    [
        (lambda path: path.write_bytes(b""), 422, "empty_file"),
        (lambda path: path.write_bytes(b"no media"), 415, "not_media"),
        (lambda path: make_image(path, (300, 300), codec="png"), 413, "too_large"),
        (lambda path: make_video(path, num_frames=100, container_format="mp4"), 413, "too_long"),
    ],
    ids=["empty", "text", "large", "long"],
)
def test_file_that_cannot_be_scored_is_an_error(real, tmp_path, make, status, code):
    make(tmp_path / "file.png")
    answer = post(real, "/v1/score", (tmp_path / "file.png").read_bytes())
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert "uploads" not in answer.text


def test_worker_tells_progress_and_ends_with_its_connection(model, tmp_path):
    clip = make_video(tmp_path / "clip.mp4")
    ours, theirs = Pipe()
    order = dataclasses.replace(ORDER, model=model)
    process = get_context("spawn").Process(target=work, args=(theirs, order))
    process.start()
    theirs.close()
    assert isinstance(ours.recv(), Ready)
    ours.send(Task(path=str(clip), name="shown.mp4"))
    *progress, answer = _until_answer(ours)
    assert progress
    assert all(isinstance(each, Progress) for each in progress)
    assert [each.frames_done for each in progress] == list(range(progress[0].frames_total))
    assert answer.result["path"] == "shown.mp4"
    ours.close()
    process.join(20)
    assert process.exitcode == 0


def _until_answer(connection):
    said = []
    while not said or not isinstance(said[-1], Answer):
        said.append(connection.recv())
    return said


def test_worker_without_its_model_says_so():
    ours, theirs = Pipe()
    order = dataclasses.replace(ORDER, model="no such model")
    process = get_context("spawn").Process(target=work, args=(theirs, order))
    process.start()
    said = ours.recv()
    process.join(20)
    assert isinstance(said, Unable)
    assert "no such model" in said.message


def test_picture_with_too_many_pixels_is_refused(tmp_path):
    info = probe(make_image(tmp_path / "a.png", (200, 101)))
    with pytest.raises(TooLarge, match="expected at most 20000 pixels, found 200 x 101"):
        check_limits(info, ORDER)


def test_video_that_is_too_long_is_refused(tmp_path):
    info = probe(make_video(tmp_path / "a.mp4", num_frames=90))
    with pytest.raises(TooLong, match="expected a video of at most 2 s, found one of 3 s"):
        check_limits(info, ORDER)


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_DATA"), reason="no RLIMIT_DATA on this system")
@pytest.mark.parametrize(("wanted_mb", "outcome"), [(40, "taken"), (400, "refused")])
def test_worker_cannot_take_more_memory_than_allowed(wanted_mb, outcome):
    ours, theirs = Pipe()
    arguments = (theirs, 100 * 2**20, wanted_mb * 2**20)
    process = get_context("spawn").Process(target=take_memory, args=arguments)
    process.start()
    assert ours.recv() == outcome
    process.join(20)


def test_file_that_needs_more_memory_than_allowed_is_an_error(start, model, tmp_path):
    picture = make_image(tmp_path / "large.png", np.zeros((3000, 4000, 3), np.uint8))
    client = start(main=work, model=model, limits={"upload_bytes": 2**28, "memory_bytes": 2**24})
    answer = post(client, "/v1/score", picture.read_bytes())
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
    small = make_image(tmp_path / "small.png", (64, 64))
    assert post(client, "/v1/score", small.read_bytes()).status_code == 200
