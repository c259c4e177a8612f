"""What a chapter's process reports while it runs: the words of the builder, which does without its libraries, and of the process."""

from __future__ import annotations

from annuario.messages import say

#: What it is doing: a cell, or expressions of the text at it.
CELL, ASKED = "cell", "asked"


def evaluated(names: list[str]) -> str:
    """What to call some expressions in a message.

    >>> evaluated(["n", "n + 1"])
    'what is evaluated («n», «n + 1»)'
    """
    return say("what is evaluated ({asked})", asked=", ".join(f"«{name}»" for name in names))
