"""`beholder datasets split` and `compare`: files that every machine draws alike."""

from __future__ import annotations

import json
from pathlib import Path

from tests.dataset_trees import TREES, write
from tests.flows.conftest import Run


def manifest(folder: Path, *, reverse: bool = False) -> str:
    lines = [f"{index}.mp4,0.{index},scene{index // 2}" for index in range(10)]
    write(folder, "mine.csv", "path,mos,content_id\n" + "\n".join(lines[:: -1 if reverse else 1]))
    return str(folder / "mine.csv")


def split(run: Run, data: str, out: Path, *options: str) -> str:
    outcome = run("datasets", "split", "csv", "--data", data, "--out", str(out), *options)
    assert outcome.code == 0, outcome.err
    return outcome.out.decode()


def test_contents_stay_on_one_side_whatever_the_order(run: Run, tmp_path: Path) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    text = split(run, manifest(tmp_path), first)
    assert text == f"10 parts in {first}: 8 items to learn from and 2 to judge on\n"
    split(run, manifest(tmp_path, reverse=True), second)
    assert first.read_bytes() == second.read_bytes()
    for part in json.loads(first.read_text())["parts"]:
        one, other = (int(Path(key).stem) for key in part["test"])
        assert one // 2 == other // 2


def test_compare_names_what_moved(run: Run, tmp_path: Path) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    data = manifest(tmp_path)
    split(run, data, first, "--repeats", "1")
    split(run, data, second, "--repeats", "1", "--fraction", "0.4")
    same = run("datasets", "compare", str(first), str(first))
    assert (same.code, same.out) == (0, b"The same items on the same sides.\n")
    other = run("datasets", "compare", str(first), str(second))
    assert other.code == 1
    assert "repeat 0: judged on only in the first 0, only in the second 2 ('" in other.out.decode()


def test_the_official_split_is_written(run: Run, tmp_path: Path) -> None:
    TREES["koniq10k"](tmp_path)
    out = tmp_path / "official.json"
    arguments = ("datasets", "split", "koniq10k", "--data", str(tmp_path), "--out", str(out))
    assert run(*arguments, "--official").code == 0
    document = json.loads(out.read_text())
    assert (document["name"], document["seed"]) == ("koniq10k", None)
    assert [len(document["parts"][0][side]) for side in ("train", "test")] == [1, 1]
