"""What a step of the document did, as a player calls it."""

from ..params.knobs import PARAMS
from ..session.step_list import Step
from ..text import printable
from . import words


def step_words(step: Step, directions: tuple[str, ...]) -> str:
    """Of a row of the history: the newest knob and its value, or what else it was."""
    if step.kind == "morph" and step.part:
        return f"part {step.part}"
    if step.kind != "knobs":
        return words.STEPS[step.kind]
    name, value = step.knobs[-1]
    more = f" and {len(step.knobs) - 1} more" if len(step.knobs) > 1 else ""
    param = PARAMS[name]
    return f"{words.full_name(param, directions)}  {words.show_value(param, value)}{more}"


def told_step(step: Step | None, back: bool, directions: tuple[str, ...]) -> str:
    """What undo (`back`) or redo did, in a sentence; None: there was no such step."""
    if step is None:
        return f"nothing to {'undo' if back else 'redo'}"
    what = f"'{printable(step.sound)}'" if step.kind == "loaded" else step_words(step, directions).replace("  ", " ")
    return f"{'undone' if back else 'redone'}: {what}"
