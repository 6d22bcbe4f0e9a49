use object_store::list::{PaginatedListOptions, PaginatedListStore};
use object_store::path::Path;

use duckpen_faults::{Point, reach};

use super::ObjectPlace;
use super::bucket::Bucket;
use super::diagnosis::failure;
use super::names::{partition, unescaped};
use crate::rows::Cancel;
use crate::{ConnectorError, RemoteFailure};

/// Most objects that are looked at to find those that are meant.
const MOST_LISTED: usize = 1_000_000;

/// An object that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) path: Path,
    pub(super) size: u64,
    /// The mark of its bytes, where the server gives one.
    pub(super) etag: Option<String>,
}

/// The objects that a place means, sorted by key, within the limits of their number and size. There is at least one.
pub(super) async fn find(bucket: &Bucket, place: &ObjectPlace, cancel: &Cancel) -> Result<Vec<Found>, ConnectorError> {
    reach(Point::FetchBeforeList)?;
    let settings = bucket.settings();
    let is_meant = place.selector();
    let mut found = Vec::new();
    let (mut listed, mut bytes) = (0, 0_u64);
    let mut token: Option<String> = None;
    loop {
        let page = bucket
            .call(place.prefix(), cancel, || {
                let options = PaginatedListOptions { page_token: token.clone(), ..Default::default() };
                bucket.store().list_paginated(Some(place.prefix()).filter(|prefix| !prefix.is_empty()), options)
            })
            .await?;
        listed += page.result.objects.len();
        for object in page.result.objects {
            let key = object.location.as_ref();
            if !is_meant(key, object.size) || !has_partitions(key, &settings.partitions) {
                continue;
            }
            bytes = bytes.saturating_add(object.size);
            found.push(Found { path: object.location, size: object.size, etag: object.e_tag });
            if found.len() > settings.max_files {
                let most = settings.max_files;
                return Err(ConnectorError::TooMuch {
                    place: place.to_string(),
                    what: format!("more than {most} objects match"),
                    hint: "raise `max_files`, or name fewer of them",
                });
            }
        }
        if bytes > settings.max_bytes {
            let gigabytes = settings.max_bytes as f64 / 1e9;
            return Err(ConnectorError::TooMuch {
                place: place.to_string(),
                what: format!("the objects have more than {gigabytes} GB"),
                hint: "raise `max_data_size_gb`, or name fewer of them",
            });
        }
        if listed > MOST_LISTED {
            return Err(ConnectorError::TooMuch {
                place: place.to_string(),
                what: format!("more than {MOST_LISTED} objects had to be looked at to find those that match"),
                hint: "let the pattern begin with the folders that they are in",
            });
        }
        let next = page.page_token.filter(|token| !token.is_empty());
        if next.is_some() && next == token {
            let message = format!("`{}`: the listing does not go on", place.prefix());
            return Err(failure(bucket.place(), RemoteFailure::Unexpected, message).into());
        }
        match next {
            Some(next) => token = Some(next),
            None => break,
        }
    }
    if found.is_empty() {
        return Err(match place.key() {
            Some(key) => {
                let message = format!("there is no object `{key}`");
                failure(bucket.place(), RemoteFailure::NoSuchObject, message).into()
            }
            None => ConnectorError::NoMatch { place: place.to_string() },
        });
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found.dedup_by(|a, b| a.path == b.path);
    settings.sample.thin(&mut found);
    reach(Point::FetchListed)?;
    Ok(found)
}

/// Whether the folders of a key have the values that are wanted.
fn has_partitions(key: &str, wanted: &[(String, Vec<String>)]) -> bool {
    wanted.iter().all(|(name, values)| {
        key.split('/').filter_map(partition).any(|(found, value)| {
            let value = unescaped(value);
            found.eq_ignore_ascii_case(name) && values.contains(&value)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_are_told_by_the_names_of_folders() {
        let wanted = [("year".to_owned(), vec!["2026".to_owned()]), ("m".to_owned(), vec!["1".into(), "2".into()])];
        for (key, expected) in [
            ("o/year=2026/m=2/a.csv", true),
            ("o/Year=2026/m=1/a.csv", true),
            ("o/year=2025/m=1/a.csv", false),
            ("o/year=2026/m=3/a.csv", false),
            ("o/year=2026/a.csv", false),
            ("o/a.csv", false),
        ] {
            assert_eq!(has_partitions(key, &wanted), expected, "{key}");
        }
    }
}
