//! Functions on texts, two on numbers and an aggregate, for the pipelines of this project.

/// Lower-case words joined by hyphens: `Hello, World!` becomes `hello-world`.
#[duckpen::function]
pub fn slugify(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.extend(word.chars().flat_map(char::to_lowercase));
    }
    slug
}

/// Hides all but the first letter of the name: `ann@example.org` becomes `a***@example.org`. What is not an address is
/// hidden wholly.
#[duckpen::function]
pub fn mask_email(email: Option<&str>) -> Option<String> {
    let email = email?;
    let masked = match email.split_once('@') {
        Some((name, domain)) => name.chars().take(1).chain("***@".chars()).chain(domain.chars()).collect(),
        None => "***".to_owned(),
    };
    Some(masked)
}

/// The greatest common divisor, never negative.
#[duckpen::function]
pub fn common_divisor(a: i64, b: i64) -> i64 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a as i64
}

/// `3 * x + y`, in 64 bits.
#[duckpen::function]
pub fn affine(x: i64, y: i64) -> i64 {
    x.wrapping_mul(3).wrapping_add(y)
}

/// ASCII letters in upper case; others stay.
#[duckpen::function]
pub fn upper_ascii(text: &str) -> String {
    text.to_ascii_uppercase()
}

/// Sums of values times their weights, and of the weights.
#[derive(Default, duckpen::State)]
pub struct WeightedMean {
    total: i64,
    weight: i64,
}

/// The average of values that count as often as their weights say; NULL without any weight.
///
/// Sums are whole numbers, so that the result does not depend on the order in which threads add them up.
#[duckpen::aggregate]
impl WeightedMean {
    fn step(&mut self, value: i64, weight: i64) {
        self.total = self.total.wrapping_add(value.wrapping_mul(weight));
        self.weight = self.weight.wrapping_add(weight);
    }

    fn merge(&mut self, other: Self) {
        self.total = self.total.wrapping_add(other.total);
        self.weight = self.weight.wrapping_add(other.weight);
    }

    fn finish(self) -> Option<f64> {
        (self.weight != 0).then(|| self.total as f64 / self.weight as f64)
    }
}

duckpen::functions!(slugify, mask_email, common_divisor, affine, upper_ascii, aggregate WeightedMean);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_have_no_punctuation() {
        for (text, slug) in [("Hello, World!", "hello-world"), ("  Ünïcode  ", "ünïcode"), ("--", "")] {
            assert_eq!(slugify(text), slug);
        }
    }

    #[test]
    fn only_the_first_letter_of_an_address_is_shown() {
        for (email, masked) in [("ann@example.org", "a***@example.org"), ("@x", "***@x"), ("nobody", "***")] {
            assert_eq!(mask_email(Some(email)).as_deref(), Some(masked));
        }
        assert_eq!(mask_email(None), None);
    }

    #[test]
    fn an_average_counts_values_as_often_as_their_weights_say() {
        let mut average = WeightedMean::default();
        average.step(10, 3);
        average.merge(WeightedMean { total: 20, weight: 1 });
        assert_eq!(average.finish(), Some(12.5));
        assert_eq!(WeightedMean::default().finish(), None);
    }

    #[test]
    fn the_divisor_of_negative_numbers_is_positive() {
        assert_eq!([common_divisor(12, -18), common_divisor(0, 5), common_divisor(0, 0)], [6, 5, 0]);
    }
}
