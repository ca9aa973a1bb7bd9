//! Files on their way in: one multipart body with a file and some text fields.

use crate::problem::Refused;
use axum::{
    body::{Body, HttpBody},
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request},
    http::{StatusCode, header::CONTENT_LENGTH},
};
use services::refusal::Refusal;
use services::requests::NewObjectionRequest;
use std::{collections::BTreeMap, future::poll_fn, pin::Pin};

/// Largest body that is read to its end only to be refused.
const PASSED_OVER_MAX: u64 = 1 << 30;
/// Room for the form around a file and the text fields beside it.
const FORM_BYTES_MAX: usize = 1 << 20;
/// Largest file that goes with an objection: a contract, a scan.
pub const EVIDENCE_BYTES_MAX: usize = 20 << 20;

/// A file of at most `MOST` bytes and the text fields beside it.
#[derive(Debug, Default)]
pub struct Upload<const MOST: usize = EVIDENCE_BYTES_MAX> {
    /// The file's own name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Text fields.
    pub fields: BTreeMap<String, String>,
}

impl<S: Send + Sync, const MOST: usize> FromRequest<S> for Upload<MOST> {
    type Rejection = Refused;

    async fn from_request(mut request: Request, state: &S) -> Result<Self, Refused> {
        let most = MOST + FORM_BYTES_MAX;
        let declared = request.headers().get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
        if let Some(bytes) = declared.filter(|bytes| *bytes > most as u64) {
            pass_over(request.into_body(), bytes).await;
            return Err(Refused(services::too_large(bytes, MOST)));
        }
        DefaultBodyLimit::max(most).apply(&mut request);
        let mut form = Multipart::from_request(request, state).await.map_err(|_| {
            Refused(Refusal::invalid("not_a_form", "请求不是上传表单。", "The request is not an upload form."))
        })?;
        let mut upload = Self::default();
        loop {
            let field = match form.next_field().await {
                Ok(Some(field)) => field,
                Ok(None) => return Ok(upload),
                Err(error) => return Err(broken(&error, MOST)),
            };
            let key = field.name().unwrap_or_default().to_owned();
            if let Some(name) = field.file_name() {
                // Browsers send a bare name; a path from elsewhere is cut down to one.
                upload.name = name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
                upload.bytes = field.bytes().await.map_err(|e| broken(&e, MOST))?.to_vec();
                if upload.bytes.len() > MOST {
                    return Err(Refused(services::too_large(upload.bytes.len() as u64, MOST)));
                }
            } else {
                let text = field.text().await.map_err(|e| broken(&e, MOST))?;
                upload.fields.insert(key, text);
            }
        }
    }
}

/// Passes over the body of a request that is refused whatever it holds.
pub async fn refuse(request: Request, refusal: Refusal) -> Refused {
    let declared = request.headers().get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
    pass_over(request.into_body(), declared.unwrap_or(u64::MAX)).await;
    Refused(refusal)
}

/// Reads a body and keeps nothing of it: a browser that is still sending would take an early answer for
/// a broken connection and never show the reason.
async fn pass_over(mut body: Body, declared: u64) {
    if declared > PASSED_OVER_MAX {
        return;
    }
    while let Some(Ok(_)) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {}
}

fn broken(error: &axum::extract::multipart::MultipartError, most: usize) -> Refused {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Refused(services::too_large((most + FORM_BYTES_MAX) as u64, most));
    }
    Refused(Refusal::invalid("upload_broken", "上传中断或不完整，请重试。", "The upload was cut off; try again."))
}

impl Upload {
    /// The fields of an objection.
    pub fn into_objection(mut self) -> Result<NewObjectionRequest, Refused> {
        let mut take = |key: &str| self.fields.remove(key).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
        let firm = match take("firm") {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| {
                Refusal::invalid(
                    "firm",
                    format!("企业编号应为整数，收到“{text}”。"),
                    format!("The firm must be a number, found `{text}`."),
                )
            })?),
        };
        Ok(NewObjectionRequest {
            fact: take("fact").unwrap_or_default(),
            subject: take("subject"),
            claimed: take("claimed"),
            says: take("says").unwrap_or_default(),
            firm,
            file: (!self.name.is_empty()).then_some((self.name, self.bytes)),
        })
    }
}
