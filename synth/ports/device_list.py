"""What this machine offers: audio devices and MIDI ports, found without opening any and without ever raising."""

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def quiet_stderr() -> Iterator[None]:
    """Silence what ALSA and JACK write to the process's stderr from C while they are probed."""
    try:
        sys.stderr.flush()
        kept = os.dup(2)
    except (OSError, ValueError, AttributeError):  # no stderr to silence
        yield
        return
    try:
        with open(os.devnull, "wb") as null:
            os.dup2(null.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def audio_devices() -> dict[str, Any]:
    """`library`, `outputs`, `inputs` (index, name, host_api, channels, samplerate, default) and `error` (None or a sentence)."""
    os.environ.setdefault("JACK_NO_START_SERVER", "1")  # looking must not start a server
    found: dict[str, Any] = {"library": None, "outputs": [], "inputs": [], "error": None}
    with quiet_stderr():
        try:
            import sounddevice as sd

            found["library"] = sd.get_portaudio_version()[1]
            apis, default = sd.query_hostapis(), list(sd.default.device)
            for device in sd.query_devices():
                for index, (kind, key) in enumerate((("inputs", "max_input_channels"), ("outputs", "max_output_channels"))):
                    if device[key] > 0:
                        found[kind].append({
                            "index": device["index"], "name": device["name"], "host_api": apis[device["hostapi"]]["name"],
                            "channels": device[key], "samplerate": int(device["default_samplerate"]),
                            "default": device["index"] == default[index]})
        except OSError as error:  # sounddevice raises it where the PortAudio library is absent
            found["error"] = f"PortAudio is not usable: {error}"
        except Exception as error:
            found["error"] = f"PortAudio failed: {error}"
    return found


def midi_ports() -> dict[str, Any]:
    """`inputs`, `outputs` (api, name), `apis` (name -> None or why it does not work) and `error`."""
    os.environ.setdefault("JACK_NO_START_SERVER", "1")
    found: dict[str, Any] = {"inputs": [], "outputs": [], "apis": {}, "error": None}
    with quiet_stderr():
        try:
            import rtmidi
        except ImportError as error:
            found["error"] = f"python-rtmidi is not usable: {error}"
            return found
        for api in rtmidi.get_compiled_api():
            name = rtmidi.get_api_display_name(api)
            try:
                for kind, opener in (("inputs", rtmidi.MidiIn), ("outputs", rtmidi.MidiOut)):
                    probe = opener(api, name="latentwave-probe")
                    found[kind] += [{"api": name, "name": port} for port in probe.get_ports()]
                    probe.delete()
                found["apis"][name] = None
            except Exception as error:  # rtmidi's errors share no base class across its versions
                found["apis"][name] = " ".join(str(error).split())
    if found["apis"] and all(found["apis"].values()):
        found["error"] = "no MIDI system answers"
    return found
