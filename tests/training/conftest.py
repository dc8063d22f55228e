"""One thread for torch: matrices this small only wait for a second one, and tests run side by side."""

import pytest


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
