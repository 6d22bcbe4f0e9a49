"""What a component offers: filled by the decorators while the module of its functions is imported."""

import functools
import inspect
import pickle
import re
import typing

from . import _types


class Parameter(typing.NamedTuple):
    name: str
    type: _types.Type
    sees_null: bool


class Signature:
    """Parameters and result of something that is called for each row."""

    def __init__(self, function, parameters, returns, varargs=None):
        self.parameters = parameters
        self.varargs = varargs
        self.returns = returns
        self.function = function
        everything = [*parameters, *([varargs] if varargs else [])]
        self.sees_null = any(parameter.sees_null for parameter in everything)

    def parameter(self, index):
        return self.parameters[index] if index < len(self.parameters) else self.varargs

    def forms(self, required):
        """One signature for each number of arguments: those with a default may be left out."""
        for count in range(required, len(self.parameters)):
            yield Signature(self.function, self.parameters[:count], self.returns)
        yield self


class Scalar(typing.NamedTuple):
    name: str
    signature: Signature
    volatile: bool
    doc: str | None


class Aggregate(typing.NamedTuple):
    name: str
    signature: Signature
    state: type
    doc: str | None

    def initial(self):
        return self.dump(self.state())

    def dump(self, state):
        """The bytes of a state: its attributes, since the class is known anyway."""
        return pickle.dumps(state.__dict__, protocol=5)

    def load(self, stored):
        state = self.state.__new__(self.state)
        state.__dict__.update(pickle.loads(stored))
        return state


scalars: list[Scalar] = []
aggregates: list[Aggregate] = []


def function(wrapped=None, *, name=None, volatile=False):
    """Makes a function of Python a scalar function of SQL."""
    if wrapped is None:
        return functools.partial(function, name=name, volatile=volatile)
    signature, required = _signature(wrapped, returns_from=wrapped)
    doc = inspect.getdoc(wrapped)
    scalars.extend(Scalar(name or wrapped.__name__, form, volatile, doc) for form in signature.forms(required))
    return wrapped


def aggregate(wrapped=None, *, name=None):
    """Makes a class an aggregate function of SQL; its attributes are the state, and have to be of a kind that can be pickled."""
    if wrapped is None:
        return functools.partial(aggregate, name=name)
    missing = [method for method in ("step", "merge", "finish") if not callable(getattr(wrapped, method, None))]
    if missing:
        raise TypeError(f"the aggregate {wrapped.__name__} has no method {missing[0]}")
    signature, required = _signature(wrapped.step, returns_from=wrapped.finish, skip=1)
    doc = wrapped.__doc__ and inspect.cleandoc(wrapped.__doc__)
    name = name or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", wrapped.__name__).lower()
    aggregates.extend(Aggregate(name, form, wrapped, doc) for form in signature.forms(required))
    return wrapped


def python_scalar_udf(wrapped=None, *, name=None):
    """`function`, under the name that SQLFlow gives it."""
    return function(wrapped, name=name)


def python_table_udf(*_arguments, **_options):
    """SQLFlow's functions on whole tables."""
    raise TypeError("functions on whole tables cannot be written in Python: the component has no table functions")


def _signature(called, returns_from, skip=0):
    hints = typing.get_type_hints(called, include_extras=True)
    result = typing.get_type_hints(returns_from, include_extras=True).get("return")
    if result is None:
        raise TypeError(f"{returns_from.__qualname__} has no hint of what it returns")
    parameters, varargs, required = [], None, 0
    for parameter in list(inspect.signature(called).parameters.values())[skip:]:
        if parameter.name not in hints:
            raise TypeError(f"parameter {parameter.name} of {called.__qualname__} has no type hint")
        found = Parameter(parameter.name, *_types.of_hint(hints[parameter.name]))
        if parameter.kind is parameter.VAR_POSITIONAL:
            varargs = found
        elif parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            parameters.append(found)
            required += parameter.default is parameter.empty
        else:
            raise TypeError(f"parameter {parameter.name} of {called.__qualname__} cannot be given by position")
    return Signature(called, parameters, _types.of_hint(result)[0], varargs), required
