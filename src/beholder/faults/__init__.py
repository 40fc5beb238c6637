"""Why a file looks bad: named faults, measured on the frames that are scored anyway. NumPy only."""

from beholder.faults.kinds import KINDS, FaultKind
from beholder.faults.picture import measure_picture
from beholder.faults.watch import FaultWatch

__all__ = ["KINDS", "FaultKind", "FaultWatch", "measure_picture"]
