"""A draft's figures as an Excel workbook for those who enter them, and back."""
