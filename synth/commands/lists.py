"""`devices`: what is there to play through."""

from ..text import dump_json, printable


def register(subparsers):
    """Add `devices`."""
    parser = subparsers.add_parser("devices", help="list audio devices and MIDI ports")
    parser.add_argument("--json", action="store_true", help="machine-readable")
    parser.set_defaults(func=_devices)


def _devices(args) -> int:
    from ..ports import device_list

    found = {"audio": device_list.audio_devices(), "midi": device_list.midi_ports()}
    if args.json:
        print(dump_json(found, indent=1))
        return 0
    for title, kind in (("Audio out", "outputs"), ("Audio in", "inputs")):
        print(f"{title}: {'' if found['audio'][kind] else 'none'}")
        for d in found["audio"][kind]:
            mark = "*" if d["default"] else " "
            print(f" {mark}{d['index']:3d}  {printable(d['name'])}  ({d['host_api']}, {d['channels']} ch, {d['samplerate']} Hz)")
    for title, kind in (("MIDI in", "inputs"), ("MIDI out", "outputs")):
        print(f"{title}: {'' if found['midi'][kind] else 'none'}")
        for p in found["midi"][kind]:
            print(f"      {printable(p['name'])}  ({p['api']})")
    for part in ("audio", "midi"):
        if found[part]["error"]:
            print(f"{found[part]['error']}; `latentwave doctor` says how to mend it")
    return 0
