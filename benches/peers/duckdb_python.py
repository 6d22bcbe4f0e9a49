"""The same queries as in benches/queries.rs with functions in Python, in DuckDB's own Python package of the same version.

Prints one JSON object: {"group/function": nanoseconds for the query over as many rows as in queries.rs}. A row-by-row
function is too slow for all rows, so that it is run over a part of them and the time is multiplied.

    python duckdb_python.py NUMBERS TEXTS
"""

import json
import statistics
import sys
import time

import duckdb
import pyarrow
import pyarrow.compute as compute

REPETITIONS = 3
PART = 20_000


def arithmetic_of_columns(x, y):
    return compute.add(compute.multiply(x, 3), y)


def arithmetic_of_rows(x: int, y: int) -> int:
    return 3 * x + y


def upper_of_columns(text):
    return compute.ascii_upper(text)


def upper_of_rows(text: str) -> str:
    return text.upper()


def median_time(connection, query):
    times = []
    for _ in range(REPETITIONS):
        began = time.perf_counter_ns()
        connection.execute(query).fetchall()
        times.append(time.perf_counter_ns() - began)
    return statistics.median(times)


def main(numbers, texts):
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.execute(f"CREATE TABLE numbers AS SELECT i AS x, i * 7 AS y FROM range({numbers}) t(i)")
    connection.execute(
        f"CREATE TABLE texts AS SELECT 'abcdefghij' || lpad(i::VARCHAR, 7, '0') AS s FROM range({texts}) t(i)"
    )
    # A table of its own: under a LIMIT DuckDB would still call the function for every row.
    connection.execute(f"CREATE TABLE numbers_part AS FROM numbers LIMIT {PART}")
    connection.execute(f"CREATE TABLE texts_part AS FROM texts LIMIT {PART}")
    for name, function, parameters, returns, kind in [
        ("arithmetic_arrow", arithmetic_of_columns, ["BIGINT", "BIGINT"], "BIGINT", "arrow"),
        ("arithmetic_native", arithmetic_of_rows, ["BIGINT", "BIGINT"], "BIGINT", "native"),
        ("upper_arrow", upper_of_columns, ["VARCHAR"], "VARCHAR", "arrow"),
        ("upper_native", upper_of_rows, ["VARCHAR"], "VARCHAR", "native"),
    ]:
        connection.create_function(name, function, parameters, returns, type=kind)
    measured = {
        "peer_i64/python_arrow": ("SELECT sum(arithmetic_arrow(x, y)) FROM numbers", 1),
        "peer_i64/python_native": ("SELECT sum(arithmetic_native(x, y)) FROM numbers_part", numbers / PART),
        "peer_string/python_arrow": ("SELECT max(upper_arrow(s)) FROM texts", 1),
        "peer_string/python_native": ("SELECT max(upper_native(s)) FROM texts_part", texts / PART),
    }
    return {name: median_time(connection, query) * factor for name, (query, factor) in measured.items()}


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))))
