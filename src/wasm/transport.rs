//! Puts one request on the wire and brings back what came of it.
//!
//! gloo-net only builds the request: its own `send` and `text` end in `unreachable!` when a promise
//! is rejected with something that is not an `Error` of this realm (`controller.abort("why")`,
//! another frame), and a trap poisons the instance for everyone. So fetch is awaited here, every
//! property is read through a `catch`, and any thrown value becomes a loss that keeps it as its cause.

use gloo_net::http::{Headers, Method, RequestBuilder};
use js_sys::{Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Request, RequestInit, RequestRedirect};

use crate::engine::Event;
use crate::reply::{HttpReply, MAX_REPLY_BYTES};
use crate::request::HttpRequest;

#[wasm_bindgen]
extern "C" {
    /// A response as any fetch may give it: the runtime's, another realm's, or one made by a
    /// caller's own function. Nothing of it is taken for granted.
    type Reply;
    #[wasm_bindgen(method, structural, catch, getter)]
    fn status(this: &Reply) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, structural, catch, getter)]
    fn headers(this: &Reply) -> Result<ReplyHeaders, JsValue>;
    #[wasm_bindgen(method, structural, catch, getter)]
    fn body(this: &Reply) -> Result<Body, JsValue>;
    #[wasm_bindgen(method, structural, catch, js_name = arrayBuffer)]
    fn array_buffer(this: &Reply) -> Result<JsValue, JsValue>;

    type ReplyHeaders;
    #[wasm_bindgen(method, structural, catch)]
    fn get(this: &ReplyHeaders, name: &str) -> Result<JsValue, JsValue>;

    type Body;
    #[wasm_bindgen(method, structural, catch, js_name = getReader)]
    fn reader(this: &Body) -> Result<Reader, JsValue>;

    type Reader;
    #[wasm_bindgen(method, structural, catch)]
    fn read(this: &Reader) -> Result<JsValue, JsValue>;

    type Chunk;
    #[wasm_bindgen(method, structural, catch, getter)]
    fn done(this: &Chunk) -> Result<bool, JsValue>;
    #[wasm_bindgen(method, structural, catch, getter)]
    fn value(this: &Chunk) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = Uint8Array, js_name = from)]
    fn bytes_of(value: &JsValue) -> Result<Uint8Array, JsValue>;
}

/// What all requests of a client share.
pub(super) struct Transport {
    /// The caller's own fetch; otherwise the runtime's, looked up at each call.
    fetch: Option<Function>,
    redirect: &'static str,
}

impl Transport {
    pub(super) fn new(fetch: Option<Function>) -> Self {
        // "error" refuses a redirect before anything is lost; Workers know only "manual", which
        // brings the redirect itself, and that is no answer either. Asking tells which it is.
        let init = RequestInit::new();
        init.set_redirect(RequestRedirect::Error);
        let refuses = Request::new_with_str_and_init("https://localhost/", &init).is_ok();
        Self { fetch, redirect: if refuses { "error" } else { "manual" } }
    }

    /// Sends the request and reads the reply, at most [`MAX_REPLY_BYTES`] of it. With whatever was
    /// thrown, where something was.
    pub(super) async fn send(&self, request: HttpRequest, controller: AbortController) -> (Event, JsValue) {
        let request = match build(&request) {
            Ok(request) => request,
            Err(thrown) => return (Event::NotSent, thrown),
        };
        match self.receive(&request, &controller).await {
            Ok(reply) => {
                if !reply.whole {
                    // A reply that is too long must not keep coming.
                    controller.abort();
                }
                (Event::Replied(reply), JsValue::UNDEFINED)
            }
            Err(thrown) => (Event::Lost, thrown),
        }
    }

    async fn receive(&self, request: &Request, controller: &AbortController) -> Result<HttpReply, JsValue> {
        let fetch: Function = match &self.fetch {
            Some(fetch) => fetch.clone(),
            None => Reflect::get(&js_sys::global(), &"fetch".into())?.unchecked_into(),
        };
        let init = Object::new();
        Reflect::set(&init, &"signal".into(), &controller.signal())?;
        Reflect::set(&init, &"redirect".into(), &self.redirect.into())?;
        // A global fetch that is called with another `this` refuses: "Illegal invocation".
        let reply: Reply = settled(&fetch.call2(&JsValue::UNDEFINED, request, &init)?).await?.unchecked_into();
        let status = reply.status()?.as_f64().ok_or(JsValue::UNDEFINED)?;
        let header = reply.headers().and_then(|headers| headers.get("retry-after"));
        let mut body = Vec::new();
        let whole = read_body(&reply, &mut body).await.unwrap_or(false);
        // A cast saturates: a status that is none at all stays one that no rule knows.
        Ok(HttpReply {
            status: status as u16,
            retry_after: header.ok().and_then(|value| value.as_string()),
            body,
            whole,
        })
    }
}

fn build(request: &HttpRequest) -> Result<Request, JsValue> {
    let headers = Headers::new();
    for (name, value) in &request.headers {
        headers.set(name, value);
    }
    // Signal and redirect mode go to fetch itself: a runtime that refuses them there rejects a promise,
    // which is caught, and not a constructor whose error gloo-net can't always take.
    RequestBuilder::new(&request.url)
        .method(Method::POST)
        .headers(headers)
        .body(request.body.as_str())
        .map(Into::into)
        .map_err(|_| JsValue::UNDEFINED)
}

/// Reads the body into `bytes`; whether it fitted. What was read before an error stays.
async fn read_body(reply: &Reply, bytes: &mut Vec<u8>) -> Result<bool, JsValue> {
    let body = reply.body()?;
    if body.is_null() {
        return Ok(true);
    }
    if body.is_undefined() {
        // No streams here (React Native): the whole body or nothing.
        let buffer = settled(&reply.array_buffer()?).await?;
        return append(bytes, &buffer);
    }
    let reader = body.reader()?;
    loop {
        let chunk: Chunk = settled(&reader.read()?).await?.unchecked_into();
        if chunk.done()? {
            return Ok(true);
        }
        if !append(bytes, &chunk.value()?)? {
            return Ok(false);
        }
    }
}

/// Appends as much as still fits; whether that was all.
fn append(bytes: &mut Vec<u8>, chunk: &JsValue) -> Result<bool, JsValue> {
    if !chunk.is_object() {
        return Err(JsValue::UNDEFINED);
    }
    // A chunk of another realm is no `Uint8Array` of this one: a copy is.
    let chunk = bytes_of(chunk)?;
    let room = MAX_REPLY_BYTES.saturating_sub(bytes.len());
    let fitting = u32::try_from(room).unwrap_or(u32::MAX).min(chunk.length());
    bytes.extend(chunk.subarray(0, fitting).to_vec());
    Ok(fitting == chunk.length())
}

/// Awaits a value that may or may not be a promise.
async fn settled(value: &JsValue) -> Result<JsValue, JsValue> {
    JsFuture::from(Promise::resolve(value)).await
}
