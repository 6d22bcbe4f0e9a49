"""SQLFlow's decorators, so that a file of its functions needs no change."""

from .decorators import python_scalar_udf, python_table_udf

__all__ = ["python_scalar_udf", "python_table_udf"]
