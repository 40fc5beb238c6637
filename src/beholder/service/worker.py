"""What runs in a worker process: a scorer that may take only so much memory.

Files come from strangers, and decoders are written in C. So they are opened here, and never in
the process that talks to the network.
"""

from __future__ import annotations

import dataclasses
import resource
import signal
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from beholder.errors import BeholderError, TooLarge, TooLong
from beholder.records import Failure, MediaInfo, Score
from beholder.service.messages import Answer, Order, Progress, Ready, Task, Unable

if TYPE_CHECKING:
    from beholder.scoring import Scorer


def work(connection: Connection, order: Order) -> None:
    """Score files until the other side closes the connection.

    Args:
        connection: Gets `Ready` or `Unable` first, and then for each `Task` any number of
            `Progress` and one `Answer`.
        order: Model and limits.
    """
    # Ctrl-C reaches the whole group of processes; the service decides when its workers end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from beholder.scoring import Scorer

    try:
        scorer = Scorer(order.model)
        scorer.load()
        scorer.load()
    except BeholderError as error:
        connection.send(Unable(message=str(error)))
        return
    cap_memory(order.memory_bytes)
    try:
        connection.send(Ready(model=scorer.model_id, card=dataclasses.asdict(scorer.card)))
        while True:
            task = connection.recv()
            connection.send(_answer(scorer, task, order, connection))
    except (EOFError, ConnectionError):
        return


def _answer(scorer: Scorer, task: Task, order: Order, connection: Connection) -> Answer:
    from beholder.reports.results import to_dict

    return Answer(result=to_dict(_score(scorer, task, order, connection), timeline=True))


def _score(scorer: Scorer, task: Task, order: Order, connection: Connection) -> Score | Failure:
    from beholder.media import probe
    from beholder.scoring.failures import to_failure

    def tell(done: int, total: int) -> None:
        connection.send(Progress(frames_done=done, frames_total=total))

    try:
        check_limits(probe(task.path), order)
        score = scorer.score(task.path, on_frame=tell, faults=task.faults)
        return dataclasses.replace(score, path=task.name)
    except ConnectionError:
        raise
    except MemoryError:
        return to_failure(_out_of_memory(order), path=task.name)
    except Exception as error:  # noqa: BLE001 - a defect in one file must not lose the others
        failure = to_failure(error, path=task.name)
        # The place of an upload is nobody's business.
        return dataclasses.replace(failure, message=failure.message.replace(task.path, task.name))


def check_limits(info: MediaInfo, order: Order) -> None:
    """Refuse what is larger or longer than the service takes.

    Raises:
        TooLarge: More pixels than allowed.
        TooLong: A longer video than allowed.
    """
    if info.width_px * info.height_px > order.pixels:
        raise TooLarge(
            f"expected at most {order.pixels} pixels, found {info.width_px} x {info.height_px}; "
            "shrink the picture, or score it with: beholder score"
        )
    if (info.duration_seconds or 0) > order.duration_seconds:
        raise TooLong(
            f"expected a video of at most {order.duration_seconds:g} s, found one of "
            f"{info.duration_seconds:.0f} s; cut it, or score it with: beholder score"
        )


def cap_memory(extra_bytes: int) -> None:
    """Let this process take only so much memory beyond what it has now.

    RLIMIT_DATA counts what is really allocated; RLIMIT_AS would count mapped files and the
    address space that allocators reserve. Where the system does not tell how much the process
    has (other systems than Linux), there is no cap.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return
    fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
    now_bytes = int(fields["VmData"].split()[0]) * 1024
    limit = now_bytes + extra_bytes
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _out_of_memory(order: Order) -> TooLarge:
    return TooLarge(
        f"expected a file that is scored with at most {order.memory_bytes // 2**20} MB of memory, "
        "found that it takes more; shrink the picture, or score it with: beholder score"
    )
