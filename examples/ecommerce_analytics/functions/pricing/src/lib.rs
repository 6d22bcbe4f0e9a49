//! What a shop means by a margin and by loyalty: rules that are in one place, and not in every query.

/// What is left of a price after its cost, in basis points (hundredths of a percent), rounded down; NULL without a price.
#[duckpen::function]
pub fn margin_points(price_cents: i64, cost_cents: i64) -> Option<i64> {
    let left = price_cents.checked_sub(cost_cents)?.checked_mul(10_000)?;
    (price_cents > 0).then(|| left.div_euclid(price_cents))
}

/// `gold` from 500.00 and 5 orders on, `silver` from 200.00 or 3 orders on, else `bronze`; NULL without any order.
#[duckpen::function]
pub fn loyalty_tier(revenue_cents: i64, orders: i64) -> Option<&'static str> {
    match (revenue_cents, orders) {
        (_, ..=0) => None,
        (50_000.., 5..) => Some("gold"),
        (20_000.., _) | (_, 3..) => Some("silver"),
        _ => Some("bronze"),
    }
}

duckpen::functions!(margin_points, loyalty_tier);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_margin_is_a_part_of_the_price() {
        for (price, cost, margin) in
            [(1_000, 600, Some(4_000)), (3, 2, Some(3_333)), (1_000, 1_500, Some(-5_000)), (0, 10, None), (-5, 1, None)]
        {
            assert_eq!(margin_points(price, cost), margin, "{price} {cost}");
        }
        assert_eq!(margin_points(i64::MAX, 0), None);
    }

    #[test]
    fn loyalty_grows_with_revenue_and_orders() {
        for (revenue, orders, tier) in [
            (50_000, 5, Some("gold")),
            (50_000, 4, Some("silver")),
            (49_999, 5, Some("silver")),
            (100, 3, Some("silver")),
            (19_999, 2, Some("bronze")),
            (0, 0, None),
        ] {
            assert_eq!(loyalty_tier(revenue, orders), tier, "{revenue} {orders}");
        }
    }
}
