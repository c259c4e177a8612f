"""The book of one edition: built and watched; chapters assembled, charts drawn, open data, the finished folder."""
