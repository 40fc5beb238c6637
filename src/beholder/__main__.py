"""The program: `beholder`, and `python -m beholder`, which does the same."""

from __future__ import annotations

import os
import sys

from beholder.app.cli import EXIT_FAILED, main


def run() -> None:
    """Run the command line and end the process.

    It ends without taking down Python and the libraries, which takes 0.05 s: every command has
    closed its files by then.
    """
    try:
        main()
    except SystemExit as done:
        code = done.code if isinstance(done.code, int) else int(done.code is not None)
        os._exit(code if _flush() else code or EXIT_FAILED)


def _flush() -> bool:
    """Tell whether all that was written has arrived: a reader may be gone, as after `| head`."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    run()
