"""What is asked of a kernel, as the code that it evaluates."""

from __future__ import annotations

_ANSWER = "__import__('annuario.text.answers', fromlist=['answer']).answer"
#: What an expression gives travels as JSON, in the form that IPython has for it.
JSON = "application/json"
AS_JSON = "__import__('IPython.display', fromlist=['JSON']).JSON"
#: What has a kernel take note of what its chapter depends on, and what it tells at the end.
BEGIN, TOLD = (
    f"{AS_JSON}(__import__('annuario.execution.reads', fromlist=['x']).{name}())" for name in ("begin", "told")
)


def _one(expression: str, as_text: bool) -> str:
    return f"{_ANSWER}(lambda: ({expression}))" if as_text else f"bool(({expression}))"


def several(names: list[str], as_text: bool, guard: str | None = None) -> tuple[tuple[list[str], bool], str]:
    """Some expressions asked for as one list, of which nothing is evaluated where ``guard`` is false."""
    names = list(dict.fromkeys(names))
    asked = f"{AS_JSON}([{', '.join(_one(name, as_text) for name in names)}])"
    return (names, as_text), f"{asked} if ({guard}) else None" if guard else asked
