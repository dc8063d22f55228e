"""The window that most tests of it begin with."""

import pytest

from tests.gui.desk import opened


@pytest.fixture
def desk(home, tmp_path, xvfb_display):
    """A window on Init, its takes and log in `tmp_path`; a file that needs another defines its own."""
    with opened(tmp_path, xvfb_display, "--preset", "Init") as desk:
        yield desk
