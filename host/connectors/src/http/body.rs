//! The body of a response: received, counted and unpacked.

use std::io::{self, Read};

use bytes::Bytes;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};

/// What is told to servers of the packings that are understood.
pub(super) const ACCEPTED: &str = "gzip, deflate";

/// Why a body is not taken.
pub(super) enum BodyError {
    Receive(reqwest::Error),
    /// As it is sent, or once it is unpacked.
    TooLarge,
    /// It is not what its header says.
    Corrupt(io::Error),
    /// It is packed in a way that was not asked for.
    Packing(String),
}

/// Receives a body of at most so many bytes, which it may have neither as it is sent nor once it is unpacked.
pub(super) async fn receive(mut response: Response, limit: u64) -> Result<Vec<u8>, BodyError> {
    let packing = Packing::of(response.headers())?;
    if response.content_length().is_some_and(|announced| announced > limit) {
        return Err(BodyError::TooLarge);
    }
    let mut received = Vec::new();
    loop {
        let part: Option<Bytes> = response.chunk().await.map_err(BodyError::Receive)?;
        let Some(part) = part else { break };
        if (received.len() + part.len()) as u64 > limit {
            return Err(BodyError::TooLarge);
        }
        received.extend_from_slice(&part);
    }
    packing.unpacked(received, limit)
}

/// How a body is packed.
enum Packing {
    None,
    Gzip,
    Deflate,
}

impl Packing {
    fn of(headers: &HeaderMap) -> Result<Self, BodyError> {
        let Some(value) = headers.get(CONTENT_ENCODING) else { return Ok(Self::None) };
        match value.to_str().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Ok(Self::None),
            "gzip" | "x-gzip" => Ok(Self::Gzip),
            "deflate" => Ok(Self::Deflate),
            other => Err(BodyError::Packing(other.chars().take(40).collect())),
        }
    }

    fn unpacked(&self, bytes: Vec<u8>, limit: u64) -> Result<Vec<u8>, BodyError> {
        match self {
            // To a HEAD belongs a header about a body that does not come.
            _ if bytes.is_empty() => Ok(bytes),
            Self::None => Ok(bytes),
            Self::Gzip => read(MultiGzDecoder::new(bytes.as_slice()), limit),
            Self::Deflate => read(ZlibDecoder::new(bytes.as_slice()), limit),
        }
    }
}

fn read(packed: impl Read, limit: u64) -> Result<Vec<u8>, BodyError> {
    let mut unpacked = Vec::new();
    packed.take(limit.saturating_add(1)).read_to_end(&mut unpacked).map_err(BodyError::Corrupt)?;
    if unpacked.len() as u64 > limit { Err(BodyError::TooLarge) } else { Ok(unpacked) }
}
