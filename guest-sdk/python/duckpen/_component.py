"""The exports of the component: what the host calls, in terms of what the decorators have found."""

from componentize_py_types import Err
from wit_world.exports import aggregate, scalar
from wit_world.imports import columns, declarations, failures, results, states

from . import _declarations, _imports


class Scalar:
    def describe(self):
        return [_scalar(declared) for declared in _declarations.scalars]

    def open(self, index, site):
        return Evaluator(_declarations.scalars[index])


class Evaluator:
    def __init__(self, declared):
        self._signature = declared.signature

    def evaluate(self, arguments, rows):
        call = self._signature.function
        computed = []
        with failing(computed):
            for row in _rows(self._signature, arguments, rows):
                computed.append(None if row is None else call(*row))
        results.emit(_encoded(self._signature.returns, computed))


class Aggregate:
    def describe(self):
        return [_aggregate(declared) for declared in _declarations.aggregates]

    def open(self, index):
        return Aggregator(_declarations.aggregates[index])


class Aggregator:
    def __init__(self, declared):
        self._declared = declared

    def update(self, groups, group_of_row, arguments, rows):
        stored = _split(groups)
        touched = {}
        taken = []
        with failing(taken):
            for group, row in zip(group_of_row, _rows(self._declared.signature, arguments, rows)):
                if row is not None:
                    state = touched.get(group)
                    if state is None:
                        state = touched[group] = self._declared.load(stored[group])
                    state.step(*row)
                taken.append(group)
            for group, state in touched.items():
                stored[group] = self._declared.dump(state)
        states.emit(_joined(stored))

    def merge(self, left, right):
        merged = []
        with failing():
            for one, other in zip(_split(left), _split(right)):
                state = self._declared.load(one)
                state.merge(self._declared.load(other))
                merged.append(self._declared.dump(state))
        states.emit(_joined(merged))

    def finalize(self, groups):
        with failing():
            finished = [self._declared.load(stored).finish() for stored in _split(groups)]
            results.emit(self._declared.signature.returns.encode(finished))


class failing:
    """Makes an exception of the author's code a failure of the call; `done` has an entry for each row before it."""

    def __init__(self, done=None):
        self._done = done

    def __enter__(self):
        _imports.end()
        return self

    def __exit__(self, kind, error, trace):
        if error is None or not isinstance(error, Exception):
            return False
        is_about_data = isinstance(error, (ValueError, TypeError, ArithmeticError, LookupError))
        raise Err(
            failures.Failure(
                kind=failures.Kind.INVALID_INPUT if is_about_data else failures.Kind.INTERNAL,
                message=(f"{kind.__name__}: {error}" if str(error) else kind.__name__) + _place(trace),
                hint=None,
                row=None if self._done is None else len(self._done),
            )
        ) from None


def _encoded(returns, computed):
    """The column of results. Which of them does not fit is looked for only where one does not."""
    try:
        return returns.encode(computed)
    except Exception:
        fitting = []
        with failing(fitting):
            for value in computed:
                returns.encode([value])
                fitting.append(value)
        with failing():
            raise


def _place(trace):
    """The line of a project's own module in which it happened, where there is one."""
    place = ""
    # Not by `traceback`, which reads the source: there are no files when functions are called.
    while trace is not None:
        code = trace.tb_frame.f_code
        _, folder, path = code.co_filename.partition("/python_udfs/")
        if folder:
            place = f" (python_udfs/{path}:{trace.tb_lineno}, in {code.co_name})"
        trace = trace.tb_next
    return place


def _rows(signature, arguments, rows):
    """The arguments of each row; None for a row that is not called because a value is NULL."""
    if not arguments:
        return ((),) * rows
    decoded = []
    refuses_null = []
    for index, argument in enumerate(arguments):
        parameter = signature.parameter(index)
        values = parameter.type.decode(argument.value)
        if isinstance(argument, columns.Argument_Constant):
            values = values * rows
        if not parameter.sees_null and None in values:
            refuses_null.append(index)
        decoded.append(values)
    if not refuses_null:
        return zip(*decoded)
    return (None if any(row[index] is None for index in refuses_null) else row for row in zip(*decoded))


def _split(groups):
    data = groups.value
    return [data.bytes[start:end] for start, end in zip(data.offsets, data.offsets[1:])]


def _joined(stored):
    offsets = [0]
    for state in stored:
        offsets.append(offsets[-1] + len(state))
    return states.GroupStates_Variable(columns.VarData(offsets=offsets, bytes=b"".join(stored)))


def _parameters(signature):
    return [declarations.Parameter(name=given.name, logical_type=given.type.name) for given in signature.parameters]


def _nulls(signature):
    return declarations.NullPolicy.CALLED_ON_NULL if signature.sees_null else declarations.NullPolicy.PROPAGATE


def _scalar(declared):
    signature = declared.signature
    return scalar.Declaration(
        name=declared.name,
        parameters=_parameters(signature),
        varargs=signature.varargs.type.name if signature.varargs else None,
        returns=signature.returns.name,
        nulls=_nulls(signature),
        stability=declarations.Stability.VOLATILE if declared.volatile else declarations.Stability.CONSISTENT,
        doc=declared.doc,
    )


def _aggregate(declared):
    return aggregate.Declaration(
        name=declared.name,
        parameters=_parameters(declared.signature),
        returns=declared.signature.returns.name,
        nulls=_nulls(declared.signature),
        state=aggregate.StateShape.VARIABLE,
        initial=declared.initial(),
        doc=declared.doc,
    )
