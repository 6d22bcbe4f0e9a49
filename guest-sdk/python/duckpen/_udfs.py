"""SQLFlow's decorators. They mark functions; what the modules of a project have is gathered when all are imported."""

import functools
import inspect

from ._frame import Frame


def python_scalar_udf(wrapped=None, *, name=None):
    """A function of rows: a value for each."""
    if wrapped is None:
        return functools.partial(python_scalar_udf, name=name)

    @functools.wraps(wrapped)
    def udf(*given, **named):
        return wrapped(*given, **named)

    _mark(udf, "scalar", name or wrapped.__name__)
    return udf


def python_table_udf(wrapped=None, *, name=None, required_columns=None, output_schema=None, infer=False):
    """A function of a table: another table. Columns of the result that `output_schema` names have the types it says."""
    if wrapped is None:
        return functools.partial(
            python_table_udf, name=name, required_columns=required_columns, output_schema=output_schema, infer=infer
        )
    _check_parameters(wrapped)
    if output_schema is None and not infer:
        raise ValueError(
            f"Table UDF {wrapped.__name__} must specify output_schema or set infer=True. "
            "Using infer=True is recommended only for development."
        )

    @functools.wraps(wrapped)
    def udf(*given, **named):
        if not given:
            raise ValueError(f"Table UDF {wrapped.__name__} requires a DataFrame argument")
        frame = given[0]
        if not isinstance(frame, Frame):
            raise ValueError(f"First argument to table UDF {wrapped.__name__} must be a DataFrame, got {type(frame)}")
        missing = [column for column in required_columns or () if column not in frame]
        if missing:
            raise ValueError(
                f"Table UDF {wrapped.__name__} requires columns that are missing from input DataFrame: {missing}"
            )
        result = wrapped(*given, **named)
        if not isinstance(result, Frame):
            raise ValueError(f"Table UDF {wrapped.__name__} must return a pandas DataFrame, got {type(result)}")
        missing = [column for column in output_schema or () if column not in result]
        if missing:
            raise ValueError(f"Table UDF {wrapped.__name__} output is missing expected columns: {missing}")
        return result

    _mark(udf, "table", name or wrapped.__name__)
    udf._required_columns = required_columns
    udf._output_schema = output_schema
    udf._infer_schema = infer
    return udf


def _mark(udf, kind, name):
    # Under the names that SQLFlow gives them, for code that looks.
    udf._is_sqlflow_udf = True
    udf._udf_type = kind
    udf._udf_name = name


def _check_parameters(wrapped):
    name = wrapped.__name__
    parameters = list(inspect.signature(wrapped).parameters.values())
    if not parameters:
        raise ValueError(f"Table UDF {name} must accept at least one argument (DataFrame)")
    first, *others = parameters
    if first.kind not in (first.POSITIONAL_ONLY, first.POSITIONAL_OR_KEYWORD):
        raise ValueError(f"First parameter of table UDF {name} must be positional (DataFrame argument)")
    for other in others:
        if other.kind in (other.POSITIONAL_ONLY, other.VAR_POSITIONAL):
            raise ValueError(
                f"Additional parameters in table UDF {name} must be keyword arguments, got {other.name} as {other.kind}"
            )
