"""How much nearer one model draws sounds than another, in words: the verdict of every report."""


def nearer_words(own_db: float, before_db: float) -> str:
    """Of two distances in dB; what is within one per cent is as near."""
    percent = (1 - own_db / max(before_db, 1e-9)) * 100
    return f"{percent:.0f} % nearer" if percent >= 1 else f"{-percent:.0f} % farther" if percent <= -1 else "as near"
