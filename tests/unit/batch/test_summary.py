"""What is said at the end."""

from beholder.batch.summary import Summary, summary_text


def test_a_run_with_errors():
    summary = Summary(num_inputs=10, num_repeats=2, num_before=4, num_rows=10)
    summary.count(
        [
            {"elapsed_seconds": 1.5, "duration_seconds": 10.0},
            {"elapsed_seconds": 0.5, "duration_seconds": None},
        ],
        workers=2,
    )
    summary.elapsed_seconds = 4.0
    summary.errors = {"damaged": 2, "not_found": 1}
    assert summary_text(summary, "out") == (
        "10 inputs (2 named again): 4 done before, 2 now\n"
        "4.0 s with 2 workers and the start of Ray, 0.5 files/s; "
        "a worker: 1 files/s, 5 s of video per s\n"
        "errors: 3 (2 damaged, 1 not_found)\n"
        "rows in out: 10\n"
    )


def test_nothing_left_to_do():
    summary = Summary(num_inputs=1, num_repeats=0, num_before=1, num_rows=1)
    assert summary_text(summary, "out") == (
        "1 inputs: 1 done before, 0 now\nerrors: 0\nrows in out: 1\n"
    )
