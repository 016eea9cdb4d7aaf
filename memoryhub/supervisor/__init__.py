"""Runs everything in the foreground: `python -m memoryhub.supervisor`.

Only `prepare` imports Django, in a process of its own that ends before anything serves.
"""
