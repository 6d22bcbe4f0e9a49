//! Orders, row by row.

use serde_json::{Map, Value};

use crate::streams::{CUSTOMER_EMAIL, LINE_ITEM, LINE_TOTAL, TOTAL_REFUNDED};

/// A row for each line item of an order; one without any is a row all the same.
pub fn rows(order: Value) -> impl Iterator<Item = Value> {
    let Value::Object(mut order) = order else { return Vec::from([order]).into_iter() };
    let items = match order.shift_remove("line_items") {
        Some(Value::Array(items)) if !items.is_empty() => items,
        _ => vec![Value::Object(Map::new())],
    };
    let customer = order.get("customer").and_then(|customer| customer.get("email"));
    if let Some(email) = customer.or(order.get("email")).filter(|email| !email.is_null()).cloned() {
        order.insert(CUSTOMER_EMAIL.to_owned(), email);
    }
    let refunded = refunded(order.get("refunds"));
    order.insert(TOTAL_REFUNDED.to_owned(), refunded.map_or(Value::Null, |amount| text(amount).into()));
    let rows = items.into_iter().map(|item| {
        let mut row = order.clone();
        if let Some(total) = total(&item) {
            row.insert(LINE_TOTAL.to_owned(), text(total).into());
        }
        row.insert(LINE_ITEM.to_owned(), item);
        Value::Object(row)
    });
    rows.collect::<Vec<_>>().into_iter()
}

/// What was paid back, by the transactions of the refunds; none where one of them has an amount that is no number.
fn refunded(refunds: Option<&Value>) -> Option<i128> {
    let refunds = refunds.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let transactions = refunds.iter().filter_map(|refund| refund.get("transactions")?.as_array()).flatten();
    let is_paid = |transaction: &&Value| {
        let is = |name: &str, wanted: &str| transaction.get(name).and_then(Value::as_str) == Some(wanted);
        is("kind", "refund") && (is("status", "success") || transaction.get("status").is_none())
    };
    transactions
        .filter(is_paid)
        .try_fold(0_i128, |sum, transaction| sum.checked_add(amount(transaction.get("amount")?)?))
}

/// What a line item costs.
fn total(item: &Value) -> Option<i128> {
    amount(item.get("price")?)?.checked_mul(item.get("quantity")?.as_i64()?.into())
}

/// Digits behind the point that amounts are computed with; currencies have up to three.
const SCALE: usize = 4;

/// An amount as Shopify writes it, `9.90`, in parts of 1/10,000.
fn amount(value: &Value) -> Option<i128> {
    let number;
    let text = match value {
        Value::String(text) => text.trim(),
        Value::Number(value) => {
            number = value.to_string();
            number.as_str()
        }
        _ => return None,
    };
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |text: &str| text.len() <= 30 && text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || part.len() > SCALE || !is_number(whole) || !is_number(part) {
        return None;
    }
    format!("{whole}{part:0<SCALE$}").parse::<i128>().ok().map(|number| sign * number)
}

fn text(amount: i128) -> String {
    let unit = 10_u128.pow(SCALE as u32);
    let (sign, size) = (if amount < 0 { "-" } else { "" }, amount.unsigned_abs());
    format!("{sign}{}.{:0SCALE$}", size / unit, size % unit)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn amounts_are_exact() {
        for (value, expected) in [
            (json!("9.90"), Some("9.9000")),
            (json!("-0.5"), Some("-0.5000")),
            (json!(12), Some("12.0000")),
            (json!("123456789012345678901.005"), Some("123456789012345678901.0050")),
            (json!("1.23456"), None),
            (json!("1e3"), None),
            (json!(""), None),
            (json!("."), None),
            (json!(null), None),
        ] {
            assert_eq!(amount(&value).map(text).as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn a_row_has_what_is_computed() {
        let order = json!({
            "id": 1, "email": "b@example.com", "customer": {"email": "a@example.com"},
            "line_items": [{"price": "0.10", "quantity": 3}, {"price": "x", "quantity": 1}],
            "refunds": [
                {"transactions": [{"kind": "refund", "status": "success", "amount": "1.10"}, {"kind": "void", "amount": "9"}]},
                {"transactions": [{"kind": "refund", "status": "failure", "amount": "5"}, {"kind": "refund", "amount": "0.20"}]},
            ],
        });
        let rows: Vec<Value> = rows(order).collect();
        assert_eq!(rows.len(), 2);
        assert_eq!((&rows[0]["line_total"], &rows[1]["line_total"]), (&json!("0.3000"), &Value::Null));
        assert_eq!(
            (&rows[0]["total_refunded"], &rows[0]["customer_email"]),
            (&json!("1.3000"), &json!("a@example.com"))
        );
        let bare: Vec<Value> = super::rows(json!({"id": 2, "email": "b@example.com"})).collect();
        assert_eq!(bare.len(), 1);
        assert_eq!(
            (&bare[0]["total_refunded"], &bare[0]["customer_email"]),
            (&json!("0.0000"), &json!("b@example.com"))
        );
    }
}
