"""A screen and a session on it, for tests of plug-ins' own editors."""

import pytest

from synth.patch.patch import Patch
from synth.session.session import Session
from tests import servers
from tests.engine.sounds import saw
from tests.servers import child_env, need

from ..ports.test_recovery import until
from .own_plugins import need_vst3

SINES = {"osc.level_db": -20.0, "filter.type": 1.0, "filter.cutoff_hz": 600.0}


@pytest.fixture(scope="module")
def screen(tmp_path_factory):
    """A screen whose picture can be looked at: (environment of its clients, folder of the picture)."""
    need("xdotool")
    folder = tmp_path_factory.mktemp("screen")
    with servers.xvfb(child_env(), "1000x400x24", folder) as env:
        yield env, folder


@pytest.fixture
def player(home, screen, monkeypatch):
    """A session on that screen, whose sound goes through plug-ins of this machine."""
    pytest.importorskip("pedalboard", reason="needs pedalboard")
    pytest.importorskip("minihost", reason="needs minihost")
    for name in ("DISPLAY", "LIBGL_ALWAYS_SOFTWARE", "XAUTHORITY"):
        monkeypatch.setenv(name, screen[0][name])
    made = []

    def make(*effects, **options):
        for row in effects:
            if row.kind == "vst3" and not row.file:
                need_vst3(row.name)
        patch = Patch(name="Chained", params=dict(SINES), effects=effects)
        made.append(Session(patch, device="none", midi="none", source=saw(), keep=False, **options))
        assert until(lambda: made[-1].chain.host and all(made[-1].effect_status(row).ok for row in effects)), [*made[-1].messages]
        return made[-1]

    def close(player):
        made.remove(player)
        player.close()

    make.close = close
    yield make
    for each in made:
        each.close()
