//! The exported functions: each carries one lookup through the engine, one event at a time.
//!
//! No borrow of the client is held across an await, and nothing here throws: a result is a value,
//! an outcome or a failure, and the surface in TypeScript turns the latter into an exception.

use core::cell::{Cell, RefCell};
use core::future::{Future, poll_fn};
use core::pin::Pin;
use core::task::{Poll, Waker};
use std::rc::Rc;

use js_sys::{Function, Math, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::AbortController;

use super::convert;
use super::error;
use super::text::JsText;
use super::timer::Timer;
use super::transport::Transport;
use crate::config::{Config, Credentials};
use crate::endpoint::PHONE;
use crate::engine::{Effect, Engine, Event};
use crate::failure::{Code, Failure};
use crate::lookup;

/// Judges a request without sending anything.
#[wasm_bindgen]
pub fn check(request: &JsValue) -> JsValue {
    let result = convert::request(request).and_then(|request| lookup::check(&request, false, &JsText));
    convert::checked(&result, PHONE.price)
}

/// One client's settings and its way to the wire.
#[wasm_bindgen]
pub struct Client {
    shared: Rc<Shared>,
}

struct Shared {
    config: Result<Config, Failure>,
    /// The caller's own object, for what stays JavaScript's: functions, token, headers.
    options: JsValue,
    transport: Transport,
}

#[wasm_bindgen]
impl Client {
    /// A client with these options. Wrong ones are told at each call, so that nothing throws here.
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> Self {
        let config = convert::options(&options).and_then(|given| Config::for_client(given, convert::environment()));
        let transport = Transport::new(convert::get(&options, "fetch").dyn_into().ok());
        Self { shared: Rc::new(Shared { config, options, transport }) }
    }

    /// Looks a person up. The promise is never rejected: it resolves to an outcome, or to a failure, which has a `code`.
    pub fn enrich(&self, request: JsValue, options: JsValue) -> Promise {
        let shared = Rc::clone(&self.shared);
        future_to_promise(async move {
            let id = lookup_id();
            let cause = RefCell::new(JsValue::UNDEFINED);
            Ok(match enrich(&shared, &request, &options, &id, &cause).await {
                Ok(outcome) => outcome,
                Err(failure) => error::failure(&failure, &id, &cause.borrow()),
            })
        })
    }
}

/// What to find a lookup by in logs. It is no secret, so that no runtime's `crypto` is needed.
fn lookup_id() -> String {
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut id = String::from("lk_");
    for _ in 0..20 {
        let letter = (Math::random() * 32.0) as usize;
        id.push(LETTERS.get(letter).copied().map_or('0', char::from));
    }
    id
}

/// What happened while the engine waited for something else, and who is to be told.
#[derive(Default)]
struct Mailbox {
    aborted: Cell<bool>,
    elapsed: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

impl Mailbox {
    fn post(&self, slot: &Cell<bool>) {
        slot.set(true);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    fn take(&self) -> Option<Event> {
        if self.aborted.take() {
            Some(Event::Aborted)
        } else if self.elapsed.take() {
            Some(Event::Elapsed)
        } else {
            None
        }
    }
}

type Work<'a> = Pin<Box<dyn Future<Output = (Event, JsValue)> + 'a>>;

/// The next event: what the work under way brings goes first, so that a paid answer that came in
/// together with an abort is not lost.
async fn next_event<'a>(work: &mut Option<Work<'a>>, mailbox: &Mailbox) -> (Event, JsValue) {
    poll_fn(|context| {
        if let Some(running) = work
            && let Poll::Ready(done) = running.as_mut().poll(context)
        {
            *work = None;
            return Poll::Ready(done);
        }
        match mailbox.take() {
            Some(event) => Poll::Ready((event, JsValue::UNDEFINED)),
            None => {
                mailbox.waker.set(Some(context.waker().clone()));
                Poll::Pending
            }
        }
    })
    .await
}

async fn enrich(
    shared: &Rc<Shared>,
    request: &JsValue,
    options: &JsValue,
    id: &str,
    cause: &RefCell<JsValue>,
) -> Result<JsValue, Failure> {
    let config = shared.config.clone()?.for_call(convert::options(options)?)?;
    let checked = convert::request(request)
        .and_then(|request| lookup::check(&request, false, &JsText))
        .map_err(Failure::invalid_request)?;
    let lookup = checked.lookup();
    let mut engine = Engine::new(PHONE, lookup.clone(), config, (Math::random() * 1e9) as u64);

    let mailbox = Rc::new(Mailbox::default());
    let signal = Signal::listen(convert::get(options, "signal"), &mailbox)?;
    let mut timer = None;
    let mut controller: Option<AbortController> = None;
    let mut work: Option<Work<'_>> = None;
    let mut event = if signal.as_ref().is_some_and(Signal::is_aborted) { Event::Aborted } else { Event::Begin };
    loop {
        engine.handle(event, convert::now());
        while let Some(effect) = engine.next_effect() {
            match effect {
                Effect::Authorize => work = Some(Box::pin(authorize(shared))),
                Effect::Send(request) => {
                    let hook = convert::get(&shared.options, "onRequest");
                    if let Some(hook) = hook.dyn_ref::<Function>() {
                        // A hook that throws must not cost anybody an answer.
                        let _ = hook.call1(&JsValue::UNDEFINED, &convert::sent(id, engine.attempts(), lookup));
                    }
                    match AbortController::new() {
                        Ok(own) => {
                            controller = Some(own.clone());
                            work = Some(Box::pin(shared.transport.send(request, own)));
                        }
                        Err(thrown) => work = Some(Box::pin(core::future::ready((Event::NotSent, thrown)))),
                    }
                }
                Effect::Cancel => {
                    if let Some(controller) = controller.take() {
                        // Without a reason: what fetch is rejected with stays an error of its own realm.
                        controller.abort();
                    }
                    work = None;
                }
                Effect::Sleep(milliseconds) => {
                    // The timer before this one may have rung already, and nobody waits for it any more.
                    mailbox.elapsed.set(false);
                    let mailbox = Rc::clone(&mailbox);
                    timer = Some(Timer::start(milliseconds, move || mailbox.post(&mailbox.elapsed)));
                }
                Effect::Finish(result) => {
                    drop(timer);
                    if result.as_ref().is_err_and(|failure| failure.code == Code::Aborted) {
                        *cause.borrow_mut() = signal.as_ref().map_or(JsValue::UNDEFINED, Signal::reason);
                    }
                    return result.map(|outcome| convert::outcome(&outcome));
                }
            }
        }
        let (happened, thrown) = next_event(&mut work, &mailbox).await;
        event = happened;
        *cause.borrow_mut() = thrown;
    }
}

/// Asks the caller for the token and the headers: each a value, or a function that may take its time.
async fn authorize(shared: &Shared) -> (Event, JsValue) {
    let mut cause = JsValue::UNDEFINED;
    let credentials = credentials(&shared.options, &mut cause).await;
    (Event::Authorized(credentials), cause)
}

async fn credentials(options: &JsValue, cause: &mut JsValue) -> Result<Credentials, Failure> {
    let token = resolved(options, "token", cause).await?;
    let headers = resolved(options, "headers", cause).await?;
    let headers = if headers.is_undefined() { Vec::new() } else { convert::headers(&headers)? };
    if token.is_undefined() {
        return Credentials::parse(None, headers);
    }
    let token = token.as_string();
    Credentials::parse(Some(token.as_deref().unwrap_or_default()), headers)
}

async fn resolved(options: &JsValue, name: &str, cause: &mut JsValue) -> Result<JsValue, Failure> {
    let value = convert::get(options, name);
    let Some(function) = value.dyn_ref::<Function>() else { return Ok(value) };
    let result = match function.call0(&JsValue::UNDEFINED) {
        Ok(value) => JsFuture::from(Promise::resolve(&value)).await,
        Err(thrown) => Err(thrown),
    };
    result.map_err(|thrown| {
        *cause = thrown;
        Failure::refused(Code::InvalidOptions, &["The ", name, " function failed; see cause."])
    })
}

/// The caller's signal, listened to until it drops.
struct Signal {
    signal: EventSource,
    listener: Closure<dyn FnMut()>,
}

#[wasm_bindgen]
extern "C" {
    /// An `AbortSignal` of any realm, or something shaped like one.
    type EventSource;
    #[wasm_bindgen(method, structural, catch, js_name = addEventListener)]
    fn add(this: &EventSource, name: &str, listener: &Closure<dyn FnMut()>) -> Result<(), JsValue>;
    #[wasm_bindgen(method, structural, catch, js_name = removeEventListener)]
    fn remove(this: &EventSource, name: &str, listener: &Closure<dyn FnMut()>) -> Result<(), JsValue>;
}

impl Signal {
    fn listen(signal: JsValue, mailbox: &Rc<Mailbox>) -> Result<Option<Self>, Failure> {
        if signal.is_undefined() {
            return Ok(None);
        }
        let mailbox = Rc::clone(mailbox);
        let listener = Closure::new(move || mailbox.post(&mailbox.aborted));
        let signal: EventSource = signal.unchecked_into();
        match signal.add("abort", &listener) {
            Ok(()) => Ok(Some(Self { signal, listener })),
            Err(_) => Err(Failure::refused(Code::InvalidOptions, &["signal must be an AbortSignal."])),
        }
    }

    fn is_aborted(&self) -> bool {
        convert::get(&self.signal, "aborted").is_truthy()
    }

    fn reason(&self) -> JsValue {
        convert::get(&self.signal, "reason")
    }
}

impl Drop for Signal {
    fn drop(&mut self) {
        // A listener that could be added can be removed.
        let _ = self.signal.remove("abort", &self.listener);
    }
}
