"""Functions of whole tables."""

import pandas as pd

from sqlflow.udfs import python_table_udf


@python_table_udf(
    required_columns=["region", "quantity", "unit_price"],
    output_schema={"region": "VARCHAR", "sales": "INTEGER", "revenue": "DOUBLE", "share": "DOUBLE"},
)
def region_shares(df: pd.DataFrame, minimum: float = 0.0) -> pd.DataFrame:
    """Sales and revenue of each region, and its share of all."""
    df = df.copy()
    df["amount"] = df["quantity"] * df["unit_price"]
    regions = df.groupby("region", as_index=False).agg(sales=("amount", "count"), revenue=("amount", "sum"))
    regions["revenue"] = regions["revenue"].round(2)
    regions["share"] = (regions["revenue"] / regions["revenue"].sum()).round(4)
    return regions[regions["revenue"] >= minimum].sort_values("revenue", ascending=False)


@python_table_udf(output_schema={"sale_id": "INTEGER", "running_quantity": "INTEGER"})
def running_quantity(df: pd.DataFrame) -> pd.DataFrame:
    """How many pieces were sold up to each sale."""
    ordered = df.sort_values(["sold_on", "sale_id"])
    ordered["running_quantity"] = ordered["quantity"].fillna(0).cumsum()
    return ordered[["sale_id", "running_quantity"]]
