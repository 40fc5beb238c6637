"""How names are shared out, and what happens when Ray does not start; Ray itself is a stand-in."""

import sys
from types import SimpleNamespace

import pytest

from beholder.batch import cluster
from beholder.batch.cluster import chunk, score_on_ray
from beholder.batch.settings import Settings
from beholder.errors import UsageError, WorkerLost

pa = pytest.importorskip("pyarrow", reason="needs the extra batch")


class StandIn:
    def __init__(self, *, starts=True):
        self.starts = starts
        self.asked = {}
        self.is_down = False

    def init(self, **options):
        self.asked = options
        if not self.starts:
            raise Exception("timed out.")

    def shutdown(self):
        self.is_down = True


@pytest.fixture
def score(monkeypatch):
    def call(ray, **settings):
        module = SimpleNamespace(
            init=ray.init, shutdown=ray.shutdown, cluster_resources=lambda: {"CPU": 4.0}
        )
        monkeypatch.setitem(sys.modules, "ray", module)
        monkeypatch.setattr(cluster, "_stream", _stream)
        return list(score_on_ray(["/a", "/b", "/c"], settings=Settings(**settings), model_id="m"))

    return call


def _stream(names, assignment, *, workers, num_cores):
    for name in names:
        yield pa.table({"path": [name], "cores": [num_cores]})


def test_ray_is_started_and_ended(score):
    ray = StandIn()
    found = score(ray, workers=2)
    assert found == [(2, [{"path": name, "cores": 4}]) for name in ("/a", "/b", "/c")]
    assert ray.asked["address"] == "local"
    assert ray.asked["num_cpus"] == 2
    assert ray.is_down


def test_there_are_no_more_workers_than_files(score):
    assert score(StandIn())[0][0] == 3


def test_ray_that_does_not_start(score):
    ray = StandIn(starts=False)
    with pytest.raises(
        WorkerLost, match="Ray to start on this machine, found Exception: timed out; "
    ):
        score(ray)


def test_a_cluster_is_joined(score):
    ray = StandIn()
    score(ray, address="head:6379")
    assert ray.asked["address"] == "head:6379"
    assert "num_cpus" not in ray.asked


def test_a_cluster_that_is_not_there(score):
    with pytest.raises(
        UsageError, match="a Ray cluster at 'head:6379', found Exception: timed out; "
    ):
        score(StandIn(starts=False), address="head:6379")


@pytest.mark.parametrize(
    ("number", "workers", "tasks", "largest"),
    [(1, 8, 1, 1), (300, 2, 34, 9), (100_000, 2, 6250, 16), (1_000, 500, 1000, 1)],
)
def test_names_are_cut_into_small_tasks(number, workers, tasks, largest):
    names = [f"/{index}" for index in range(number)]
    tables = chunk(names, workers=workers)
    assert len(tables) == tasks
    assert max(table.num_rows for table in tables) == largest
    assert [name.decode() for table in tables for name in table["name"].to_pylist()] == names
