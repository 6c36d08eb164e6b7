"""A real output of a tool for each format, shown on its page."""
