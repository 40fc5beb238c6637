"""The whole exception tree; each error says what was expected, what was found and what to do next.

::

    BeholderError
    ├── UsageError            the caller asked for something that does not exist
    │   ├── MissingExtra      an optional install is needed
    │   └── UnknownName       no model, recipe, option of that name
    ├── MediaError            one input cannot be scored; the others still are
    │   ├── NotFound          nothing at that path
    │   ├── NoPermission      the file may not be read
    │   ├── NotAFile          a device, a FIFO, a socket, a folder where a file is needed
    │   ├── NoMedia           a folder or a pattern that holds no image and no video
    │   ├── EmptyFile         zero bytes
    │   ├── NotMedia          no image or video format that FFmpeg knows
    │   ├── NoVideoStream     a container with sound or data only
    │   ├── Damaged           the data stop early or cannot be decoded
    │   ├── TooLarge          decoding would take more memory than we allow
    │   ├── TooLong           a longer video than the service takes
    │   └── Unreachable       a storage does not hand a file over, or take one
    ├── ServiceError          the service refuses a request, or could not finish a job
    │   ├── BadRequest        not a request that the service understands
    │   ├── Unauthorized      the token is missing or wrong
    │   ├── Forbidden         a request from a page of another site, or for another host
    │   ├── UnknownJob        no job of that id
    │   ├── UploadTooLarge    more bytes than the service takes
    │   ├── UploadStalled     the sender went silent in the middle of an upload
    │   ├── QueueFull         as many jobs wait as are allowed
    │   ├── StorageFull       the disk of the service has no room for the upload
    │   ├── OutOfTime         scoring took longer than a job may
    │   ├── WorkerLost        the process that scored the file died
    │   └── Stopping          the service is shutting down
    ├── ModelError            a model file is not one of ours, or is broken
    ├── DataError             a data set, manifest or ladder is not laid out as expected
    ├── EncodeError           an encoder of FFmpeg is missing or refused its input
    └── ExportMismatch        the exported model does not repeat the numbers of the trained one
"""

from __future__ import annotations

from typing import ClassVar


class BeholderError(Exception):
    """Base of all errors that Beholder raises on purpose.

    Attributes:
        code: A short stable word for programs; the `error` field of a JSON result.
    """

    code: ClassVar[str] = "error"


class UsageError(BeholderError):
    """The caller asked for something that does not exist or does not fit together."""

    code = "usage"


class MissingExtra(UsageError):
    """A part of Beholder needs packages that the core install does not bring."""

    code = "missing_extra"

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"this needs the package {package!r}, which is not installed; "
            f"install it with: pip install 'beholder[{extra}]'"
        )


class UnknownName(UsageError):
    """No model, recipe or setting has the given name."""

    code = "unknown_name"


class MediaError(BeholderError):
    """One input cannot be scored; other inputs are not affected."""

    code = "media"


class NotFound(MediaError):
    """Nothing exists at the path."""

    code = "not_found"


class NoPermission(MediaError):
    """The operating system does not let us read the file."""

    code = "no_permission"


class NotAFile(MediaError):
    """The path is a device, FIFO, socket, or a folder where a file is needed."""

    code = "not_a_file"


class NoMedia(MediaError):
    """A folder or a pattern holds no image and no video."""

    code = "no_media"


class EmptyFile(MediaError):
    """The file has zero bytes."""

    code = "empty_file"


class NotMedia(MediaError):
    """The file is in no image or video format that FFmpeg recognises."""

    code = "not_media"


class NoVideoStream(MediaError):
    """The container holds no picture: only sound, subtitles or data."""

    code = "no_video_stream"


class Damaged(MediaError):
    """The data stop early or cannot be decoded."""

    code = "damaged"


class TooLarge(MediaError):
    """Decoding would take more memory than Beholder allows."""

    code = "too_large"


class TooLong(MediaError):
    """The video lasts longer than the service takes."""

    code = "too_long"


class Unreachable(MediaError):
    """A storage does not hand over a file, or does not take one."""

    code = "unreachable"


class ServiceError(BeholderError):
    """The service refuses a request, or could not finish a job."""

    code = "service"


class BadRequest(ServiceError):
    """The request is not one that the service understands."""

    code = "bad_request"


class Unauthorized(ServiceError):
    """The bearer token is missing or wrong."""

    code = "unauthorized"


class Forbidden(ServiceError):
    """The request comes from a page of another site, or names another host."""

    code = "forbidden"


class UnknownJob(ServiceError):
    """No job has that id, or its result is no longer kept."""

    code = "unknown_job"


class UploadTooLarge(ServiceError):
    """The upload has more bytes than the service takes."""

    code = "upload_too_large"


class UploadStalled(ServiceError):
    """The sender went silent, or left, in the middle of an upload."""

    code = "upload_stalled"


class QueueFull(ServiceError):
    """As many jobs wait as the service allows."""

    code = "queue_full"


class StorageFull(ServiceError):
    """The upload cannot be written to the disk of the service."""

    code = "storage_full"


class OutOfTime(ServiceError):
    """Scoring one file took longer than a job may."""

    code = "out_of_time"


class WorkerLost(ServiceError):
    """The process that scored the file died; other jobs are not affected."""

    code = "worker_lost"


class Stopping(ServiceError):
    """The service is shutting down and takes no new work."""

    code = "stopping"


class ModelError(BeholderError):
    """A model file is not one of Beholder's, or is broken."""

    code = "model"


class DataError(BeholderError):
    """A data set, manifest or ladder is not laid out as expected."""

    code = "data"


class EncodeError(BeholderError):
    """An encoder of FFmpeg is missing or refused its input."""

    code = "encode"


class ExportMismatch(BeholderError):
    """An exported model does not repeat the numbers of the trained one."""

    code = "export_mismatch"
