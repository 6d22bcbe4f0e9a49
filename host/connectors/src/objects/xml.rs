//! As much of the documents of the API as is read here: elements without attributes, none within one of its own name.

/// Whether a document is of this kind, and whole.
pub(super) fn is_document(text: &str, name: &str) -> bool {
    text.contains(&format!("<{name}")) && text.trim_end().ends_with(&format!("</{name}>"))
}

/// What stands in each element of a name.
pub(super) fn elements<'t>(text: &'t str, name: &str) -> impl Iterator<Item = &'t str> + use<'t> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let mut rest = text;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(&open)?;
        let (inner, after) = after.split_once(&close)?;
        rest = after;
        Some(inner)
    })
}

/// The text of the first element of a name.
pub(super) fn element(text: &str, name: &str) -> Option<String> {
    let text = elements(text, name).next()?;
    let named = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#34;", "\""), ("&#39;", "'")];
    let text = named.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    Some(text.replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_by_name() {
        let text = "<?xml?><R xmlns=\"x\"><U><K>a&amp;lt;</K></U><U><K>b</K><I>1</I></U><UX>c</UX></R>\n";
        assert!(is_document(text, "R") && !is_document(text, "U"));
        assert!(!is_document(&text[..text.len() - 3], "R"), "one that is cut off");
        let keys: Vec<_> = elements(text, "U").map(|upload| element(upload, "K")).collect();
        assert_eq!(keys, [Some("a&lt;".to_owned()), Some("b".to_owned())]);
        assert_eq!(element(text, "missing"), None);
        assert_eq!(elements("<U>never closed", "U").count(), 0);
    }
}
