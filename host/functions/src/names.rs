//! Other names that a project gives to the functions of a component.

use std::collections::BTreeMap;

use crate::declaration::is_identifier;

/// What the functions of a component are called in SQL, where it is not what the component calls them: a prefix for all, and
/// names of their own for some.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    prefix: String,
    /// In lower case, as SQL compares names.
    renamed: BTreeMap<String, String>,
}

impl Names {
    /// Puts a text before every name that is not given by [`Names::rename`].
    ///
    /// # Errors
    /// When no name can begin with it.
    pub fn set_prefix(&mut self, prefix: &str) -> Result<(), String> {
        if !is_identifier(prefix) {
            return Err(format!("no name of a function can begin with `{prefix}`: letters, digits and `_` only"));
        }
        prefix.clone_into(&mut self.prefix);
        Ok(())
    }

    /// Gives a function another name, in whose place no prefix stands. `name` is the function's in SQL or, of a component with
    /// its own WIT, in WIT: `interface.function`.
    ///
    /// # Errors
    /// When it is no name.
    pub fn rename(&mut self, name: &str, other: &str) -> Result<(), String> {
        if !is_identifier(other) {
            return Err(format!("`{other}` is no name for a function: letters, digits and `_` only"));
        }
        self.renamed.insert(name.to_lowercase(), other.to_owned());
        Ok(())
    }

    /// The name of a function that has these in its component.
    pub(crate) fn of(&self, names: &[&str]) -> String {
        let renamed = names.iter().find_map(|name| self.renamed.get(&name.to_lowercase()));
        let prefixed = || format!("{}{}", self.prefix, names.first().unwrap_or(&""));
        renamed.cloned().unwrap_or_else(prefixed)
    }

    /// The first of the renamed functions that is none of those there are.
    pub(crate) fn unknown<'a>(&self, known: impl IntoIterator<Item = &'a str>) -> Option<&str> {
        let mut left: Vec<&str> = self.renamed.keys().map(String::as_str).collect();
        for name in known {
            left.retain(|renamed| *renamed != name.to_lowercase());
        }
        left.first().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn a_name_of_its_own_goes_before_the_prefix() {
        let mut names = Names::default();
        assert_eq!(names.of(&["area"]), "area");
        names.set_prefix("geo_").unwrap();
        names.rename("Reverse", "backwards").unwrap();
        names.rename("shop:geo/odd@1.0.0.select", "choose").unwrap();
        for (given, expected) in [
            (&["area"][..], "geo_area"),
            (&["reverse"], "backwards"),
            (&["REVERSE"], "backwards"),
            (&["select", "shop:geo/odd@1.0.0.select"], "choose"),
        ] {
            assert_eq!(names.of(given), expected);
        }
        assert_eq!(names.unknown(["reverse"]), Some("shop:geo/odd@1.0.0.select"));
        assert_eq!(names.unknown(["REVERSE", "shop:geo/odd@1.0.0.select"]), None);
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in ["", "1a", "a-b", "a b", "ä", "a.b", "a\"b"] {
            assert!(Names::default().set_prefix(text).is_err(), "{text}");
            assert!(Names::default().rename("f", text).is_err(), "{text}");
        }
    }
}
