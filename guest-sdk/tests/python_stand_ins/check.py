"""Compares what stands for numpy and pandas with what these gave.

`check.py` computes every expression with the stand-ins and tells where the result is another than in recorded.json;
`check.py --record`, where numpy and pandas are installed, writes that file from them.
"""

import json
import math
import pathlib
import sys
import types
import warnings

HERE = pathlib.Path(__file__).parent
RECORDED = HERE / "recorded.json"

EACH = """abs negative square sqrt cbrt exp expm1 log log2 log10 log1p floor ceil trunc rint sign sin cos tan arctan sinh tanh
    radians degrees isinf isfinite isnan""".split()
TOTALS = """sum mean std var min max median any all prod count_nonzero cumsum cumprod unique nansum nanmean nanmedian nanstd
    nanvar nanmin nanmax""".split()
PAIRS = "maximum minimum power arctan2 hypot".split()

OTHERS = """
    np.where(S(f) > 1, "hi", "lo")
    np.where(S(f) > 1, S(f), -S(f))
    np.where(True, 1, 2)
    np.where(S(n) > 2, 1, 0)
    np.select([S(f) > 2, S(f) > 1], ["a", "b"], default="c")
    np.select([S(f) > 2, S(f) > 1], [1, 2])
    np.clip(S(f), 0, 2)
    np.clip(5, 0, 2)
    np.round(S([1.234, 2.345]), 2)
    np.round(2.5)
    np.percentile(f, 25)
    np.percentile(f, [25, 75])
    np.quantile([1.0, nan], 0.5)
    np.nanpercentile([1.0, nan, 3.0], 50)
    np.array(f).std()
    np.array(f).mean()
    np.array(i) * 2 + 1
    np.array(i) > 1
    np.array(i)[np.array(i) > 1]
    np.array([1.0, nan]).mean()
    np.array([1.0, nan]).sum()
    np.array([1.0, nan]).max()
    np.array([1.0, nan]).std()
    np.arange(5)
    np.arange(1, 2, 0.25)
    np.linspace(0, 1, 5)
    np.zeros(3)
    np.ones(2)
    np.full(2, 7)
    np.logical_and(S(f) > 0, S(f) < 2)
    np.logical_or(S(f) > 2, S(f) < 0)
    np.logical_not(S(f) > 0)
    [np.pi, np.e, np.inf, np.nan]
    isinstance(5, (int, np.integer))
    S(f).values * 2
    S(f).values.std()
    S(f).std()
    S(f).dtype == "float64"
    S(i).dtype == "int64"
    S([True, False]).dtype == "bool"
    S([1, None]).dtype == "float64"
    S([decimal]).dtype == "object"
    S(f).dtype == float
    S(i).dtype == int
    S(f).dtype == object
    S(f).dtype.kind
    S(i).dtype.name
    S(t).rank()
    S(t).rank(pct=True)
    S(t).rank(method="min")
    S(t).rank(method="max")
    S(t).rank(method="dense")
    S(t).rank(method="dense", pct=True)
    S(t).rank(ascending=False, method="min")
    S([3.0, None, 1.0]).rank(pct=True)
    S(["a", "b"]).replace({"a": "z"})
    S([1, 2, 1]).replace(1, 9)
    S([1, 2, 3]).replace([1, 2], 0)
    pd.to_numeric(S(["1", "2.5", "x"]), errors="coerce")
    pd.to_numeric("7")
    pd.to_datetime(S(["2024-01-02", "2024-02-29"])).dt.month
    pd.to_datetime("03/04/2024", format="%d/%m/%Y").day
    pd.isna(pd.to_datetime(S(["2024-01-02", "x"]), errors="coerce"))
    np.abs((S(p) - S(p).mean()) / S(p).std()) > 1
    pd.DataFrame({"p": p, "q": i}).replace(1, 5)["q"]
    list(pd.DataFrame({"a": p, "b": i, "c": [decimal] * 3, "d": [True] * 3}).select_dtypes(include=[np.number]).columns)
    list(pd.DataFrame({"a": p, "b": i, "c": [decimal] * 3}).select_dtypes("object").columns)
    list(pd.DataFrame({"a": p, "b": i, "c": [decimal] * 3}).select_dtypes(exclude=[int]).columns)
"""


def expressions():
    for name in EACH:
        yield from (f"np.{name}({given})" for given in ("S(f)", "S(i)", "S(n)", "f", "i", "2.5", "-1.0", "0.0", "7"))
    for name in TOTALS:
        yield from (f"np.{name}({given}({values}))" for values in ("f", "i", "[1.0, nan, 4.0]") for given in ("S", "", "np.array"))
    for name in PAIRS:
        given = ("S(f), S([2.0, 2.0, -1.0, 0.0])", "S(f), 2.0", "2.0, S(f)", "2.0, 3.0", "S(n), 2.0")
        yield from (f"np.{name}({pair})" for pair in given)
    yield from (line.strip() for line in OTHERS.strip().splitlines())


def use_stand_ins():
    sdk = HERE.parent.parent / "python"
    sys.path[:0] = [str(sdk / "stand_ins"), str(sdk)]
    # The package itself wants what only a component has.
    package = types.ModuleType("duckpen")
    package.__path__ = [str(sdk / "duckpen")]
    sys.modules["duckpen"] = package
    from duckpen._frame import Frame
    from duckpen._series import Series

    package.Frame, package.Series = Frame, Series


def plain(value):
    """A value as JSON has it, the same for both."""
    value = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if value is None or isinstance(value, float) and value != value:
        return "missing"
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return round(float(value), 9) if math.isfinite(value) else str(value)
    return str(value)


def computed():
    import decimal

    import numpy as np
    import pandas as pd

    warnings.simplefilter("ignore")
    names = {
        "np": np, "pd": pd, "S": pd.Series, "nan": math.nan, "decimal": decimal.Decimal("1.5"), "f": [1.5, -2.0, 3.25, 0.0],
        "i": [3, 1, 2], "n": [1.0, None, 4.0], "p": [10.5, 11.5, 1000.0], "t": [3, 1, 3, 2],
    }  # fmt: skip
    results = {}
    for expression in expressions():
        try:
            results[expression] = plain(eval(expression, names))
        except Exception as error:
            results[expression] = type(error).__name__
    return results


def main():
    if sys.argv[1:] == ["--record"]:
        lines = (f"{json.dumps(expression)}: {json.dumps(result)}" for expression, result in computed().items())
        RECORDED.write_text("{\n" + ",\n".join(lines) + "\n}\n")
        return 0
    use_stand_ins()
    recorded = json.loads(RECORDED.read_text())
    found = computed()
    others = [one for one in recorded | found if recorded.get(one) != found.get(one)]
    for expression in others:
        print(f"{expression}: {found.get(expression)}, and not {recorded.get(expression)}")
    print(f"{len(recorded)} expressions, {len(others)} with other results")
    return 1 if others else 0


if __name__ == "__main__":
    sys.exit(main())
