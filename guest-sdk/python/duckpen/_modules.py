"""The functions of a project's modules: imported while the component is made, gathered, and told to the host."""

import ast
import collections.abc
import datetime
import importlib
import inspect
import math
import os
import sys
import traceback
import types
import typing

from wit_world.exports import modules

from . import _declarations, _types
from ._coercion import Coerced
from ._declarations import Parameter, Scalar, Signature

# A parameter or result of which nothing is known.
_GUESS = "DOUBLE"


class Table(typing.NamedTuple):
    """A function of a table."""

    name: str
    function: collections.abc.Callable
    # Beside the table: name and type of each parameter.
    named: list[tuple[str, _types.Type]]
    output_schema: dict[str, str]
    doc: str | None


class Module:
    """What the host is told of a module."""

    def __init__(self, name):
        self.name = name
        self.scalars = []
        self.problems = []


tables: list[Table] = []
_found: list[Module] = []


class Modules:
    """The export of the component."""

    def describe(self):
        return [modules.Module(name=found.name, scalars=found.scalars, problems=found.problems) for found in _found]


def discover(package):
    """Imports every module below the package, and declares the functions of each. One that fails is told, and left out."""
    names = set()
    for folder in sys.path:
        root = os.path.join(folder, package)
        if os.path.isdir(root):
            for name, path in _files(root, package):
                _add(Module(name), path, folder, names)


def _files(folder, name):
    """The modules below a folder with their files, in order."""
    for entry in sorted(os.listdir(folder)):
        path = os.path.join(folder, entry)
        stem, extension = os.path.splitext(entry)
        if os.path.isdir(path) and not entry.startswith((".", "__")):
            yield from _files(path, f"{name}.{entry}")
        elif extension == ".py" and stem != "__init__":
            yield f"{name}.{stem}", path


def _add(found, path, root, names):
    _found.append(found)
    unfit = next((part for part in found.name.split(".") if not part.isidentifier()), None)
    if unfit is not None:
        _refuse(found, None, f"`{unfit}` is no name for a module: letters, digits and `_` only")
        return
    try:
        module = importlib.import_module(found.name)
    # A module that ends the interpreter when it is imported is a module that cannot be imported.
    except (Exception, SystemExit) as error:
        _refuse(found, None, _traceback(error, root))
        return
    _import_what_is_imported_later(path, module)
    for member in list(vars(module).values()):
        if not getattr(member, "_is_sqlflow_udf", False) or member.__module__ != found.name:
            continue
        name = f"{found.name}.{member._udf_name}"
        try:
            if name.lower() in names:
                raise TypeError("another function has this name")
            if not str(member._udf_name).isidentifier():
                raise TypeError(f"`{member._udf_name}` is no name for a function: letters, digits and `_` only")
            if member._udf_type == "scalar":
                _add_scalar(found, name, member)
            else:
                tables.append(_table(name, member))
        except Exception as error:
            _refuse(found, name, str(error))
        else:
            names.add(name.lower())


def _refuse(found, function, reason):
    found.problems.append(modules.Problem(function=function, reason=reason))


def _traceback(error, root):
    """As Python prints it, from the first line that is the project's own."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [at for at, frame in enumerate(frames) if frame.filename.startswith(root)]
    kept = frames[own[0] :] if own else []
    told = traceback.TracebackException.from_exception(error)
    told.stack = traceback.StackSummary.from_list([frame for frame in kept if "importlib" not in frame.filename])
    return "".join(told.format(chain=False)).replace(f"{root}{os.sep}", "").rstrip()


def _import_what_is_imported_later(path, module):
    """What functions import when they are called: by then there are no files any more."""
    with open(path, "rb") as file:
        tree = ast.parse(file.read())
    for node in ast.walk(tree):
        wanted = []
        if isinstance(node, ast.Import):
            wanted = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            wanted = [base, *(f"{base}{'' if base.endswith('.') else '.'}{alias.name}" for alias in node.names)]
        for name in wanted:
            try:
                importlib.import_module(name, module.__package__)
            except (Exception, SystemExit):
                # Then the function that wants it has the error.
                pass


def _add_scalar(found, name, udf):
    function = inspect.unwrap(udf)
    hints = _hints(function)
    positional, named, varargs = [], [], None
    defaults = {}
    for parameter in inspect.signature(function).parameters.values():
        kind = _parameter_type(parameter, hints)
        one = Parameter(parameter.name, kind, False)
        if parameter.kind is parameter.VAR_POSITIONAL:
            varargs = one
        elif parameter.kind is parameter.KEYWORD_ONLY:
            named.append(one)
        elif parameter.kind is not parameter.VAR_KEYWORD:
            positional.append(one)
        if parameter.default is not parameter.empty:
            defaults[parameter.name] = parameter.default
    if named and varargs:
        raise TypeError("parameters that are given by name only cannot stand behind any number of others")
    parameters = positional + named
    required = max((at + 1 for at, one in enumerate(parameters) if one.name not in defaults), default=0)
    called = function
    if named:
        names = [one.name for one in named]
        called = lambda *given: function(*given[: len(positional)], **dict(zip(names, given[len(positional) :])))
    returns = Coerced(_result_type(function, hints), f"what {function.__name__} returns")
    signature = Signature(called, parameters, returns, varargs)
    doc = inspect.getdoc(function)
    # Time and chance stand still in a component, so equal arguments give equal results.
    _declarations.scalars.extend(Scalar(name, form, False, doc) for form in signature.forms(required))
    literals = [modules.Parameter(name=one.name, default=_literal(defaults.get(one.name))) for one in parameters]
    found.scalars.append(modules.Callable(name=name, parameters=literals))


def _table(name, udf):
    function = inspect.unwrap(udf)
    hints = _hints(function)
    _, *others = inspect.signature(function).parameters.values()
    named = [(other.name, _parameter_type(other, hints)) for other in others if other.kind is not other.VAR_KEYWORD]
    schema = {column: _types.named(kind).name for column, kind in (udf._output_schema or {}).items()}
    return Table(name, udf, named, schema, inspect.getdoc(function))


def _hints(function):
    """The hints of a function; those that cannot be read, of the table and of a table's result above all, are left out."""
    try:
        return typing.get_type_hints(function, include_extras=True)
    except Exception:
        return {name: hint for name, hint in function.__annotations__.items() if not isinstance(hint, str)}


def _parameter_type(parameter, hints):
    hint = hints.get(parameter.name, typing.Any)
    if hint is not typing.Any:
        return _of_hint(hint, f"parameter {parameter.name}")
    default = parameter.default
    if default is not parameter.empty and default is not None:
        return _types.of_values([default])
    return _types.named(_GUESS)


def _result_type(function, hints):
    hint = hints.get("return", typing.Any)
    return _types.named(_GUESS) if hint is typing.Any else _of_hint(hint, "the result")


def _of_hint(hint, what):
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        members = set(typing.get_args(hint)) - {type(None)}
        if members == {int, float}:
            return _types.named("DOUBLE")
    if typing.get_origin(hint) is typing.Literal:
        return _types.of_values(list(typing.get_args(hint)))
    try:
        kind, _ = _types.of_hint(hint)
    except TypeError as error:
        raise TypeError(f"{what}: {error}") from None
    # Digits are kept, whatever the scale of the column is.
    return _types.named("DECIMAL(38,10)") if kind.name == "DECIMAL(18,3)" else kind


def _literal(value):
    """A default as an expression of SQL."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int) or isinstance(value, float) and math.isfinite(value):
        return repr(value)
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return f"DATE '{value.isoformat()}'"
    return None
