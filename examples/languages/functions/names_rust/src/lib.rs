//! A function on texts, one that sees NULL, and an aggregate.

/// The first letters of the words of a name.
#[duckpen::function]
pub fn initials_rust(name: &str) -> String {
    name.split_whitespace().filter_map(|word| word.chars().next()).flat_map(char::to_uppercase).collect()
}

/// The first of two texts that is not NULL.
#[duckpen::function]
pub fn coalesce_text_rust(a: Option<&str>, b: Option<&str>) -> Option<String> {
    a.or(b).map(str::to_owned)
}

/// The geometric mean of positive numbers.
#[derive(Default, duckpen::State)]
pub struct GeometricMeanRust {
    logarithms: f64,
    count: u64,
}

#[duckpen::aggregate]
impl GeometricMeanRust {
    /// Takes a number in.
    pub fn step(&mut self, number: f64) -> Result<(), String> {
        if number.is_nan() || number <= 0.0 {
            return Err(format!("{number} is not positive"));
        }
        self.logarithms += number.ln();
        self.count += 1;
        Ok(())
    }

    /// Takes the numbers of another part of the group in.
    pub fn merge(&mut self, other: Self) {
        self.logarithms += other.logarithms;
        self.count += other.count;
    }

    /// The mean, where there are numbers.
    pub fn finish(self) -> Option<f64> {
        (self.count > 0).then(|| (self.logarithms / self.count as f64).exp())
    }
}

duckpen::functions!(initials_rust, coalesce_text_rust, aggregate GeometricMeanRust);
