"""As SQLFlow has them, under the name of their module there."""

from duckpen._udfs import python_scalar_udf, python_table_udf

__all__ = ["python_scalar_udf", "python_table_udf"]
