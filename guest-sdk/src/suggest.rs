//! "Did you mean": the nearest of the names that exist.

/// The candidate that `name` most likely stands for, if one is near: at most two letters wrong, and fewer than half of
/// them. Letter case does not count.
///
/// ```
/// # use duckpen_guest::did_you_mean;
/// assert_eq!(did_you_mean("delimeter", ["path", "delimiter"]), Some("delimiter"));
/// assert_eq!(did_you_mean("foo", ["path", "delimiter"]), None);
/// ```
pub fn did_you_mean<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let name = name.to_lowercase();
    let limit = 2.min(name.chars().count().saturating_sub(1) / 2);
    candidates
        .into_iter()
        .map(|candidate| (distance(&name, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Letters to insert, delete, replace or swap with their neighbour to make one of the other.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    let mut last = None;
    for (i, l) in left.chars().enumerate() {
        let mut row = vec![i + 1];
        for (j, &r) in right.iter().enumerate() {
            let mut cost = (above[j] + usize::from(l != r)).min(above[j + 1] + 1).min(row[j] + 1);
            if j > 0 && last == Some(r) && right[j - 1] == l {
                cost = cost.min(before[j - 1] + 1);
            }
            row.push(cost);
        }
        (before, above, last) = (above, row, Some(l));
    }
    above[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let names = ["path", "has_header", "delimiter", "encoding"];
        let cases = [
            ("pth", Some("path")),
            ("PATH", Some("path")),
            ("hsa_header", Some("has_header")),
            ("delim", None),
            ("x", None),
            ("", None),
        ];
        for (name, expected) in cases {
            assert_eq!(did_you_mean(name, names), expected, "{name}");
        }
    }
}
