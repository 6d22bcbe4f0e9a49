use std::ops::Range;

use crate::settings::{Node, NodeValue};

use super::secret::{is_secret_name, without_url_password};
use super::value::is_reference;

/// The text of a profile with `*` in the places of secrets.
pub(super) fn masked(text: &str, document: &Node) -> String {
    let mut secrets = Vec::new();
    gather(document, false, &mut secrets);
    let mut bytes = text.as_bytes().to_vec();
    for secret in secrets {
        if let Some(place) = bytes.get_mut(secret) {
            hide(place);
        }
    }
    String::from_utf8(bytes).unwrap_or_default()
}

/// The text of a settings file with `*` in the places of whole lines that may hold secrets, byte for byte: for files of which
/// it is not known what is a value.
#[must_use]
pub fn mask_secret_lines(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        let has_address = line.contains("://") && line.contains('@');
        if is_secret_name(line) || has_address {
            hide(&mut bytes[start..end]);
        }
        start = end;
    }
    String::from_utf8(bytes).unwrap_or_default()
}

fn hide(place: &mut [u8]) {
    place.iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b'*');
}

fn gather(node: &Node, is_secret: bool, secrets: &mut Vec<Range<usize>>) {
    match &node.value {
        NodeValue::Scalar(value) => {
            let has_password = value.as_str().is_some_and(|text| without_url_password(text) != text);
            if has_password || is_secret && !value.is_null() && !is_reference(value) {
                secrets.push(node.span.clone());
            }
        }
        NodeValue::List(nodes) => nodes.iter().for_each(|node| gather(node, is_secret, secrets)),
        NodeValue::Table(entries) => {
            entries.iter().for_each(|entry| gather(&entry.node, is_secret || is_secret_name(&entry.key), secrets));
        }
    }
}
