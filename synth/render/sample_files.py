"""A recorded note as a WAV that tells its key and its loop (`smpl`), as samplers read them."""

import struct

from .soundfont import Sampled
from .wavetable_files import FORMAT_FLOAT, FORMAT_PCM, chunk, sample_bytes


def sample_wav(zone: Sampled, sr_hz: int, bits: int) -> bytes:
    """The bytes of one note's file; 32 bits are float."""
    channels, step = zone.samples.shape[1], zone.samples.shape[1] * bits // 8
    form = struct.pack("<HHIIHH", FORMAT_FLOAT if bits == 32 else FORMAT_PCM, channels, sr_hz, sr_hz * step, step, bits)
    fact = chunk(b"fact", struct.pack("<I", len(zone.samples))) if bits == 32 else b""
    loops = struct.pack("<6I", 0, 0, zone.loop.start, zone.loop.end - 1, 0, 0) if zone.loop else b""
    head = struct.pack("<9I", 0, 0, round(1e9 / sr_hz), zone.note, 0, 0, 0, 1 if zone.loop else 0, 0)
    body = (b"WAVE" + chunk(b"fmt ", form) + fact + chunk(b"smpl", head + loops)
            + chunk(b"data", sample_bytes(zone.samples.ravel(), bits)))
    return b"RIFF" + struct.pack("<I", len(body)) + body
