//! Names that are almost another name.

use strsim::osa_distance;

/// The known name that `name` was probably meant to be. Letters of either case are equal, two neighbours in the wrong
/// order count as one mistake, and names that differ only in digits (`sales_2023`, `sales_2024`) are different on purpose.
///
/// ```
/// # use duckpen_pipeline::suggest;
/// assert_eq!(suggest("dialy", ["daily", "monthly"]), Some("daily"));
/// assert_eq!(suggest("weekly", ["daily", "monthly"]), None);
/// ```
#[must_use]
pub fn suggest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let length = lower.chars().count();
    let allowed = match length {
        0..=2 => 0,
        3..=4 => 1,
        _ => 2,
    };
    let is_another = |candidate: &str| candidate == lower || without_digits(candidate) != without_digits(&lower);
    known
        .into_iter()
        .filter(|candidate| *candidate != name && candidate.chars().count().abs_diff(length) <= allowed)
        .map(|candidate| (candidate, candidate.to_lowercase()))
        .filter(|(_, candidate)| is_another(candidate))
        .map(|(candidate, lower_candidate)| (osa_distance(&lower, &lower_candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn without_digits(name: &str) -> String {
    name.chars().filter(|character| !character.is_ascii_digit()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_name_is_suggested_and_a_far_one_is_not() {
        for (name, suggestion) in [
            ("dialy", Some("daily")),
            ("DAILY", Some("daily")),
            ("weekly", None),
            ("", None),
            ("it", None),
            ("daily", None),
            ("sales_2024", None),
            ("salse_2024", Some("sales_2023")),
            ("DB", Some("db")),
        ] {
            assert_eq!(suggest(name, ["daily", "monthly", "sales_2023", "db"]), suggestion, "{name}");
        }
    }
}
