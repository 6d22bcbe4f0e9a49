"""Stands where numpy would, to say that it is not there."""

raise ImportError(
    "numpy is compiled code, which a component does not have. Of Python's own: math, statistics, random, decimal, fractions. "
    "Columns of a table are added, compared and summed as they are: see duckpen.Frame"
)
