"""Amounts, kept to the cent."""

from decimal import Decimal

from sqlflow.udfs import python_scalar_udf

CENT = Decimal("0.01")


@python_scalar_udf
def gross(price: Decimal, quantity: int, tax_rate: float = 0.19) -> Decimal:
    """What is paid, taxes included."""
    return (price * quantity * (1 + Decimal(str(tax_rate)))).quantize(CENT)


@python_scalar_udf
def price_band(price: float) -> str:
    if price < 5:
        return "low"
    return "middle" if price < 20 else "high"
