"""Write docs/preset.schema.json anew: `python -m tools.presets.schema`."""

import json
from pathlib import Path

from synth.patch.preset_schema import schema

FILE = Path(__file__).resolve().parents[2] / "docs" / "preset.schema.json"


def text() -> str:
    """The schema as its file holds it."""
    return json.dumps(schema(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
