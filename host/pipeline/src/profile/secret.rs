/// What stands for a secret wherever one would be shown.
pub(crate) const HIDDEN: &str = "***";

/// Whether a value of this name is one to hide: `db_password`, `AWS_SECRET_ACCESS_KEY`.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "password",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "credential",
        "api_key",
        "apikey",
        "private_key",
        "access_key",
        "connection_string",
    ]
    .iter()
    .any(|word| name.contains(word))
}

/// `postgresql://user:***@host` of a text with a password in it.
pub(crate) fn without_url_password(text: &str) -> String {
    let hidden = || {
        let (scheme, rest) = text.split_once("://")?;
        let (credentials, place) = rest.rsplit_once('@')?;
        let (user, _) = credentials.split_once(':')?;
        Some(format!("{scheme}://{user}:{HIDDEN}@{place}"))
    };
    hidden().unwrap_or_else(|| text.to_owned())
}
