"""Broken files of every kind that the commands read, built beside whole ones: what `tests/test_bad_input.py` feeds them."""

import base64
import hashlib
import json
import os
import shutil
import struct
import zlib
from pathlib import Path

import mido
import numpy as np

from synth import paths

WHOLE_PRESET = {
    "format": 1, "name": "Whole", "author": "", "category": "test", "tags": [], "comment": "",
    "model": {"name": "", "sha256": "", "latent_size": 0}, "corners": {}, "params": {}, "mod": [], "macros": [],
    "fallback": {"amplitudes_db": [[0.0]] * 9}}


def _songs(folder: Path) -> None:
    song = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=500_000)])
    for note in (60, 64, 67):
        track += [mido.Message("note_on", note=note, velocity=100), mido.Message("note_off", note=note, time=120)]
    song.tracks.append(track)
    song.save(folder / "whole.mid")
    data = (folder / "whole.mid").read_bytes()
    (folder / "truncated.mid").write_bytes(data[: len(data) // 2])
    (folder / "header.mid").write_bytes(data[:10])
    (folder / "empty.mid").write_bytes(b"")
    (folder / "text.mid").write_text("dear diary\n" * 40)
    (folder / "untimed.mid").write_bytes(data[:12] + bytes(2) + data[14:])
    (folder / "noise.mid").write_bytes(data[:22] + np.random.default_rng(0).bytes(400))
    (folder / "huge.mid").write_bytes(data[:18] + struct.pack(">I", 0xFFFFFFF0) + data[22:])
    (folder / "trackless.mid").write_bytes(data[:14])
    quiet = mido.MidiFile(ticks_per_beat=480)
    quiet.tracks.append(mido.MidiTrack())
    quiet.save(folder / "silent.mid")


def _events(folder: Path) -> None:
    (folder / "text.jsonl").write_text("dear diary\n")
    (folder / "list.jsonl").write_text("[1, 2]\n")
    (folder / "unknown.jsonl").write_text('{"frame": 0, "kind": "dance"}\n')
    (folder / "endless.jsonl").write_text('{"frame": 1000000000000000, "type": "note_on", "note": 60}\n')
    (folder / "unrated.jsonl").write_text('{"type": "header", "format": 1, "samplerate": "fast"}\n'
                                          '{"frame": 0, "type": "note_on", "note": 60}\n')
    (folder / "binary.jsonl").write_bytes(bytes(range(256)))
    note = {"frame": 0, "type": "note_on", "channel": 0, "note": 60, "velocity": 0.8}
    (folder / "early.jsonl").write_text(json.dumps(note | {"frame": -7}) + "\n")
    first = {"type": "header", "format": 1, "samplerate": 48000, "blocksize": 128, "preset": WHOLE_PRESET}
    (folder / "newer.jsonl").write_text(json.dumps(first | {"format": 2}) + "\n" + json.dumps(note) + "\n")
    rows = [first, note, {"frame": 480, "type": "param", "name": "osc.position", "value": 0.5},
            note | {"frame": 4800, "type": "note_off"}, {"frame": 4801, "type": "patch", "preset": WHOLE_PRESET}]
    (folder / "whole.jsonl").write_text("\n".join(json.dumps(row) for row in rows) + "\n")


def _wavs(folder: Path) -> None:
    cycle = np.sin(2 * np.pi * np.arange(600) / 600).astype("<f4").tobytes()
    header = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(cycle), b"WAVE", b"fmt ", 16, 3, 1, 48000, 192000, 4, 32,
                         b"data", len(cycle))
    (folder / "whole.wav").write_bytes(header + cycle)
    (folder / "header.wav").write_bytes(header[:30])
    (folder / "nodata.wav").write_bytes(header)
    (folder / "short.wav").write_bytes(header + cycle[:800])
    (folder / "empty.wav").write_bytes(b"")
    (folder / "text.wav").write_text("dear diary\n" * 40)
    (folder / "nan.wav").write_bytes(header + np.full(600, np.nan, "<f4").tobytes())
    (folder / "claims.wt").write_bytes(b"vawt" + struct.pack("<IHH", 4_000_000, 640, 0) + bytes(9000))  # ten gigabytes
    wave = {"groups": [{"components": [{"type": "Wave Source", "keyframes": [{"position": 0, "wave_data": "AAAA"}]}]}]}
    (folder / "lies.vitaltable").write_text(json.dumps(wave))
    (folder / "noframes.vitaltable").write_text('{"groups": [{"components": []}]}')
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "pipe.wav")  # neither a file nor a folder: must not be replaced
    (folder / "silence.wav").write_bytes(header + np.zeros(600, "<f4").tobytes())


def _presets(folder: Path) -> None:
    def save(name: str, **changes: object) -> None:
        (folder / f"{name}.json").write_text(json.dumps(WHOLE_PRESET | changes))

    save("whole")
    save("newer", format=3)
    save("liar", format=2, fallback={"harmonics": 600, "rows": 9, "data": "AAAA"})
    save("formatless", format=None)
    save("stranger", params={"osc.wobble": 1})
    save("loud", params={"master.gain_db": 400})
    save("crooked", corners={"A": [1, 2, 3]})
    save("endless", model={"name": "x", "sha256": "", "latent_size": 1e400})
    save("orphan", model={"name": "nobody", "sha256": "0" * 64, "latent_size": 0}, fallback=None)
    for name, state in (("keepsake", "!"), ("cut", base64.b64encode(zlib.compress(bytes(range(200)))[:99]).decode()),
                        ("bomb", base64.b64encode(zlib.compress(bytes(2 << 20))).decode()), ("hoard", "A" * (1100 << 10))):
        save(name, effects=[{"plugin": "vst3:Nobody", "state": state}])
    (folder / "truncated.json").write_text(json.dumps(WHOLE_PRESET)[:60])
    (folder / "list.json").write_text("[]")
    (folder / "deep.json").write_text("[" * 30_000)
    (folder / "binary.json").write_bytes(bytes(range(256)))
    (folder / "fat.json").write_text(json.dumps(WHOLE_PRESET) + " " * 70_000)


def _models(folder: Path) -> None:
    """Copies of a bundled model, each broken in its own way; none where no model is bundled."""
    found = [m for m in paths.list_models() if m.is_relative_to(paths.bundled_folder())]
    if not found:
        return
    manifest = json.loads((found[0] / "manifest.json").read_text())

    def copy(name: str, text: str | None = None, decoder: bytes | None = None, rehash: bool = False) -> None:
        target = folder / name
        shutil.copytree(found[0], target)
        if decoder is not None:
            (target / "decoder.onnx").write_bytes(decoder)
        if rehash:
            (target / "manifest.json").write_text(json.dumps(
                manifest | {"sha256": manifest["sha256"] | {"decoder.onnx": hashlib.sha256(decoder or b"").hexdigest()}}))
        if text is not None:
            (target / "manifest.json").write_text(text)

    decoder = (found[0] / "decoder.onnx").read_bytes()
    copy("whole")
    copy("newer", json.dumps(manifest | {"format": 2}))
    copy("truncated", json.dumps(manifest)[:200])
    copy("listed", "[]")
    copy("sizeless", json.dumps({k: v for k, v in manifest.items() if k != "latent_size"}))
    copy("wide", json.dumps(manifest | {"latent_size": 10**9}))
    copy("swapped", decoder=decoder[:-7] + b"another")
    copy("short", decoder=decoder[: len(decoder) // 2], rehash=True)
    copy("text", decoder=b"dear diary", rehash=True)
    copy("gone")
    (folder / "gone" / "decoder.onnx").unlink()


def build(folder: Path) -> Path:
    """Fill `folder` with songs, events, waves, presets, datasets (`*.npz`) and models (`models/NAME`), whole and broken."""
    folder.mkdir(parents=True)
    for part in (_songs, _events, _wavs, _presets):
        part(folder)
    (folder / "text.npz").write_text("dear diary")
    cycles = np.sqrt(2) * np.sin(2 * np.pi * np.arange(1, 4)[:, None] * np.arange(2048) / 2048)
    np.savez(folder / "whole.npz", cycles=cycles.astype("f4"), known_harmonics=np.full(3, 100, "i4"),
             group=np.arange(3, dtype="i4"), name=np.array(["a", "b", "c"]), source_hz=np.full(3, np.nan, "f4"))
    np.savez(folder / "keyless.npz", lonely=np.zeros(3))
    np.savez(folder / "crooked.npz", cycles=np.zeros((2, 7), "f4"), known_harmonics=np.zeros(2, "i4"), group=np.zeros(2, "i4"),
             name=np.array(["a", "b"]), source_hz=np.zeros(2, "f4"))
    np.savez(folder / "pickled.npz", cycles=np.array([{"a": 1}], object))
    (folder / "bare").mkdir()
    (folder / "models").mkdir()
    _models(folder / "models")
    return folder
