use std::fmt;
use std::sync::Arc;

use glob::{MatchOptions, Pattern};
use object_store::path::Path;
use serde_json::{Map, Value};

use super::{Environment, NAME, ObjectSettings};
use crate::ConnectorError;
use crate::parameters::Parameters;

/// Longest key that the API allows.
const LONGEST_KEY: usize = 1_024;

/// Objects of a bucket: `s3://shop/orders/*.parquet`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectPlace {
    bucket: String,
    keys: Keys,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Keys {
    /// The object of this key.
    One(String),
    /// Those whose keys match: `*` does not reach over a `/`, `**` does.
    Matching(String),
    /// Those below this folder; empty for all of the bucket.
    Below(String),
}

impl ObjectPlace {
    /// Whether a text is the place of objects, and not of a file.
    pub fn is_meant_by(text: &str) -> bool {
        text.len() >= 5 && text.as_bytes()[..5].eq_ignore_ascii_case(b"s3://")
    }

    /// The place that parameters name: `uri`, or `bucket` with `key` or `path_prefix`. `destination`, where there is one,
    /// stands for `uri`, or for `key` where a bucket is named.
    ///
    /// # Errors
    /// When they name none, or one that cannot be.
    pub fn of_parameters(params: &Map<String, Value>, destination: Option<&str>) -> Result<Self, ConnectorError> {
        let parameters = Parameters::new(NAME, params);
        let destination = destination.filter(|text| !text.is_empty());
        let uri = match destination {
            Some(text) if Self::is_meant_by(text) => Some(text.to_owned()),
            _ => parameters.text("uri")?,
        };
        if let Some(uri) = uri {
            let named = "an address such as s3://bucket/folder/name.csv";
            let rest = Self::is_meant_by(&uri).then(|| &uri[5..]).ok_or_else(|| parameters.bad("uri", named))?;
            let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
            return Self::new(bucket, key).ok_or_else(|| parameters.bad("uri", named));
        }
        let bucket = parameters.text("bucket")?.ok_or_else(|| parameters.bad("uri", "it, or `bucket`"))?;
        let key = match destination {
            Some(key) => Some(key.to_owned()),
            None => parameters.text("key")?,
        };
        if let Some(key) = key {
            return Self::new(&bucket, &key)
                .ok_or_else(|| parameters.bad("key", "the name of an object, or a pattern"));
        }
        let prefix = parameters.any_text(&["path_prefix", "prefix"])?;
        let prefix = prefix.ok_or_else(|| parameters.bad("key", "it, or `path_prefix`, or `uri`"))?;
        let prefix = if prefix.is_empty() || prefix.ends_with('/') { prefix } else { format!("{prefix}/") };
        Self::new(&bucket, &prefix).ok_or_else(|| parameters.bad("path_prefix", "a folder of the bucket"))
    }

    /// The place that parameters name, when all other parameters are usable too. Credentials may come from an environment
    /// that is elsewhere, and are not looked for.
    ///
    /// # Errors
    /// What is wrong with which parameter.
    pub fn check(params: &Map<String, Value>, destination: Option<&str>) -> Result<Self, ConnectorError> {
        let place = Self::of_parameters(params, destination)?;
        let anybody: Environment = Arc::new(|name| {
            matches!(name, "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY").then(|| "anybody".to_owned())
        });
        ObjectSettings::read(params, &anybody)?;
        Ok(place)
    }

    fn new(bucket: &str, key: &str) -> Option<Self> {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if !(3..=255).contains(&bucket.len()) || !bucket.chars().all(is_name) || bucket.contains("..") {
            return None;
        }
        let key = key.trim_start_matches('/');
        let named = key.trim_end_matches('/');
        if key.len() > LONGEST_KEY || key.chars().any(char::is_control) || Path::parse(named).is_err() {
            return None;
        }
        let keys = if key.contains(['*', '?', '[']) {
            Pattern::new(key).ok()?;
            Keys::Matching(key.to_owned())
        } else if key.is_empty() || key.ends_with('/') {
            Keys::Below(key.to_owned())
        } else {
            Keys::One(key.to_owned())
        };
        Some(Self { bucket: bucket.to_owned(), keys })
    }

    /// The bucket.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// The key, where exactly one is meant.
    pub fn key(&self) -> Option<&str> {
        match &self.keys {
            Keys::One(key) => Some(key),
            Keys::Matching(_) | Keys::Below(_) => None,
        }
    }

    /// The folder below which the objects of rows that are parted go, with a `/` at its end where it has a name.
    pub fn folder(&self) -> Option<String> {
        let (Keys::One(key) | Keys::Below(key)) = &self.keys else { return None };
        let key = key.trim_end_matches('/');
        Some(if key.is_empty() { String::new() } else { format!("{key}/") })
    }

    /// What the keys of all objects that are meant begin with.
    pub(super) fn prefix(&self) -> &str {
        match &self.keys {
            Keys::One(key) | Keys::Below(key) => key,
            Keys::Matching(pattern) => pattern.split(['*', '?', '[']).next().unwrap_or_default(),
        }
    }

    /// Tells whether an object is meant, by its key and size. Below a folder those are not that stand for folders, nor
    /// those whose names say that they are no data: `_SUCCESS`, `.part-0.crc`.
    pub(super) fn selector(&self) -> impl Fn(&str, u64) -> bool {
        // As for patterns of files.
        const OPTIONS: MatchOptions =
            MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };
        let pattern = match &self.keys {
            Keys::Matching(pattern) => Pattern::new(pattern).ok(),
            Keys::One(_) | Keys::Below(_) => None,
        };
        let keys = self.keys.clone();
        move |key, size| match (&keys, &pattern) {
            (Keys::One(one), _) => one == key,
            (Keys::Matching(_), pattern) => pattern.as_ref().is_some_and(|pattern| pattern.matches_with(key, OPTIONS)),
            (Keys::Below(folder), _) => {
                let Some(below) = key.strip_prefix(folder.as_str()).filter(|below| !below.is_empty()) else {
                    return false;
                };
                let is_hidden = below.split('/').any(|part| part.starts_with(['_', '.']) && !part.contains('='));
                let name = below.rsplit('/').next().unwrap_or_default();
                !is_hidden && (size > 0 || name.contains('.'))
            }
        }
    }
}

impl fmt::Display for ObjectPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Keys::One(key) | Keys::Matching(key) | Keys::Below(key)) = &self.keys;
        write!(f, "s3://{}/{key}", self.bucket)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn place(params: Value, destination: Option<&str>) -> Result<ObjectPlace, String> {
        let params = params.as_object().expect("an object");
        ObjectPlace::of_parameters(params, destination).map_err(|error| error.to_string())
    }

    #[test]
    fn places_are_named_in_several_ways() {
        for (params, destination, expected) in [
            (json!({"uri": "s3://shop/orders/a.csv"}), None, "s3://shop/orders/a.csv"),
            (json!({"uri": "S3://shop/orders/*.csv"}), None, "s3://shop/orders/*.csv"),
            (json!({"bucket": "shop", "key": "/orders/a.csv"}), None, "s3://shop/orders/a.csv"),
            (json!({"bucket": "shop", "path_prefix": "orders"}), None, "s3://shop/orders/"),
            (json!({"bucket": "shop", "prefix": ""}), None, "s3://shop/"),
            (json!({}), Some("s3://shop/out.csv"), "s3://shop/out.csv"),
            (json!({"bucket": "shop"}), Some("out.csv"), "s3://shop/out.csv"),
            (json!({"bucket": "shop", "key": "out.csv"}), Some(""), "s3://shop/out.csv"),
        ] {
            let found = place(params.clone(), destination).expect("a place");
            assert_eq!(found.to_string(), expected, "{params}");
        }
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for params in [
            json!({}),
            json!({"uri": "https://shop/orders/a.csv"}),
            json!({"uri": "s3:///a.csv"}),
            json!({"uri": "s3://a b/a.csv"}),
            json!({"uri": "s3://shop/../other/a.csv"}),
            json!({"uri": "s3://shop/a//b.csv"}),
            json!({"uri": "s3://shop/a\n.csv"}),
            json!({"uri": "s3://shop/[a.csv"}),
            json!({"bucket": "shop"}),
            json!({"bucket": "shop", "key": "x".repeat(1_025)}),
        ] {
            assert!(place(params.clone(), None).is_err(), "{params}");
        }
    }

    #[test]
    fn a_place_of_parted_rows_is_a_folder() {
        for (uri, expected) in [
            ("s3://shop/out/", Some("out/")),
            ("s3://shop/out/orders.parquet", Some("out/orders.parquet/")),
            ("s3://shop/", Some("")),
            ("s3://shop/*.parquet", None),
        ] {
            assert_eq!(place(json!({ "uri": uri }), None).expect("a place").folder().as_deref(), expected, "{uri}");
        }
    }

    #[test]
    fn objects_are_meant_by_name_by_pattern_or_by_folder() {
        for (uri, key, size, expected) in [
            ("s3://shop/a.csv", "a.csv", 1, true),
            ("s3://shop/a.csv", "a.csv.gz", 1, false),
            ("s3://shop/in/*.csv", "in/a.csv", 0, true),
            ("s3://shop/in/*.csv", "in/deep/a.csv", 1, false),
            ("s3://shop/in/**/*.csv", "in/deep/er/a.csv", 1, true),
            ("s3://shop/in/?.csv", "in/ab.csv", 1, false),
            ("s3://shop/in/", "in/a.csv", 0, true),
            ("s3://shop/in/", "in/deep/a.csv", 1, true),
            ("s3://shop/in/", "in", 0, false),
            ("s3://shop/in/", "in/deep", 0, false),
            ("s3://shop/in/", "in/_SUCCESS", 1, false),
            ("s3://shop/in/", "in/_temporary/a.csv", 1, false),
            ("s3://shop/in/", "in/_day=1/a.csv", 1, true),
            ("s3://shop/in/", "inside/a.csv", 1, false),
            ("s3://shop/", "a.csv", 1, true),
        ] {
            let place = place(json!({ "uri": uri }), None).expect("a place");
            assert_eq!(place.selector()(key, size), expected, "{uri} {key}");
            assert!(!expected || key.starts_with(place.prefix()), "{uri} {key}");
        }
    }
}
