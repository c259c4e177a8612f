"""The text of chapters: Markdown with expressions, what an absent figure takes along, commentary, links and pictures."""

__all__ = [
    "absence", "answers", "blocks", "commentary", "expressions", "jupyter", "links", "misuse", "paragraphs",
    "pictures", "prose",
]  # fmt: skip
