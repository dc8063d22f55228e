"""latentwave as a library: what `synth.api` offers, under the name by which it is installed."""

from synth import __version__ as __version__
from synth.api import (
    Event,
    Kind,
    Param,
    Player,
    Renderer,
    Snapshot,
    Sound,
    UserError,
    bend,
    control,
    list_models,
    list_parameters,
    list_presets,
    load,
    note_off,
    note_on,
    play,
    pressure,
    render,
    render_song,
    render_take,
    set_param,
    tempo,
    write_wav,
)

__all__ = ["Event", "Kind", "Param", "Player", "Renderer", "Snapshot", "Sound", "UserError", "bend", "control", "list_models",
           "list_parameters", "list_presets", "load", "note_off", "note_on", "play", "pressure", "render", "render_song", "render_take",
           "set_param", "tempo", "write_wav"]
