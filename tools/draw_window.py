"""Draw the README's pictures of the window anew, from the real one: `python -m tools.draw_window`. Needs Xvfb, xdotool and Pillow."""

import os
import shutil
import tempfile
import time
from pathlib import Path

from PIL import Image

from synth import paths
from tests import servers
from tests.gui.desk import Desk, opened
from tests.servers import child_env

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
SIZE, PRESET = (1440, 900), "Amber Pad"
FRAMES, FRAME_S, ANIMATED = 36, 0.12, (960, 600)
CALM = ("--blocksize", "4096", "--osc", "none")  # on a busy machine too nothing is late or taken: the pictures are not about that
AT_REST = "from synth.gui.panels import status\nstatus.lateness = lambda snapshot: ''"  # what a busy machine has late all the same
VIEWS = ("sound", "modulation")


def photograph(folder: Path) -> Image.Image:
    """What the screen shows."""
    return Image.fromarray(servers.photograph(folder))


def animate(desk: Desk, folder: Path) -> list[Image.Image]:
    """A chord, and a walk over the map."""
    for key in ("a", "d", "g"):
        desk.hand("keydown", key)
    x, y = desk.middle("map")
    desk.press(x - 70, y + 40)
    found = []
    for i in range(FRAMES):
        part = i / FRAMES
        desk.hand("mousemove", round(x - 70 + 140 * part), round(y + 40 - 110 * part + 60 * (part * 4 % 1) * (1 - part)))
        time.sleep(FRAME_S)
        found.append(photograph(folder).resize(ANIMATED, Image.Resampling.LANCZOS))
    desk.lift()
    for key in ("a", "d", "g"):
        desk.hand("keyup", key)
    return found


def main() -> None:
    """Draw them all."""
    folder = Path(tempfile.mkdtemp(prefix="latentwave-pictures-"))
    cache = paths.cache_folder()
    (folder / "home").mkdir()
    (folder / "home" / "cache").symlink_to(cache, target_is_directory=True)  # the kernels need not be compiled again
    os.environ["LATENTWAVE_HOME"] = str(folder / "home")
    try:
        (folder / "screen").mkdir()
        size = f"{SIZE[0]}x{SIZE[1]}x24"
        with (servers.xvfb(child_env(), size, folder / "screen") as display,
              opened(folder, display, "--preset", PRESET, *CALM, before=AT_REST) as desk):
            for view in VIEWS:
                desk.view(view)
                desk.move(3, SIZE[1] // 2)
                desk.frames(8)
                photograph(folder / "screen").save(PICTURES / f"window-{view}.png", optimize=True)
            desk.view("play")
            desk.move(3, SIZE[1] // 2)  # no tip
            desk.hand("keydown", "a")
            desk.hear(0.7)
            desk.frames(6)
            photograph(folder / "screen").save(PICTURES / "window.png", optimize=True)
            desk.hand("keyup", "a")
            frames = animate(desk, folder / "screen")
            frames[0].save(PICTURES / "window.webp", save_all=True, append_images=frames[1:], duration=round(1000 * FRAME_S), loop=0,
                           quality=60, method=6)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
