import numpy as np

from beholder.pool.session import open_session
from tests.pool_factory import make_frozen


def test_memory_is_given_back_on_demand_and_digits_stay(tmp_path):
    data = make_frozen(tmp_path / "m.onnx").read_bytes()
    pixels = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3)).astype(np.uint8)
    found = {}
    for keep in (True, False):
        session = open_session(data, expected="a network; make one", keep_memory=keep)
        options = session.get_session_options()
        assert options.enable_cpu_mem_arena is keep
        assert options.enable_mem_pattern is keep
        found[keep] = session.run(None, {session.get_inputs()[0].name: pixels})[0]
    assert np.array_equal(found[True], found[False])
