"""`beholder serve` as people start it: a process of its own, stopped, killed and started again."""

from __future__ import annotations

import re
import shlex
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the extra `serve` is not installed")

import httpx2

from tests.house.repository import ROOT
from tests.media_factory import make_image, make_video
from tests.model_factory import make_model

EXAMPLES = ROOT / "examples" / "service"


@contextmanager
def _serving(folder, *options):
    model = folder / "m.onnx"
    if not model.exists():
        make_model(model)
    command = [sys.executable, "-m", "beholder", "serve", "--port", "0", "--model", str(model)]
    whole = [*command, "--state", str(folder / "state"), *options]
    with subprocess.Popen(whole, stdout=subprocess.PIPE, text=True) as process:
        try:
            said = process.stdout.readline()
            assert said.startswith("Beholder serves http://127.0.0.1:"), said
            yield process, said.split()[2]
        finally:
            process.kill()


def test_service_answers_as_the_command_and_stops_in_good_order(run, tmp_path):
    make_video("clip.mp4")
    expected = run("score", "clip.mp4", "--model", "../m.onnx", "--format", "json").out
    with _serving(tmp_path) as (process, address):
        files = {"file": ("clip.mp4", Path("clip.mp4").read_bytes())}
        answer = httpx2.post(f"{address}v1/score", files=files, timeout=60)
        assert answer.content == expected
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_jobs_survive_a_kill(tmp_path):
    picture = make_image(tmp_path / "a.png").read_bytes()
    with _serving(tmp_path) as (process, address):
        send = {"files": {"file": ("a.png", picture)}, "timeout": 60}
        ids = [httpx2.post(f"{address}v1/jobs", **send).json()["id"] for _ in range(8)]
        process.kill()
    with _serving(tmp_path) as (_, address):
        for job_id in ids:
            with httpx2.stream("GET", f"{address}v1/jobs/{job_id}/events", timeout=60) as events:
                last = [line for line in events.iter_lines() if line][-2]
            assert last == "event: done"


def test_signal_lets_go_of_those_who_wait(tmp_path):
    clip = make_video(tmp_path / "clip.mp4", num_frames=60, width=320, height=240).read_bytes()
    with _serving(tmp_path, "--grace-seconds", "1") as (process, address):
        for _ in range(4):
            last = httpx2.post(f"{address}v1/jobs", files={"file": ("a.mp4", clip)}, timeout=60)
        place = f"{address}v1/jobs/{last.json()['id']}/events"
        with httpx2.stream("GET", place, timeout=60) as events:
            lines = events.iter_lines()
            next(lines)
            process.send_signal(signal.SIGINT)
            list(lines)
        assert process.wait(30) == 0


def test_beyond_loopback_without_a_token_is_refused(run):
    outcome = run("serve", "--host", "0.0.0.0", "--state", "state")
    assert outcome.code == 2
    assert "expected a token for a service that others can reach" in outcome.err


def test_port_in_use_is_refused(run):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        outcome = run("serve", "--port", port, "--state", "state")
    assert outcome.code == 2
    assert f"expected a free address, found 127.0.0.1 port {port}" in outcome.err


def test_missing_extra_says_what_to_install(run, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("beholder.service")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    outcome = run("serve", "--state", "state")
    assert outcome.code == 2
    assert "pip install 'beholder[serve]'" in outcome.err


def test_unknown_model_is_refused(run):
    outcome = run("serve", "--model", "nothing.onnx", "--state", "state", "--port", "0")
    assert outcome.code == 2
    assert "nothing.onnx" in outcome.err


def _commands_of_examples():
    unit = re.search(r"ExecStart=(.*)", (EXAMPLES / "beholder.service").read_text())[1]
    entry = re.search(r"ENTRYPOINT \[(.*)\]", (EXAMPLES / "Containerfile").read_text())[1]
    return [shlex.split(unit), shlex.split(entry.replace(",", " "))]


@pytest.mark.parametrize("words", _commands_of_examples(), ids=["unit", "container"])
def test_examples_use_options_that_exist(run, words):
    assert words[0].endswith("beholder")
    assert words[1] == "serve"
    manual = run("serve", "--help").out.decode()
    options = [word for word in words[2:] if word.startswith("--")]
    assert options
    assert all(f" {option} " in manual for option in options)
