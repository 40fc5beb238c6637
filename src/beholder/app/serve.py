"""`beholder serve`."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from beholder.app.sink import write_text
from beholder.cards import EMBEDDED
from beholder.errors import MissingExtra, UsageError

_MB = 2**20


def serve(
    host: Annotated[
        str, typer.Option("--host", help="Address; beyond loopback a token is needed.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes a free one.")
    ] = 8000,
    token: Annotated[
        str | None,
        typer.Option(
            "--token",
            metavar="TOKEN",
            envvar="BEHOLDER_TOKEN",
            show_envvar=False,
            help="Requests must bring it; better set as BEHOLDER_TOKEN, which `ps` does not show.",
        ),
    ] = None,
    model: Annotated[
        str,
        typer.Option("--model", metavar="NAME-OR-FILE", help="As for `beholder score`."),
    ] = EMBEDDED,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", metavar="N", min=1, help="Files scored at once; half of the cores."
        ),
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(
            "--state",
            metavar="DIR",
            help="Where jobs and uploads wait; ~/.local/state/beholder.",
        ),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option("--allow-host", metavar="NAME", help="A name of this service; repeatable."),
    ] = None,
    max_upload_mb: Annotated[
        int, typer.Option("--max-upload-mb", min=1, help="Largest file.")
    ] = 2048,
    max_megapixels: Annotated[
        float, typer.Option("--max-megapixels", min=0.01, help="Largest picture.")
    ] = 64.0,
    max_minutes: Annotated[
        float, typer.Option("--max-minutes", min=0.01, help="Longest video.")
    ] = 240.0,
    max_queue: Annotated[
        int, typer.Option("--max-queue", min=1, help="Most files that wait.")
    ] = 100,
    max_memory_mb: Annotated[
        int, typer.Option("--max-memory-mb", min=64, help="Memory of one file, beside the model.")
    ] = 2048,
    max_seconds: Annotated[
        float, typer.Option("--max-seconds", min=1, help="Longest time in a worker.")
    ] = 600.0,
    keep_hours: Annotated[
        float, typer.Option("--keep-hours", min=0.01, help="How long results are kept.")
    ] = 24.0,
    grace_seconds: Annotated[
        float, typer.Option("--grace-seconds", min=0, help="At shutdown, for files in work.")
    ] = 20.0,
) -> None:
    """Score over HTTP, with a page for people; needs the extra `serve`.

    \b
    Examples:
      beholder serve
      curl -F file=@clip.mp4 http://127.0.0.1:8000/v1/score
      BEHOLDER_TOKEN=$(openssl rand -hex 24) beholder serve --host 0.0.0.0 --port 8080

    \b
    Jobs survive a restart; Ctrl-C or SIGTERM ends in good order.
    Exit codes: 0 stopped, 2 wrong usage.
    """
    if os.name != "posix":
        raise UsageError(
            f"expected Linux or another POSIX system, found {os.name!r}; "
            "run the service in a container"
        )
    try:
        from beholder.service import server
        from beholder.service.settings import Limits, Settings
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("beholder"):
            raise
        raise MissingExtra(error.name or "fastapi", "serve") from error

    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    limits = Limits(
        upload_bytes=max_upload_mb * _MB,
        pixels=round(max_megapixels * 1e6),
        duration_seconds=max_minutes * 60,
        queue_length=max_queue,
        memory_bytes=max_memory_mb * _MB,
        job_seconds=max_seconds,
        keep_seconds=keep_hours * 3600,
    )
    settings = Settings(
        state=state or _state_folder(),
        model=model,
        host=host,
        port=port,
        token=token,
        workers=workers or max((os.cpu_count() or 1) // 2, 1),
        hosts=tuple(allow_host or ()),
        grace_seconds=grace_seconds,
        limits=limits,
    )
    server.serve(settings, on_ready=_say_ready)


def _say_ready(address: str, model: str) -> None:
    write_text(sys.stdout.buffer, f"Beholder serves {address} with {model}; Ctrl-C stops it\n")


def _state_folder() -> Path:
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "beholder"
