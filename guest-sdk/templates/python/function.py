"""Functions for SQL."""

import duckpen


@duckpen.function
def __NAME__(name: str) -> str:
    """A greeting."""
    return f"Hello, {name}!"
