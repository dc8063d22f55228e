"""What the player chose to play through and with: sound device, rate, block size, MIDI, MPE; `ports.json` in the user's folder."""

import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from .. import paths
from ..errors import UserError

FILE = "ports.json"
RATES_HZ = (44100, 48000, 88200, 96000)
BLOCKS = (32, 64, 128, 256, 512, 1024)
LEAST_BLOCK, MOST_BLOCK = 16, 8192


@dataclass(frozen=True, slots=True)
class PortSettings:
    """device: as `--device` takes it; None: JACK if it runs, else the default. sr_hz: None: the device's own. midi: a port, all or none.

    mpe: channels for notes of an MPE zone on channel 1; 0: none but what a controller announces. osc: where OSC is listened to, as `--osc`
    takes it; '': at the usual place, if it is free. midi_out: 'none', 'on' (a port of our own) or part of the name of a port to play to.
    mts_esp, link: whether MTS-ESP's tuning and Link's tempo are followed.
    """

    device: str | None = None
    sr_hz: int | None = None
    blocksize: int = 128
    midi: str = "all"
    mpe: int = 0
    osc: str = ""
    midi_out: str = "none"
    mts_esp: bool = False
    link: bool = False

    def save(self) -> None:
        """Write it. Raises UserError."""
        folder = paths.user_folder()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"{folder}: cannot be made ({error.strerror})") from None
        paths.write_whole(folder / FILE, (json.dumps(asdict(self), indent=1, sort_keys=True) + "\n").encode())


def _whole(value: Any, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def read_port_settings() -> PortSettings:
    """What was kept; whatever of it makes no sense is left out."""
    try:
        raw: Any = json.loads((paths.user_folder() / FILE).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return PortSettings()
    found = PortSettings()
    if not isinstance(raw, dict):
        return found
    for name in ("device", "midi", "osc", "midi_out"):
        if isinstance(raw.get(name), str) and 0 < len(raw[name]) < 500:
            found = replace(found, **{name: raw[name]})
    for name in ("mts_esp", "link"):
        if isinstance(raw.get(name), bool):
            found = replace(found, **{name: raw[name]})
    for name, low, high in (("sr_hz", 8000, 384_000), ("blocksize", LEAST_BLOCK, MOST_BLOCK), ("mpe", 0, 15)):
        if _whole(raw.get(name), low, high):
            found = replace(found, **{name: raw[name]})
    return found
