//! One call between the engine and JavaScript: events come in as method calls, effects go out as
//! calls on the host, and every method returns as soon as the engine waits.
//!
//! Nothing here throws: a result is a value, an outcome or a failure, and the surface in TypeScript
//! makes an exception of the latter.

use alloc::rc::Rc;

use gloo_net::http::Headers;
use wasm_bindgen::prelude::*;
use web_sys::{Request, RequestInit};

use super::convert::{self, JsJson};
use super::error;
use super::text::JsText;
use crate::config::{Config, Credentials, Environment, Settings};
use crate::endpoint::PHONE;
use crate::engine::{Effect, Engine, Event};
use crate::failure::{Code, Failure};
use crate::json::Json;
use crate::lookup;
use crate::reply::{HttpReply, MAX_REPLY_BYTES};
use crate::request::HttpRequest;

#[wasm_bindgen]
extern "C" {
    /// Whoever carries out the effects of a call. None of these may call back into it before it returns.
    pub type Host;

    /// Find out token and headers; answered by `authorized` or `unauthorized`.
    #[wasm_bindgen(method)]
    fn authorize(this: &Host);
    /// Put this on the wire, as the call's request number `attempt`, and read the reply, at most `limit`
    /// bytes of it; answered by `replied` or `lost`.
    #[wasm_bindgen(method)]
    fn send(this: &Host, request: Request, limit: usize, attempt: u32);
    /// Break off what `send` began.
    #[wasm_bindgen(method)]
    fn cancel(this: &Host);
    /// Call `elapsed` after so many milliseconds, instead of any time before.
    #[wasm_bindgen(method)]
    fn sleep(this: &Host, milliseconds: f64);
    /// The call is over: an outcome, or a failure, which has a `code`.
    #[wasm_bindgen(method)]
    fn finish(this: &Host, result: &JsValue);
}

/// Judges a request, listed name and value in turn, without sending anything.
#[wasm_bindgen]
pub fn check(fields: &JsValue) -> JsValue {
    let result = convert::request(fields).and_then(|request| lookup::check(request, false, &JsText));
    convert::checked(&result, PHONE.price)
}

/// A client's settings. Wrong ones are told by each call, so that making one never throws.
#[wasm_bindgen]
pub struct Client(Result<Config, Box<Failure>>);

#[wasm_bindgen]
impl Client {
    /// A client with these options, in a browser or not, with addresses that paths are relative to or not.
    #[wasm_bindgen(constructor)]
    #[allow(clippy::too_many_arguments, reason = "an object would have to be taken apart again")]
    pub fn new(
        base_url: Option<String>,
        timeout_ms: Option<f64>,
        max_rate_limit_retries: Option<f64>,
        has_token: bool,
        has_headers: bool,
        allow_browser: bool,
        browser: bool,
        has_location: bool,
    ) -> Self {
        let settings = Settings { base_url, timeout_ms, max_rate_limit_retries, has_token, has_headers, allow_browser };
        Self(Config::for_client(&settings, Environment { browser, has_location }))
    }

    /// A call of this client, to be found in logs by `id`. `random` is any number below 1; it spreads
    /// waits. A request or options that are wrong are told when the call begins.
    pub fn call(&self, id: String, random: f64, request: &JsValue, timeout_ms: Option<f64>) -> Call {
        let state = match &self.0 {
            Ok(config) => prepare(config, random, request, timeout_ms).map_err(|failure| error::failure(&failure, &id)),
            Err(failure) => Err(error::failure(failure, &id)),
        };
        Call { id, state }
    }
}

fn prepare(config: &Config, random: f64, request: &JsValue, timeout_ms: Option<f64>) -> Result<Engine, Box<Failure>> {
    let config = config.for_call(timeout_ms)?;
    let checked = convert::request(request)
        .and_then(|request| lookup::check(request, false, &JsText))
        .map_err(Failure::invalid_request)?;
    let entropy = (random * 1e9) as u64;
    Ok(Engine::new(PHONE, Rc::clone(checked.lookup()), config, entropy))
}

/// One lookup on its way.
#[wasm_bindgen]
pub struct Call {
    id: String,
    /// The engine, or the failure that the call begins and ends with.
    state: Result<Engine, JsValue>,
}

#[wasm_bindgen]
impl Call {
    /// Something happened that says nothing more than that it did: 0 the caller asked, 1 the caller's
    /// function for the token or the headers failed, 2 the request or its reply was lost, 3 the time
    /// of the last `sleep` has passed, anything else the caller gave up. `now` is in milliseconds
    /// since 1970, here and below.
    pub fn tell(&mut self, host: &Host, now: f64, happened: u8) {
        let event = match happened {
            0 => Event::Begin,
            1 => Event::Authorized(Err(Failure::refused(
                Code::InvalidOptions,
                &["The token or headers function failed; see cause."],
            ))),
            2 => Event::Lost,
            3 => Event::Elapsed,
            _ => Event::Aborted,
        };
        self.handle(host, now, event);
    }

    /// The caller gave token and headers, listed name and value in turn, or neither.
    pub fn authorized(&mut self, host: &Host, now: f64, token: &JsValue, headers: &JsValue) {
        let credentials = convert::headers(headers).and_then(|headers| {
            let text = token.as_string().unwrap_or_default();
            Credentials::parse((!token.is_undefined()).then_some(&text), headers)
        });
        self.handle(host, now, Event::Authorized(credentials));
    }

    /// The service replied; `retry_date` is its `Retry-After` as a date, and `json` is what the text
    /// means, `undefined` if it is not whole or not JSON.
    #[allow(clippy::too_many_arguments, reason = "an object would have to be taken apart again")]
    pub fn replied(
        &mut self,
        host: &Host,
        now: f64,
        status: u16,
        retry_after: Option<String>,
        retry_date: Option<f64>,
        text: String,
        json: JsValue,
    ) {
        let json = (!json.is_undefined()).then(|| Box::new(JsJson(json)) as Box<dyn Json>);
        self.handle(host, now, Event::Replied(HttpReply { status, retry_after, retry_date, text, json }));
    }

    fn handle(&mut self, host: &Host, now: f64, event: Event) {
        let engine = match &mut self.state {
            Ok(engine) => engine,
            Err(failure) => return host.finish(failure),
        };
        // Milliseconds since 1970 are exact in a float for as long as anybody cares.
        let mut effects = engine.handle(event, now as u64).into_iter();
        while let Some(effect) = effects.next() {
            match effect {
                Effect::Authorize => host.authorize(),
                Effect::Send(request) => match build(&request) {
                    Some(request) => host.send(request, MAX_REPLY_BYTES, engine.attempts()),
                    None => effects = engine.handle(Event::NotSent, now as u64).into_iter(),
                },
                Effect::Cancel => host.cancel(),
                Effect::Sleep(milliseconds) => host.sleep(milliseconds as f64),
                Effect::Finish(Ok(outcome)) => host.finish(&convert::outcome(&outcome)),
                Effect::Finish(Err(failure)) => host.finish(&error::failure(&failure, &self.id)),
            }
        }
    }
}

/// The request, ready for fetch; `None` if the runtime refuses it.
///
/// Of gloo-net the headers alone are used: its `RequestBuilder` makes every request three times
/// over, and its own `send` and `text` end in `unreachable!` when a promise is rejected with
/// something that is not an `Error` of this realm (`controller.abort("why")`, another frame), and
/// a trap poisons the instance for everyone. Signal and redirect mode are given to fetch: a
/// runtime that refuses them there rejects a promise.
fn build(request: &HttpRequest) -> Option<Request> {
    let headers = Headers::new();
    for (name, value) in &request.headers {
        headers.set(name, value);
    }
    let init = RequestInit::new();
    init.set_method(request.method);
    init.set_headers(&headers.into_raw());
    init.set_body(&request.body.as_str().into());
    Request::new_with_str_and_init(&request.url, &init).ok()
}
