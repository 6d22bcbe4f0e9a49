"""Imports are made while a component is built, when there are files. Afterwards there are none, and looking for one ends it."""

import sys
from importlib.machinery import BuiltinImporter, FrozenImporter


class _TooLate:
    """Stands where modules would be looked for in files."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        raise ImportError(
            f"the module {name!r} is imported when a function is called, and was not when the component was built: import it "
            "at the top of the module"
        )


def end():
    """What was not imported so far is an error from now on, and no crash."""
    if sys.meta_path[-1:] != [_TooLate]:
        sys.meta_path[:] = [BuiltinImporter, FrozenImporter, _TooLate]
