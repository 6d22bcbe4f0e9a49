//! The header `Link`: `<https://a.example/x?page=2>; rel="next", <...>; rel="last"`.

/// The address with a relation.
pub fn find(header: &str, relation: &str) -> Option<String> {
    let mut rest = header;
    while let Some(start) = rest.find('<') {
        let after = &rest[start + 1..];
        let end = after.find('>')?;
        let (address, parameters) = (&after[..end], &after[end + 1..]);
        let (parameters, others) = split(parameters, ',');
        if has_relation(parameters, relation) {
            return Some(address.trim().to_owned());
        }
        rest = others;
    }
    None
}

/// What stands before and behind the next `separator` outside of quotes.
fn split(text: &str, separator: char) -> (&str, &str) {
    let mut is_quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            _ if c == separator && !is_quoted => return (&text[..at], &text[at + c.len_utf8()..]),
            _ => {}
        }
    }
    (text, "")
}

fn has_relation(parameters: &str, relation: &str) -> bool {
    let mut rest = parameters;
    while !rest.is_empty() {
        let (parameter, others) = split(rest, ';');
        rest = others;
        let Some((name, value)) = parameter.split_once('=') else { continue };
        let mut relations = value.trim().trim_matches('"').split_whitespace();
        if name.trim().eq_ignore_ascii_case("rel") && relations.any(|found| found.eq_ignore_ascii_case(relation)) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn the_link_of_a_relation_is_found() {
        for (header, expected) in [
            (r#"<https://a.example/?page_info=x>; rel="next""#, Some("https://a.example/?page_info=x")),
            (r#"<https://a/1>; rel="previous", <https://a/3>; rel="next""#, Some("https://a/3")),
            (r#"<https://a/1,2>; title="a, b; rel=next"; rel=prev,<https://a/3>;rel=Next"#, Some("https://a/3")),
            (r#"<https://a/2>; rel="last next""#, Some("https://a/2")),
            (r#"<https://a/1>; rel="previous""#, None),
            ("<https://a/1", None),
            ("", None),
            ("<>", None),
        ] {
            assert_eq!(find(header, "next").as_deref(), expected, "{header}");
        }
    }
}
