//! What requests do.

use jiff::Timestamp;

use crate::http::{Request, Response, decoded, encoded};
use crate::store::{Bucket, Object, Store, Upload, etag};
use crate::xml::{error, escaped, texts};

/// Objects of one page of a listing.
const PAGE: usize = 1_000;

type Answer = Result<Response, Response>;

/// Does what a request asks.
pub(crate) fn answer(store: &mut Store, request: &Request) -> Response {
    let path = decoded(request.path());
    let path = path.trim_start_matches('/');
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    let query = request.query();
    let asked = |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let upload_id = store.upload_id();
    let Some(bucket) = store.buckets.get_mut(bucket) else { return refused(404, "NoSuchBucket") };
    if bucket.is_closed && request.method != "GET" && request.method != "HEAD" {
        return refused(403, "AccessDenied");
    }
    let outcome = match (request.method.as_str(), key, asked("uploadId")) {
        ("GET", "", _) if asked("uploads").is_some() => Ok(list_uploads(bucket, &asked)),
        ("GET", "", _) => list(bucket, &asked),
        ("GET", _, Some(id)) => list_parts(bucket, key, id, &asked),
        ("HEAD" | "GET", _, _) => get(bucket, key, request),
        ("POST", _, None) if asked("uploads").is_some() => Ok(begin(bucket, key, upload_id, request)),
        ("PUT", _, Some(id)) => put_part(bucket, id, asked("partNumber"), request),
        ("POST", _, Some(id)) => complete(bucket, key, id, request),
        ("DELETE", _, Some(id)) => abort(bucket, id),
        ("PUT", _, None) => {
            let object = Object::new(request.body.clone(), metadata(request));
            let response = Response::new(200).with("ETag", object.etag.clone());
            bucket.objects.insert(key.to_owned(), object);
            Ok(response)
        }
        ("DELETE", _, None) => {
            bucket.objects.remove(key);
            Ok(Response::new(204))
        }
        _ => Err(refused(501, "NotImplemented")),
    };
    outcome.unwrap_or_else(|refusal| refusal)
}

pub(crate) fn refused(status: u16, code: &str) -> Response {
    Response::xml(status, error(code))
}

fn list<'q>(bucket: &Bucket, asked: &dyn Fn(&str) -> Option<&'q str>) -> Answer {
    let prefix = asked("prefix").unwrap_or_default();
    let after = asked("continuation-token").or_else(|| asked("start-after")).unwrap_or_default();
    let page = asked("max-keys").and_then(|most| most.parse().ok()).map_or(PAGE, |most: usize| most.min(PAGE));
    let mut found =
        bucket.objects.iter().filter(|(key, _)| key.starts_with(prefix) && (after.is_empty() || key.as_str() > after));
    let shown: Vec<_> = found.by_ref().take(page).collect();
    let is_truncated = found.next().is_some();
    let mut document = format!(
        "<?xml version=\"1.0\"?><ListBucketResult><KeyCount>{}</KeyCount><IsTruncated>{is_truncated}</IsTruncated>",
        shown.len()
    );
    for (key, object) in &shown {
        document += &format!(
            "<Contents><Key>{}</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>{}</ETag>\
             <Size>{}</Size></Contents>",
            escaped(key),
            object.etag,
            object.bytes.len()
        );
    }
    if let (true, Some((last, _))) = (is_truncated, shown.last()) {
        document += &format!("<NextContinuationToken>{}</NextContinuationToken>", escaped(last));
    }
    Ok(Response::xml(200, document + "</ListBucketResult>"))
}

/// Uploads that are begun, by key and name.
fn list_uploads<'q>(bucket: &Bucket, asked: &dyn Fn(&str) -> Option<&'q str>) -> Response {
    let prefix = asked("prefix").unwrap_or_default();
    let after = asked("key-marker").map(|key| (key, asked("upload-id-marker").unwrap_or_default()));
    let page = asked("max-uploads").and_then(|most| most.parse().ok()).map_or(PAGE, |most: usize| most.min(PAGE));
    let all = bucket.uploads.iter().map(|(id, upload)| (upload.key.as_str(), id.as_str(), upload.begun_at));
    let mut found: Vec<_> = all.filter(|(key, ..)| key.starts_with(prefix)).collect();
    found.retain(|(key, id, _)| after.is_none_or(|after| (*key, *id) > after));
    found.sort_unstable();
    let is_truncated = found.len() > page;
    found.truncate(page);
    let name = |key: &str| if asked("encoding-type") == Some("url") { encoded(key) } else { escaped(key) };
    let mut document =
        format!("<?xml version=\"1.0\"?><ListMultipartUploadsResult><IsTruncated>{is_truncated}</IsTruncated>");
    for (key, id, begun_at) in &found {
        document += &format!(
            "<Upload><Key>{}</Key><UploadId>{id}</UploadId><Initiator><ID>anybody</ID></Initiator>\
             <Initiated>{begun_at:.3}</Initiated></Upload>",
            name(key)
        );
    }
    if let (true, Some((key, id, _))) = (is_truncated, found.last()) {
        let key = name(key);
        document += &format!("<NextKeyMarker>{key}</NextKeyMarker><NextUploadIdMarker>{id}</NextUploadIdMarker>");
    }
    Response::xml(200, document + "</ListMultipartUploadsResult>").with("Date", date())
}

fn list_parts<'q>(bucket: &Bucket, key: &str, id: &str, asked: &dyn Fn(&str) -> Option<&'q str>) -> Answer {
    let upload = bucket.uploads.get(id).filter(|upload| upload.key == key);
    let upload = upload.ok_or_else(|| refused(404, "NoSuchUpload"))?;
    let page = asked("max-parts").and_then(|most| most.parse().ok()).unwrap_or(PAGE);
    let mut document = "<?xml version=\"1.0\"?><ListPartsResult>".to_owned();
    for (number, (etag, bytes)) in upload.parts.iter().take(page) {
        let size = bytes.len();
        document += &format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag><Size>{size}</Size></Part>");
    }
    Ok(Response::xml(200, document + "</ListPartsResult>"))
}

/// The server's clock, as headers have it.
fn date() -> String {
    Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn get(bucket: &Bucket, key: &str, request: &Request) -> Answer {
    let object = bucket.objects.get(key).ok_or_else(|| refused(404, "NoSuchKey"))?;
    if request.header("if-match").is_some_and(|wanted| wanted != object.etag) {
        return Err(refused(412, "PreconditionFailed"));
    }
    let mut response = Response::new(200)
        .with("ETag", object.etag.clone())
        .with("Last-Modified", "Fri, 02 Jan 2026 03:04:05 GMT")
        .with("Accept-Ranges", "bytes");
    for (name, value) in &object.metadata {
        response = response.with(name, value.clone());
    }
    let whole = object.bytes.len();
    let range = request.header("range").and_then(|range| range.strip_prefix("bytes=")?.split_once('-'));
    if let Some((first, last)) = range {
        let first: usize = first.parse().map_err(|_| refused(416, "InvalidRange"))?;
        let last = last.parse::<usize>().map_or(whole, |last| (last + 1).min(whole));
        if first >= last {
            return Err(refused(416, "InvalidRange"));
        }
        response.status = 206;
        response = response.with("Content-Range", format!("bytes {first}-{}/{whole}", last - 1));
        response.body = object.bytes[first..last].to_vec();
    } else {
        response.body = object.bytes.clone();
    }
    Ok(response)
}

fn metadata(request: &Request) -> Vec<(String, String)> {
    request.headers().iter().filter(|(name, _)| name.starts_with("x-amz-meta-")).cloned().collect()
}

fn begin(bucket: &mut Bucket, key: &str, id: String, request: &Request) -> Response {
    let document = format!(
        "<?xml version=\"1.0\"?><InitiateMultipartUploadResult><Key>{}</Key><UploadId>{id}</UploadId>\
         </InitiateMultipartUploadResult>",
        escaped(key)
    );
    let upload = Upload {
        key: key.to_owned(),
        begun_at: Timestamp::now(),
        metadata: metadata(request),
        parts: Default::default(),
    };
    bucket.uploads.insert(id, upload);
    Response::xml(200, document)
}

fn put_part(bucket: &mut Bucket, id: &str, number: Option<&str>, request: &Request) -> Answer {
    let upload = bucket.uploads.get_mut(id).ok_or_else(|| refused(404, "NoSuchUpload"))?;
    let number = number.and_then(|number| number.parse().ok()).ok_or_else(|| refused(400, "InvalidArgument"))?;
    let etag = etag(&request.body);
    upload.parts.insert(number, (etag.clone(), request.body.clone()));
    Ok(Response::new(200).with("ETag", etag))
}

fn complete(bucket: &mut Bucket, key: &str, id: &str, request: &Request) -> Answer {
    let upload = bucket.uploads.get(id).ok_or_else(|| refused(404, "NoSuchUpload"))?;
    if upload.key != key {
        return Err(refused(404, "NoSuchUpload"));
    }
    let document = String::from_utf8_lossy(&request.body).replace("&quot;", "\"");
    let numbers = texts(&document, "PartNumber");
    let tags = texts(&document, "ETag");
    let mut bytes = Vec::new();
    for (number, tag) in numbers.iter().zip(&tags) {
        let part = number.parse().ok().and_then(|number: usize| upload.parts.get(&number));
        match part {
            Some((known, part)) if known == tag => bytes.extend_from_slice(part),
            _ => return Err(refused(400, "InvalidPart")),
        }
    }
    if numbers.is_empty() {
        return Err(refused(400, "MalformedXML"));
    }
    let mut object = Object::new(bytes, upload.metadata.clone());
    object.etag = format!("{}-{}\"", object.etag.trim_end_matches('"'), numbers.len());
    let document = format!(
        "<?xml version=\"1.0\"?><CompleteMultipartUploadResult><ETag>{}</ETag></CompleteMultipartUploadResult>",
        object.etag
    );
    bucket.uploads.remove(id);
    bucket.objects.insert(key.to_owned(), object);
    Ok(Response::xml(200, document))
}

fn abort(bucket: &mut Bucket, id: &str) -> Answer {
    bucket.uploads.remove(id).map(|_| Response::new(204)).ok_or_else(|| refused(404, "NoSuchUpload"))
}
