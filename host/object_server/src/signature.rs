//! Signatures of requests (AWS Signature Version 4), computed anew and compared.

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use crate::http::{Request, encoded};
use crate::server::Keys;

/// The error code of a request whose signature is not that of these keys.
pub(crate) fn check(request: &Request, keys: &Keys) -> Result<(), &'static str> {
    let authorization = request.header("authorization").ok_or("AccessDenied")?;
    let field = |name: &str| {
        let (_, rest) = authorization.split_once(&format!("{name}="))?;
        rest.split([',', ' ']).next()
    };
    let (Some(credential), Some(signed), Some(signature)) =
        (field("Credential"), field("SignedHeaders"), field("Signature"))
    else {
        return Err("AuthorizationHeaderMalformed");
    };
    let [id, date, region, service, _] = credential.split('/').collect::<Vec<_>>()[..] else {
        return Err("AuthorizationHeaderMalformed");
    };
    if id != keys.id {
        return Err("InvalidAccessKeyId");
    }
    let payload = request.header("x-amz-content-sha256").ok_or("MissingSecurityHeader")?;
    if payload != "UNSIGNED-PAYLOAD" && payload != hex(&Sha256::digest(&request.body)) {
        return Err("XAmzContentSHA256Mismatch");
    }
    let headers: String =
        signed.split(';').map(|name| format!("{name}:{}\n", request.header(name).unwrap_or_default().trim())).collect();
    let mut query: Vec<String> =
        request.query().iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    query.sort();
    let canonical = [request.method.as_str(), request.path(), &query.join("&"), &headers, signed, payload]
        .map(str::to_owned)
        .join("\n");
    let scope = format!("{date}/{region}/{service}/aws4_request");
    let time = request.header("x-amz-date").unwrap_or_default();
    let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex(&Sha256::digest(canonical.as_bytes())));
    let mut key = format!("AWS4{}", keys.secret).into_bytes();
    for part in [date, region, service, "aws4_request"] {
        key = signed_with(&key, part);
    }
    if hex(&signed_with(&key, &text)) == signature { Ok(()) } else { Err("SignatureDoesNotMatch") }
}

fn signed_with(key: &[u8], text: &str) -> Vec<u8> {
    // A key may have any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
