"""The front doors open quickly and never wake torch."""

import json
import subprocess
import sys

import pytest

HEAVY = ["torch", "lightning_fabric", "onnx", "scipy", "onnxruntime", "av"]

IMPORT = "import beholder"
HELP = """
import contextlib, io, sys
from beholder.app.cli import main
sys.argv = ["beholder", "--help"]
with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.suppress(SystemExit):
    main()
if "score" not in said.getvalue():
    raise RuntimeError(said.getvalue())
"""
MEASURE = f"""
import json, sys, time
started_at_seconds = time.process_time()
{{code}}
elapsed_seconds = time.process_time() - started_at_seconds
heavy = [name for name in {HEAVY} if name in sys.modules]
print(json.dumps({{{{"heavy": heavy, "elapsed_seconds": elapsed_seconds}}}}))
"""


# Limits in processor time, about four times what was measured, so that a busy machine passes
# and one heavy import does not.
@pytest.mark.parametrize(
    ("code", "limit_seconds"), [(IMPORT, 0.1), (HELP, 1.5)], ids=["import", "help"]
)
def test_start_is_light(code, limit_seconds):
    script = MEASURE.format(code=code)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["heavy"] == []
    assert found["elapsed_seconds"] < limit_seconds
