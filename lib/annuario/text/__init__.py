"""The text of chapters: Markdown with expressions, what an absent figure takes along, commentary, links and pictures."""
