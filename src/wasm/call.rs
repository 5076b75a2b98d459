//! A client between the engine and JavaScript: what happens comes in as numbers and lists of plain values, what is to
//! be done goes out as one JSON text, and every call returns as soon as the engine waits.
//!
//! Nothing here throws: a result is a value, an outcome or a failure, and the surface in TypeScript
//! makes an exception of the latter.

use alloc::rc::Rc;

use gloo_net::http::Headers;
use js_sys::JsString;
use wasm_bindgen::prelude::*;

use super::convert::{self, to_js};
use super::text::JsText;
use crate::budget::Limits;
use crate::config::{Config, Credentials, Environment, Setting};
use crate::endpoint::PHONE;
use crate::engine::{Engine, Event, Order};
use crate::failure::{Code, Failure};
use crate::json::{Members, Values, Writer};
use crate::lookup;
use crate::reply::HttpReply;
use crate::request::HttpRequest;

/// Judges a request, listed name and value in turn, without sending anything: the verdict as JSON. An empty list is a
/// request that could not be read.
#[wasm_bindgen]
pub fn check(fields: &str) -> JsString {
    let result = convert::request(Values(fields)).and_then(|request| lookup::check(request, false, &JsText));
    let mut json = Writer::begin();
    convert::checked(&mut json, &result, PHONE.price);
    to_js(&json)
}

/// All lookups of a client.
#[wasm_bindgen]
pub struct Client {
    /// Wrong settings are told by each call, so that making a client never throws.
    config: Result<Config, Box<Failure>>,
    engine: Engine,
}

#[wasm_bindgen]
impl Client {
    /// A client. `facts` are bits: 1 for a browser, 2 for addresses that paths are relative to, 4 for calls that may wait
    /// for each other's promises, 8 for a token, 16 for headers, 32 for the opt-in to a token in a browser. `values` are
    /// the base URL, if any, and the options that are numbers or flags, listed name and number in turn.
    #[wasm_bindgen(constructor)]
    pub fn new(facts: u32, values: &str) -> Self {
        let settings = convert::settings(facts, Values(values));
        let is = |fact: u32| facts & fact > 0;
        let config = Config::for_client(&settings, Environment { browser: is(1), has_location: is(2) });
        let limits = config.as_ref().map_or(Limits::default(), Config::limits);
        Self { config, engine: Engine::new(PHONE, limits, &JsText) }
    }

    /// Something happened to a call or a flight, or somebody asks; `values` lists what goes with it. `now` is in
    /// milliseconds since 1970. What is to be done is the answer, as JSON: a list of lists, each beginning with the number
    /// of an effect and that of a call or a flight.
    ///
    /// One function for all: each would weigh as much as what it does.
    pub fn tell(&mut self, now: f64, id: u32, happened: u32, values: &str) -> JsValue {
        let mut values = Values(values);
        let mut json = Writer::begin();
        let event = match happened {
            0 => Event::Begin(id),
            1 => Event::Screened(id, Ok(false)),
            2 => Event::Screened(id, Ok(true)),
            3 => Event::Screened(id, Err(failed("The suppress function failed; see cause."))),
            4 => Event::Locked(id),
            // The record, if there is one.
            5 => Event::Opened(id, Ok(whole(values))),
            6 => Event::Opened(id, Err(())),
            // The token, if there is one; whether the headers could be read, and they, name and value in turn.
            7 => Event::Authorized(id, credentials(values)),
            8 => Event::Authorized(id, Err(failed("The token or headers function failed; see cause."))),
            9 => Event::Saved(id, true),
            10 => Event::Saved(id, false),
            // The status, the text, its `Retry-After`, the same as a date, a text if a server of one's own says that it was free, and what the text means, if it is whole and JSON.
            11 => Event::Replied(
                id,
                HttpReply {
                    status: values.number() as u16,
                    text: values.text().unwrap_or_default().into(),
                    retry_after: values.text().map(Into::into),
                    retry_date: Some(values.number()),
                    is_free: values.text().is_some(),
                    json: whole(values),
                },
            ),
            12 => Event::Lost(id),
            13 => Event::Elapsed(id),
            14 => Event::Aborted(id),
            15 => Event::NotSent(id),
            // The headers of the flight's request.
            16 => return self.engine.request(id).map(headers).unwrap_or_default(),
            _ => {
                // Those after this one are about the whole client, or the run whose number is given.
                let run = Some(values.number()).filter(|run| !run.is_nan()).map(|run| run as u32);
                match happened {
                    // The number of a new call.
                    17 => {
                        let lookup_id = values.text().unwrap_or_default().into();
                        let order = self.order(values, run);
                        json.count("", self.engine.admit(lookup_id, order).into());
                    }
                    // The wallet, as far as the client or the run knows it.
                    18 => convert::balance(&mut json, &self.engine.balance(run)),
                    // The number of a new run, whose calls together may spend so many credits.
                    19 => json.count("", self.engine.run(run).into()),
                    // The price, with credits that an earlier core of the client may have spent by the time of the last event;
                    // how many of them certainly were.
                    20 => json.count("", self.engine.inherit(run.unwrap_or_default()).into()),
                    _ => {
                        match happened {
                            21 => self.engine.confirm(run.unwrap_or_default()),
                            _ => self.engine.close_breaker(),
                        }
                        json.raw("0");
                    }
                }
                return to_js(&json).into();
            }
        };
        // Milliseconds since 1970 are exact in a float for as long as anybody cares.
        let effects = self.engine.handle(event, now as u64);
        let wallet = (11..15).contains(&happened).then(|| self.engine.balance(None));
        convert::effects(&mut json, &effects, wallet.as_ref());
        to_js(&json).into()
    }

    /// What a call asks for: any number below a billion, to spread waits; whether there is a suppression list; how many
    /// options there are; these, and the request, both listed name and value in turn.
    fn order(&self, mut values: Values<'_>, run: Option<u32>) -> Result<Order, Box<Failure>> {
        let config = self.config.as_ref().map_err(|failure| failure.echo())?;
        let entropy = values.number() as u64;
        let is_screened = values.number() > 0.0;
        let options = values.number() as u32;
        let config = config.for_call(&convert::numbers(&mut values, options))?;
        let ladder = config.is(Setting::Ladder);
        let checked = convert::request(values)
            .and_then(|request| lookup::check(request, ladder, &JsText))
            .map_err(Failure::invalid_request)?;
        let rungs = if ladder { checked.ladder().into() } else { vec![Rc::clone(checked.lookup())] };
        let screened = if is_screened { checked.ladder().into() } else { Vec::new() };
        Ok(Order { rungs, config, entropy, screened, run })
    }
}

#[inline(never)]
fn credentials(mut values: Values<'_>) -> Result<Credentials, Box<Failure>> {
    let token = values.take();
    let headers = convert::headers(values)?;
    Credentials::parse((!token.is_empty()).then(|| token.strip_prefix("s").unwrap_or_default()), headers)
}

fn failed(detail: &'static str) -> Box<Failure> {
    Failure::refused(Code::InvalidOptions, &[detail])
}

/// What was parsed: a sign that it was, and the members.
fn whole(mut values: Values<'_>) -> Option<Members> {
    (!values.take().is_empty()).then(|| Members(values.0.into()))
}

/// The headers of a request, as fetch takes them.
///
/// They alone are gloo-net's: its `RequestBuilder` makes every request three times
/// over, and its own `send` and `text` end in `unreachable!` when a promise is rejected with
/// something that is not an `Error` of this realm (`controller.abort("why")`, another frame), and
/// a trap poisons the instance for everyone.
fn headers(request: &HttpRequest) -> JsValue {
    let headers = Headers::new();
    for (name, value) in &request.headers {
        headers.set(name, value);
    }
    headers.into_raw().into()
}
