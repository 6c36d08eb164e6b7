"""Adapters: each reads one tool's own output into normalised facts of a shape. None gives a verdict."""
