"""Score files in Python.

python examples/score_files.py clip.mp4 photo.jpg ...
"""

import sys

from beholder import BeholderError, Scorer

scorer = Scorer()
for path in sys.argv[1:]:
    try:
        score = scorer.score(path)
    except BeholderError as error:
        print(f"{path}: {error.code}: {error}")
        continue
    low, high = score.interval
    print(f"{path}: {score.score:.1f} ({low:.0f} to {high:.0f}), {score.word}")
