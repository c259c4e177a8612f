"""Italian as the book prints it: numbers, phrases, trends, and Markdown that says the same text."""

__all__ = ["markdown", "numbers", "phrases", "subjects", "transcript", "trends"]
