"""One shape for everything that goes wrong: `{"status": "error", "error": CODE, "message": TEXT}`.

It is a failed result of the command's JSON without its path.
"""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from beholder import errors

logger = logging.getLogger(__name__)

STATUS: dict[str, int] = {
    errors.BadRequest.code: 400,
    errors.Unauthorized.code: 401,
    errors.Forbidden.code: 403,
    errors.NotFound.code: 404,
    errors.UnknownJob.code: 404,
    errors.UploadStalled.code: 408,
    errors.UploadTooLarge.code: 413,
    errors.TooLarge.code: 413,
    errors.TooLong.code: 413,
    errors.NotMedia.code: 415,
    errors.EmptyFile.code: 422,
    errors.NoVideoStream.code: 422,
    errors.Damaged.code: 422,
    errors.OutOfTime.code: 422,
    errors.QueueFull.code: 429,
    errors.WorkerLost.code: 500,
    errors.Stopping.code: 503,
    errors.StorageFull.code: 507,
}
"""HTTP status of an error's code; 500 where it has none."""

RETRY_SECONDS = 5
_RETRIED = (429, 503)
_METHOD_NOT_ALLOWED = 405


def status_of(code: str) -> int:
    """Return the HTTP status that goes with an error's code."""
    return STATUS.get(code, 500)


def problem(code: str, message: str, *, headers: dict[str, str] | None = None) -> JSONResponse:
    """Answer with an error.

    Args:
        code: One of docs/errors.md.
        message: What was expected, what was found, what to do.
        headers: More headers.
    """
    status = status_of(code)
    more = dict(headers or {})
    if status in _RETRIED:
        more["Retry-After"] = str(RETRY_SECONDS)
    if code == errors.Unauthorized.code:
        more["WWW-Authenticate"] = "Bearer"
    body = {"status": "error", "error": code, "message": message}
    return JSONResponse(body, status_code=status, headers=more)


def add_handlers(app: FastAPI) -> None:
    """Let every error of an application leave in the one shape."""
    app.add_exception_handler(errors.BeholderError, _on_our_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, _on_defect)


async def _on_our_error(_: Request, error: Any) -> JSONResponse:
    return problem(error.code, str(error))


async def _on_invalid(_: Request, error: Any) -> JSONResponse:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return problem(
        errors.BadRequest.code,
        f"expected another value for {place}, found {first.get('input')!r}: {first['msg']}; "
        "see /openapi.json",
    )


async def _on_http_error(request: Request, error: Any) -> JSONResponse:
    if error.status_code == _METHOD_NOT_ALLOWED:
        message = f"expected another method for {request.url.path}, found {request.method}"
        answer = problem(
            errors.BadRequest.code, f"{message}; see /openapi.json", headers=error.headers
        )
        answer.status_code = _METHOD_NOT_ALLOWED
        return answer
    return problem(
        errors.NotFound.code,
        f"expected an address of the service, found {request.url.path!r}; see /openapi.json",
    )


async def _on_defect(_: Request, error: Any) -> JSONResponse:
    logger.error("a request failed", exc_info=error)
    return problem(
        "internal",
        f"{type(error).__name__}; this is a defect of Beholder, please report it with the log",
    )
