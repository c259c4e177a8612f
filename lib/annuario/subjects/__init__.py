"""What the chapters show, subject by subject: its frames, tables, charts and sentences."""
