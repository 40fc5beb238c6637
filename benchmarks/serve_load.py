"""A load on `beholder serve`, over loopback: 200 uploads, 16 at a time, one in ten broken.

First all of them to `/v1/score`; then all of them to `/v1/jobs`, with the service killed (SIGKILL)
and started again in the middle. Every answer is compared with what the `Scorer` says directly.

    python -m benchmarks.serve_load
"""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import av
import httpx2
import numpy as np

from beholder import BeholderError, Scorer
from beholder.reports.results import to_dict
from benchmarks.record import write_result

NUM_UPLOADS = 200
AT_ONCE = 16
BROKEN_EVERY = 10
WORKERS = 4
_WIDTH, _HEIGHT, _FRAMES = 160, 96, 12
_PATIENCE_SECONDS = 300.0


@dataclass(frozen=True)
class Upload:
    name: str
    content: bytes
    expected: dict[str, Any]
    """The result that belongs to it: of the `Scorer`, or the code of the error."""


@dataclass
class Server:
    """The service as a process of its own, which may be killed and started again."""

    state: Path
    port: int
    process: subprocess.Popen[str] | None = None
    rss_mb: list[tuple[str, float]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "beholder", "serve", "--port", str(self.port)]
        options = ["--state", str(self.state), "--workers", str(WORKERS)]
        self.process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True)
        if self.process.stdout is None or not self.process.stdout.readline():
            raise RuntimeError("the service did not start")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> int:
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def sample(self) -> None:
        """Note the memory of the service and of each of its workers."""
        if self.process is None:
            return
        parent = self.process.pid
        for status in Path("/proc").glob("[0-9]*/status"):
            with contextlib.suppress(OSError):  # a process may end while it is looked at
                fields = dict(line.split(":\t", 1) for line in status.read_text().splitlines())
                pid = int(status.parent.name)
                command = (status.parent / "cmdline").read_bytes()
                is_worker = int(fields["PPid"]) == parent and b"spawn_main" in command
                if "VmRSS" in fields and (pid == parent or is_worker):
                    kind = "service" if pid == parent else f"worker {pid}"
                    self.rss_mb.append((kind, int(fields["VmRSS"].split()[0]) / 1024))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        uploads = list(make_uploads(Path(folder)))
        server = Server(state=Path(folder) / "state", port=_free_port())
        figures = {
            "uploads": len(uploads),
            "at_once": AT_ONCE,
            "broken": sum(upload.expected["status"] == "error" for upload in uploads),
            "workers": WORKERS,
            "score": run(server, uploads, ask_score),
            "jobs_with_kill": run(server, uploads, ask_job, kill=True),
        }
    path = write_result("serve_load", command="python -m benchmarks.serve_load", figures=figures)
    print(path.read_text(encoding="utf-8"))


def make_uploads(folder: Path) -> Iterator[Upload]:
    """Draw clips that all differ; every tenth is cut in the middle, or is no video."""
    scorer = Scorer()
    generator = np.random.default_rng(0)
    for number in range(NUM_UPLOADS):
        path = folder / f"{number:03d}.mp4"
        _draw(path, generator)
        if number % BROKEN_EVERY == BROKEN_EVERY - 1:
            whole = path.read_bytes()
            broken = (whole[: len(whole) // 2], b"no video at all", b"")
            path.write_bytes(broken[number // BROKEN_EVERY % len(broken)])
        try:
            expected = to_dict(scorer.score(path), timeline=True)
        except BeholderError as error:
            expected = {"status": "error", "error": error.code}
        expected["path"] = path.name
        yield Upload(path.name, path.read_bytes(), expected)


def run(
    server: Server,
    uploads: list[Upload],
    ask: Callable[[Server, Upload], dict[str, Any]],
    *,
    kill: bool = False,
) -> dict[str, Any]:
    """Send everything, 16 at a time, and count what came back right."""
    server.rss_mb.clear()
    server.start()
    done = threading.Event()
    watch = threading.Thread(target=_watch, args=(server, done))
    watch.start()
    started_at_seconds = time.monotonic()
    killed_after = None
    with ThreadPoolExecutor(AT_ONCE) as executor:
        answers = [executor.submit(ask, server, upload) for upload in uploads]
        if kill:
            while sum(answer.done() for answer in answers) < len(uploads) // 2:
                time.sleep(0.02)
            killed_after = sum(answer.done() for answer in answers)
            server.kill()
            server.start()
    elapsed_seconds = time.monotonic() - started_at_seconds
    done.set()
    watch.join()
    exit_code = server.stop()
    pairs = list(zip(uploads, (answer.result() for answer in answers), strict=True))
    return {
        "answered": len(pairs),
        "right": sum(_is_right(upload, answer) for upload, answer in pairs),
        "wrong": [upload.name for upload, answer in pairs if not _is_right(upload, answer)],
        "killed_after": killed_after,
        "exit_code": exit_code,
        "uploads_left_on_disk": len(list((server.state / "uploads").iterdir())),
        "elapsed_seconds": round(elapsed_seconds, 1),
        "uploads_per_second": round(len(pairs) / elapsed_seconds, 2),
        "rss_mb": summarise(server.rss_mb),
    }


def ask_score(server: Server, upload: Upload) -> dict[str, Any]:
    """Upload and wait for the answer."""
    url = f"{server.address}/v1/score?timeline=true"
    answer = httpx2.post(url, files=_form(upload), timeout=_PATIENCE_SECONDS).json()
    return answer["results"][0] if "results" in answer else {**answer, "path": upload.name}


def ask_job(server: Server, upload: Upload) -> dict[str, Any]:
    """Queue the upload and ask until it is finished, through a restart of the service."""
    url = f"{server.address}/v1/jobs"
    job = _patiently(lambda: httpx2.post(url, files=_form(upload), timeout=60))
    place = f"{url}/{job['id']}"
    while job["result"] is None:
        time.sleep(0.1)
        job = _patiently(lambda: httpx2.get(place, timeout=60))
    result: dict[str, Any] = job["result"]
    return result


def summarise(samples: list[tuple[str, float]]) -> dict[str, Any]:
    """Say for each process where its memory was in each quarter of its time, and at most."""
    found = {}
    for kind in dict(samples):
        own = [mb for name, mb in samples if name == kind]
        quarters = np.array_split(own, 4)
        if len(own) >= len(quarters):
            found[kind] = {
                "median_by_quarter": [round(median(quarter.tolist())) for quarter in quarters],
                "peak": round(max(own)),
            }
    return found


def _patiently(send: Callable[[], httpx2.Response]) -> dict[str, Any]:
    """Send until the service is there to answer."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx2.TransportError):
            answer = send()
            if answer.status_code < 400:
                body: dict[str, Any] = answer.json()
                return body
            if answer.status_code not in (429, 503):
                raise RuntimeError(answer.text)
        time.sleep(0.2)
    raise RuntimeError("the service did not come back")


def _is_right(upload: Upload, answer: dict[str, Any]) -> bool:
    if upload.expected["status"] == "ok":
        return answer == upload.expected
    return all(answer.get(name) == value for name, value in upload.expected.items())


def _form(upload: Upload) -> dict[str, tuple[str, bytes]]:
    return {"file": (upload.name, upload.content)}


def _watch(server: Server, done: threading.Event) -> None:
    while not done.wait(0.25):
        server.sample()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _draw(path: Path, generator: np.random.Generator) -> None:
    """Encode a clip of moving coloured blocks and noise, each of its own."""
    blocks = generator.integers(0, 256, (6, 10, 3))
    picture = np.kron(blocks, np.ones((16, 16, 1))) + generator.normal(0, 9, (_HEIGHT, _WIDTH, 1))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = _WIDTH, _HEIGHT, "yuv420p"
        stream.options = {"crf": str(generator.integers(20, 45)), "preset": "ultrafast"}
        for number in range(_FRAMES):
            moved = np.clip(np.roll(picture, number * 3, axis=1), 0, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(moved), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


if __name__ == "__main__":
    main()
