"""The part of SQLFlow that its functions in Python import: the decorators in `sqlflow.udfs`."""
