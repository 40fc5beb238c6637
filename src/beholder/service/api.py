"""The addresses of the service."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.responses import FileResponse, JSONResponse, StreamingResponse
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.staticfiles import StaticFiles

from beholder import __version__
from beholder.errors import Stopping
from beholder.reports.results import SCHEMA
from beholder.service.answers import to_answer, to_command_json, to_event
from beholder.service.desk import Desk
from beholder.service.guard import Guard
from beholder.service.job import Job
from beholder.service.metrics import Metrics
from beholder.service.pool import WorkerPool
from beholder.service.problems import add_handlers, problem
from beholder.service.schemas import (
    HealthAnswer,
    JobAnswer,
    LimitsAnswer,
    ModelsAnswer,
    Problem,
    ScoreAnswer,
)
from beholder.service.settings import Settings
from beholder.service.uploads import FIELD, save_upload

PAGE = Path(__file__).parent / "page"
_KEEP_ALIVE_SECONDS = 15.0

_UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [FIELD],
                    "properties": {FIELD: {"type": "string", "format": "binary"}},
                    "additionalProperties": False,
                }
            }
        },
    }
}


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """What the addresses are made of."""

    desk: Desk
    pool: WorkerPool
    metrics: Metrics
    settings: Settings


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": Problem} for status in (*statuses, 401, 403)}


def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


WithFaults = Annotated[bool, Query(description="Name what is wrong: blur, noise, ...")]
PartsOfApp = Annotated[Parts, Depends(_parts)]
_ENTRANCE = _problems(400, 408, 413, 429, 503, 507)
router = APIRouter()


def build_app(parts: Parts) -> FastAPI:
    """Put the application together.

    Args:
        parts: The pool must be started before the first request.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        parts.desk.board.bind(asyncio.get_running_loop())
        yield

    # FastAPI's own manual pages load their scripts from elsewhere; this service works offline.
    app = FastAPI(
        title="Beholder",
        version=__version__,
        description="Scores how good an image or a video looks to people.",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.parts = parts
    app.include_router(router)
    app.mount("/page", StaticFiles(directory=PAGE), name="page")
    app.add_middleware(Guard, settings=parts.settings, metrics=parts.metrics)
    add_handlers(app)
    return app


async def _take_in(request: Request, parts: Parts, *, faults: bool) -> Job:
    """Save the file of a request and queue it."""
    with parts.desk.arrival() as job_id:
        path = parts.desk.upload_path(job_id)
        limits = parts.settings.limits
        name = await save_upload(request.headers, request.stream(), path, limits=limits)
        parts.metrics.count_upload(path.stat().st_size)
        # Without `await`: nothing may come between the job and the end of its arrival.
        return parts.desk.submit(job_id, name, faults=faults)


@router.post(
    "/v1/score",
    openapi_extra=_UPLOAD,
    responses={200: {"model": ScoreAnswer}, **_ENTRANCE, **_problems(415, 422, 500)},
)
async def score(
    request: Request,
    parts: PartsOfApp,
    timeline: Annotated[bool, Query(description="Add the score of each frame.")] = False,
    faults: WithFaults = False,
) -> Response:
    """Score one file and wait for it; answers what `beholder score --format json` prints."""
    job = await _take_in(request, parts, faults=faults)
    async for news in parts.desk.follow(job.id, every_seconds=_KEEP_ALIVE_SECONDS):
        job = news
    if job.result is None:
        raise Stopping(
            "expected a service that runs on, found one that stops; after its restart ask for "
            f"/v1/jobs/{job.id}"
        )
    if job.result["status"] == "error":
        return problem(job.result["error"], job.result["message"])
    return Response(to_command_json(job, timeline=timeline), media_type="application/json")


@router.post(
    "/v1/jobs",
    status_code=202,
    openapi_extra=_UPLOAD,
    response_model=JobAnswer,
    responses=_ENTRANCE,
)
async def submit(request: Request, parts: PartsOfApp, faults: WithFaults = False) -> JSONResponse:
    """Queue one file; ask for it at the address in `Location`."""
    job = await _take_in(request, parts, faults=faults)
    place = {"Location": f"/v1/jobs/{job.id}"}
    return JSONResponse(to_answer(job, None), status_code=202, headers=place)


@router.get("/v1/jobs/{job_id}", response_model=JobAnswer, responses=_problems(404))
async def look_up(job_id: str, parts: PartsOfApp) -> JSONResponse:
    """Ask for a job: how far it is, or its result."""
    return JSONResponse(to_answer(parts.desk.get(job_id), parts.desk.board.progress(job_id)))


@router.get(
    "/v1/jobs/{job_id}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}, **_problems(404)},
)
async def watch(job_id: str, parts: PartsOfApp) -> StreamingResponse:
    """Follow a job: one event for each of its news, the last one with its result."""
    parts.desk.get(job_id)

    async def events() -> AsyncIterator[str]:
        last = ""
        async for job in parts.desk.follow(job_id, every_seconds=_KEEP_ALIVE_SECONDS):
            event = to_event(job, parts.desk.board.progress(job_id))
            yield event if event != last else ": still there\n\n"
            last = event

    return StreamingResponse(events(), media_type="text/event-stream")


@router.get("/v1/models", response_model=ModelsAnswer, responses=_problems())
async def models(parts: PartsOfApp) -> JSONResponse:
    """Show the model that scores, with its card."""
    ready = parts.pool.ready
    return JSONResponse({"schema": SCHEMA, "model": ready.model, "models": [{"card": ready.card}]})


@router.get("/v1/limits", response_model=LimitsAnswer, responses=_problems())
async def limits(parts: PartsOfApp) -> JSONResponse:
    """Show how large and how long files may be."""
    return JSONResponse(dataclasses.asdict(parts.settings.limits))


@router.get("/healthz", response_model=HealthAnswer, responses={503: {"model": HealthAnswer}})
async def health(parts: PartsOfApp) -> JSONResponse:
    """Say whether the service works; needs no token."""
    workers, stopping = len(parts.pool.pids()), parts.desk.stopping.is_set()
    body = {
        "status": "stopping" if stopping else "ok",
        "version": __version__,
        "workers": workers,
        "queued": parts.desk.num_queued(),
        "running": parts.desk.num_running(),
    }
    return JSONResponse(body, status_code=503 if stopping else 200)


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}, **_problems()},
)
async def metrics(parts: PartsOfApp) -> Response:
    """Show what was counted, for Prometheus."""
    return Response(parts.metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})


@router.get("/", include_in_schema=False)
async def page() -> FileResponse:
    """Show the page."""
    return FileResponse(PAGE / "index.html", headers={"Cache-Control": "no-cache"})
