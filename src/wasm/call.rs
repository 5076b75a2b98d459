//! A client between the engine and JavaScript: events come in as method calls, effects go out as calls on the host, and
//! every method returns as soon as the engine waits.
//!
//! Nothing here throws: a result is a value, an outcome or a failure, and the surface in TypeScript
//! makes an exception of the latter.

use alloc::rc::Rc;

use gloo_net::http::Headers;
use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::Request;

use super::convert::{self, JsJson};
use super::error;
use super::text::JsText;
use crate::budget::Limits;
use crate::config::{Config, Credentials, Environment, Setting};
use crate::endpoint::PHONE;
use crate::engine::{Effect, Engine, Event, Order};
use crate::failure::{Code, Failure};
use crate::json::Json;
use crate::lookup;
use crate::reply::{HttpReply, MAX_REPLY_BYTES};
use crate::request::HttpRequest;

#[wasm_bindgen]
extern "C" {
    /// Whoever carries out the effects. It may not call back into the client before it returns.
    pub type Host;

    /// Carry out an effect on a call or a flight, with what it takes. One function for all: each would weigh as much as
    /// what it carries.
    #[wasm_bindgen(method)]
    fn act(this: &Host, effect: u8, id: u32, number: f64, text: &str, value: JsValue);
}

/// Judges a request, listed name and value in turn, without sending anything.
#[wasm_bindgen]
pub fn check(fields: &JsValue) -> JsValue {
    let result = convert::request(fields).and_then(|request| lookup::check(request, false, &JsText));
    convert::checked(&result, PHONE.price)
}

/// All lookups of a client.
#[wasm_bindgen]
pub struct Client {
    /// Wrong settings are told by each call, so that making a client never throws.
    config: Result<Config, Box<Failure>>,
    engine: Engine,
    /// Whether the runtime takes its address.
    proven: bool,
}

#[wasm_bindgen]
impl Client {
    /// A client with these options, listed name and value in turn, in a browser or not, with addresses that paths are
    /// relative to or not, and with calls that may wait for each other's promises or not.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue, browser: bool, has_location: bool, share: bool) -> Self {
        let config = Config::for_client(&convert::settings(options, share), Environment { browser, has_location });
        let limits = config.as_ref().map_or(Limits::default(), Config::limits);
        Self { config, engine: Engine::new(PHONE, limits, &JsText), proven: false }
    }

    /// A call of this client, of which `values` lists what to find it by in logs; any number below 1, to spread waits; the
    /// request and the options of its own, each listed name and value in turn; whether there is a suppression list; and
    /// the run that it belongs to, if any. It begins when told to; what is wrong with the request or the options is told
    /// then.
    pub fn call(&mut self, values: &Array) -> u32 {
        let order = self.config.as_ref().map_err(|failure| failure.echo()).and_then(|config| {
            let config = config.for_call(&convert::settings(&values.get(3), false).numbers)?;
            let ladder = config.is(Setting::Ladder);
            let checked = convert::request(&values.get(2))
                .and_then(|request| lookup::check(request, ladder, &JsText))
                .map_err(Failure::invalid_request)?;
            let rungs = if ladder { checked.ladder().into() } else { vec![Rc::clone(checked.lookup())] };
            let screened = if values.get(4).is_truthy() { checked.ladder().into() } else { Vec::new() };
            let entropy = (values.get(1).as_f64().unwrap_or_default() * 1e9) as u64;
            let run = values.get(5).as_f64().map(|run| run as u32);
            Ok(Order { rungs, config, entropy, screened, run })
        });
        self.engine.admit(values.get(0).as_string().unwrap_or_default().into(), order)
    }

    /// Asks for what is known at once: 0 for the wallet, as far as the client or one of its runs knows it; 1 for a run,
    /// whose calls together may spend so many credits; anything else closes the breaker. One function for all: each
    /// would weigh as much as what it does.
    pub fn ask(&mut self, what: u8, number: Option<u32>) -> JsValue {
        match what {
            0 => return convert::balance(&self.engine.balance(number)),
            1 => return self.engine.run(number).into(),
            _ => self.engine.close_breaker(),
        }
        JsValue::UNDEFINED
    }

    /// Something happened to a call or a flight; `values` lists what goes with it: for a record of the store the record,
    /// `undefined` if there is none; for the credentials the token and the headers, listed name and value in turn, or
    /// neither; for a reply the status, its `Retry-After`, the same as a date, the text, and what it means, `undefined`
    /// if it is not whole or not JSON. `now` is in milliseconds since 1970.
    pub fn tell(&mut self, host: &Host, now: f64, id: u32, happened: u8, values: &Array) {
        let event = match happened {
            0 => Event::Begin(id),
            1 => Event::Screened(id, Ok(false)),
            2 => Event::Screened(id, Ok(true)),
            3 => Event::Screened(id, Err(failed("The suppress function failed; see cause."))),
            4 => Event::Locked(id),
            5 => Event::Opened(id, Ok(json(values.get(0)))),
            6 => Event::Opened(id, Err(())),
            7 => Event::Authorized(id, credentials(&values.get(0), &values.get(1))),
            8 => Event::Authorized(id, Err(failed("The token or headers function failed; see cause."))),
            9 => Event::Saved(id, true),
            10 => Event::Saved(id, false),
            11 => Event::Replied(
                id,
                HttpReply {
                    status: values.get(0).as_f64().unwrap_or_default() as u16,
                    retry_after: values.get(1).as_string(),
                    retry_date: values.get(2).as_f64(),
                    text: values.get(3).as_string().unwrap_or_default(),
                    json: json(values.get(4)),
                },
            ),
            12 => Event::Lost(id),
            13 => Event::Elapsed(id),
            _ => Event::Aborted(id),
        };
        self.handle(host, now, event);
    }

    fn handle(&mut self, host: &Host, now: f64, event: Event) {
        // Milliseconds since 1970 are exact in a float for as long as anybody cares.
        let mut unsent = None;
        for effect in self.engine.handle(event, now as u64) {
            let (mut number, mut text, mut value) = (0.0, String::new(), JsValue::UNDEFINED);
            let (kind, id) = match effect {
                Effect::Screen(call, lookups) => {
                    value = convert::lookups(&lookups);
                    (0, call)
                }
                Effect::Open(flight, key) => {
                    text = key;
                    (1, flight)
                }
                Effect::Authorize(flight) => (2, flight),
                Effect::Save(flight, also, record, lifetime_ms) => {
                    (number, text, value) = (lifetime_ms as f64, record, also.into());
                    (3, flight)
                }
                Effect::Erase(flight) => (4, flight),
                Effect::Send(flight, request, _, lookup_id) => {
                    let Some(request) = build(&request, self.proven) else {
                        unsent = Some(flight);
                        continue;
                    };
                    self.proven = true;
                    (number, text, value) = (MAX_REPLY_BYTES as f64, (*lookup_id).into(), request.into());
                    (5, flight)
                }
                Effect::Cancel(flight) => (6, flight),
                Effect::Close(flight) => (7, flight),
                Effect::Sleep(id, milliseconds) => {
                    number = milliseconds as f64;
                    (8, id)
                }
                Effect::Warn => (9, 0),
                Effect::Anomaly { expected, seen } => {
                    (number, value) = (expected as f64, (seen as f64).into());
                    (10, 0)
                }
                Effect::Finish(call, _, Ok(outcome)) => {
                    value = convert::outcome(&outcome);
                    (11, call)
                }
                Effect::Finish(call, lookup_id, Err(failure)) => {
                    value = error::failure(&failure, &lookup_id).into();
                    (12, call)
                }
            };
            host.act(kind, id, number, &text, value);
        }
        if let Some(flight) = unsent {
            self.handle(host, now, Event::NotSent(flight));
        }
    }
}

fn credentials(token: &JsValue, headers: &JsValue) -> Result<Credentials, Box<Failure>> {
    let headers = convert::headers(headers)?;
    let text = token.as_string().unwrap_or_default();
    Credentials::parse((!token.is_undefined()).then_some(&text), headers)
}

fn failed(detail: &'static str) -> Box<Failure> {
    Failure::refused(Code::InvalidOptions, &[detail])
}

fn json(value: JsValue) -> Option<Box<dyn Json>> {
    (!value.is_undefined()).then(|| Box::new(JsJson(value)) as Box<dyn Json>)
}

/// The request as fetch takes it, address, method, headers and body; `None` if the runtime refuses it, of which the address
/// alone can be the reason.
///
/// A `Request` is made for nothing but to prove the address: fetch would make another one of it and pipe its body through, for
/// which Node takes as long as for all that is done here. Of gloo-net the headers alone are used: its `RequestBuilder` makes
/// every request three times over, and its own `send` and `text` end in `unreachable!` when a promise is rejected with
/// something that is not an `Error` of this realm (`controller.abort("why")`, another frame), and a trap poisons the instance
/// for everyone. Signal and redirect mode are given to fetch: a runtime that refuses them there rejects a promise.
fn build(request: &HttpRequest, proven: bool) -> Option<Array> {
    let headers = Headers::new();
    for (name, value) in &request.headers {
        headers.set(name, value);
    }
    if !proven {
        Request::new_with_str(&request.url).ok()?;
    }
    let parts = Array::new();
    parts.push(&request.url.as_str().into());
    parts.push(&request.method.into());
    parts.push(&headers.into_raw());
    parts.push(&request.body.as_str().into());
    Some(parts)
}
