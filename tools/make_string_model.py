"""Write exported/string-6: an instrument without training, whose six knobs are those of a string, and its presets.

    python -m tools.make_string_model [--out FOLDER]

The levels of harmonic k of an ideal string: plucked at a share p of its length |sin(k pi p)| / k^2 of its shape, so over k of its
velocity; heard by a pickup at a share q |sin(k pi q)|; bowed 1/k (Fletcher and Rossing, The Physics of Musical Instruments, chapters 2
and 10). A soft or wide plectrum takes the high ones as a Gaussian does, damping as an exponential; the body is two resonances. Where
harmonics are high their zeros lie so close that no hand finds one: there the combs become their mean.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from synth.patch import preset_file
from synth.patch.patch import Patch
from synth.timbres import fallback
from synth.timbres.manifest import CYCLE_SIZE
from synth.timbres.model import open_model

NAME, HARMONICS = "string-6", 511
KNOBS = {"Pluck": 0.3, "Pickup": 0.25, "Softness": 0.25, "Bow": 0.2, "Damping": 0.2, "Body": 0.4}  # name -> its middle, all 0 to 1
_COMB_END, _DEEPEST = 11.0, 1e-3  # harmonics from which combs fade to their mean; power left in a zero
_BODY = ((2.7, 0.45, 1.6), (7.5, 0.4, 2.4))  # harmonic, width in nepers, gain
PRESETS = {
    "String Pluck": ({"A": (0.3, 0.25, 0.6, 0.0, 0.4, 0.45), "B": (0.06, 0.1, 0.45, 0.1, 0.3, 0.2)}, "pluck",
                     "A plucked string; the wheel moves hand and pickup to the bridge.",
                     {"amp.attack_s": 0.001, "amp.decay_s": 2.6, "amp.sustain": 0.0, "amp.release_s": 0.25},
                     (("velocity", "latent.3", -0.5), ("env2", "latent.5", -0.3))),
    "String Bow": ({"A": (0.12, 0.5, 0.3, 1.0, 0.55, 0.7), "B": (0.4, 0.15, 0.5, 1.0, 0.7, 0.2)}, "strings",
                   "The same string under a bow; the wheel takes it over the fingerboard.",
                   {"amp.attack_s": 0.12, "amp.sustain": 1.0, "amp.release_s": 0.3, "lfo1.rate_hz": 5.2},
                   (("lfo1", "osc.fine_cents", 0.06), ("velocity", "latent.5", -0.7), ("velocity", "latent.3", -0.3))),
    "String Pickups": ({"A": (0.2, 0.05, 0.5, 0.2, 0.1, 0.0), "B": (0.2, 0.95, 0.5, 0.2, 0.1, 0.0)}, "keys",
                       "A pickup that wanders along the string by itself; the wheel moves it by hand.",
                       {"amp.attack_s": 0.002, "amp.decay_s": 4.0, "amp.sustain": 0.2, "amp.release_s": 0.4, "lfo1.rate_hz": 0.3},
                       (("lfo1", "latent.2", 0.25), ("velocity", "latent.3", -0.5)))}


def decoder() -> bytes:
    """The ONNX file: latent [batch, 6], each 0 to 1, -> amplitudes [batch, 511]."""
    k = np.arange(1, HARMONICS + 1)
    constants = {"turn": np.pi * k, "near": np.exp(-((k / _COMB_END) ** 2)), "mean": 0.5 * (1 - np.exp(-((k / _COMB_END) ** 2))) + _DEEPEST,
                 "log": -np.log(k), "square": -((0.12 * k) ** 2), "slope": -0.06 * k, "two": 2.0, "one": 1.0, "most": 0.47, "least": 0.03,
                 "body": sum(gain * np.exp(-((np.log(k / centre) / width) ** 2)) for centre, width, gain in _BODY)}
    names = ["pluck", "pickup", "soft", "bow", "damping", "body_knob"]
    nodes = [helper.make_node("Split", ["latent"], names, axis=1, num_outputs=len(names))]

    def step(kind: str, *given: str) -> str:
        found = f"v{len(nodes)}"
        nodes.append(helper.make_node(kind, [*given], [found]))
        return found

    def comb(place: str) -> str:
        sine = step("Sin", step("Mul", step("Add", step("Mul", place, "most"), "least"), "turn"))
        return step("Sqrt", step("Add", step("Mul", step("Mul", sine, sine), "near"), "mean"))

    fall = step("Mul", step("Sub", "two", "bow"), "log")  # k^-2 plucked, k^-1 bowed
    soft = step("Mul", step("Mul", "soft", "soft"), "square")
    tilt = step("Exp", step("Add", step("Add", fall, soft), step("Mul", step("Mul", "damping", "damping"), "slope")))
    colour = step("Add", step("Mul", "body_knob", "body"), "one")
    step("Mul", step("Mul", comb("pluck"), comb("pickup")), step("Mul", tilt, colour))
    nodes[-1].output[0] = "amplitudes"
    graph = helper.make_graph(
        nodes, NAME, [helper.make_tensor_value_info("latent", TensorProto.FLOAT, ["batch", len(KNOBS)])],
        [helper.make_tensor_value_info("amplitudes", TensorProto.FLOAT, ["batch", HARMONICS])],
        [numpy_helper.from_array(np.asarray(value, np.float32), name) for name, value in constants.items()])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9).SerializeToString()


def phases() -> list[float]:
    """Those of the trained models, so that a morph of presets between the two turns no harmonic."""
    return [round(float(x), 6) for x in open_model("akwf-16").phases[:HARMONICS]]


def write_model(folder: Path) -> None:
    """The model and its presets."""
    (folder / "presets").mkdir(parents=True, exist_ok=True)
    data = decoder()
    (folder / "decoder.onnx").write_bytes(data)
    (folder / "manifest.json").write_text(json.dumps({
        "format": 1, "name": NAME, "kind": "physical", "output": "amplitudes", "latent_size": len(KNOBS), "cycle_size": CYCLE_SIZE,
        "harmonics": HARMONICS,
        "latents": [{"name": name, "low": 0.0, "high": 1.0, "mean": mean, "std": 0.2} for name, mean in KNOBS.items()],
        "phases": phases(), "data": [], "command": "python -m tools.make_string_model",
        "sha256": {"decoder.onnx": hashlib.sha256(data).hexdigest()}}, indent=1) + "\n", encoding="utf-8")
    model = open_model(folder)
    for name, (corners, category, comment, params, slots) in PRESETS.items():
        rows = {f"mod{i}.{key}": value for i, slot in enumerate(slots, 1)
                for key, value in zip(("source", "target", "amount"), slot, strict=True)}
        patch = Patch(name=name, author="latentwave", category=category, comment=comment, model=NAME, model_sha256=model.sha256,
                      latent_size=len(KNOBS), corners=corners, params=parsed(params | rows))
        preset_file.save(fallback.keep(patch, model), folder / "presets" / f"{name}.json")


def parsed(knobs: dict) -> dict[str, float]:
    """Knobs by name, their values as texts or numbers."""
    from synth.params.knobs import param

    return {name: param(name).parse(value) for name, value in knobs.items()}


def main() -> None:
    """Parse, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent.parent / "exported" / NAME, metavar="FOLDER")
    write_model(parser.parse_args().out)


if __name__ == "__main__":
    main()
