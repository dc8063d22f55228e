"""The one error a musician sees: a sentence that says what is wrong and what to do."""


import difflib
from collections.abc import Iterable


class UserError(Exception):
    """Bad input or a missing thing, told in one sentence; the command line prints it and exits 1."""


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """" (did you mean 'Amber Pad'?)" of the known name that is nearest to one mistyped; '' where none is near."""
    names = {name.casefold(): name for name in known}
    typed = wrong.strip().casefold()
    near = difflib.get_close_matches(typed, names, n=1) or sorted((n for n in names if typed and typed in n), key=len)[:1]
    return f" (did you mean '{names[near[0]]}'?)" if near else ""
