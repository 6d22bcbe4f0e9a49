//! Values of variables that are secret by their names, to be taken out of what is shown.

use crate::profile::is_secret_name;

/// What stands around the name of a variable where its value was.
const MARK: &str = "***";

/// Shorter values would stand in texts by chance.
const SHORTEST: usize = 8;

/// Takes the values of secret variables out of texts, in the forms in which statements have them.
#[derive(Clone, Default)]
pub struct SecretValues {
    /// Texts and the names of their variables, long ones first.
    forms: Vec<(String, String)>,
}

impl SecretValues {
    /// Of variables, those that are secret.
    pub(super) fn of<'v>(variables: impl Iterator<Item = (&'v str, &'v str)>) -> Self {
        let secret = variables.filter(|(name, value)| is_secret_name(name) && value.len() >= SHORTEST);
        let mut forms: Vec<(String, String)> = secret
            .flat_map(|(name, value)| [value.to_owned(), value.replace('\'', "''")].map(|form| (form, name.to_owned())))
            .collect();
        forms.sort_by(|one, other| (other.0.len(), &one.0).cmp(&(one.0.len(), &other.0)));
        forms.dedup_by(|one, other| one.0 == other.0);
        Self { forms }
    }

    /// The text with `***NAME***` in the place of the value of each.
    #[must_use]
    pub fn hide(&self, text: &str) -> String {
        self.forms.iter().fold(text.to_owned(), |text, (form, name)| match text.contains(form) {
            true => text.replace(form, &format!("{MARK}{name}{MARK}")),
            false => text,
        })
    }
}

/// The variables whose values were taken out of a text.
pub(crate) fn hidden_in(text: &str) -> impl Iterator<Item = &str> {
    let is_name = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_');
    text.split(MARK).skip(1).step_by(2).filter(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_taken_out_in_the_forms_that_statements_have() {
        let variables = [
            ("api_token", "it's a secret"),
            ("OTHER_PASSWORD", "it's a secret, and longer"),
            ("city", "Bremerhaven"),
            ("pin_secret", "1234"),
        ];
        let secrets = SecretValues::of(variables.into_iter());
        for (text, expected) in [
            ("SELECT 'it''s a secret' AS t", "SELECT '***api_token***' AS t"),
            ("at it's a secret, and longer", "at ***OTHER_PASSWORD***"),
            ("SELECT 'Bremerhaven', 1234", "SELECT 'Bremerhaven', 1234"),
        ] {
            assert_eq!(secrets.hide(text), expected);
        }
    }

    #[test]
    fn places_of_values_are_found_again() {
        for (text, expected) in [
            ("SELECT '***api_token***', '***b***'", &["api_token", "b"][..]),
            ("SELECT '***' AS masked, '***' AS again", &[]),
            ("SELECT 2 *** x", &[]),
        ] {
            assert_eq!(hidden_in(text).collect::<Vec<_>>(), expected, "{text}");
        }
    }
}
