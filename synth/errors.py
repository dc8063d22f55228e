"""The one error a musician sees: a sentence that says what is wrong and what to do."""


class UserError(Exception):
    """Bad input or a missing thing, told in one sentence; the command line prints it and exits 1."""
