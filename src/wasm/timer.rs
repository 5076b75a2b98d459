//! One timer that goes when its guard drops.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Closure<dyn FnMut()>, milliseconds: f64) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

/// A running timer; dropping it stops it.
pub(super) struct Timer {
    id: JsValue,
    _callback: Closure<dyn FnMut()>,
}

impl Timer {
    /// Calls back once, after so many milliseconds.
    pub(super) fn start(milliseconds: u64, callback: impl FnOnce() + 'static) -> Self {
        let callback = Closure::once(callback);
        // Milliseconds here are minutes at the most: exact in a float.
        let id = set_timeout(&callback, milliseconds as f64);
        Self { id, _callback: callback }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.id);
    }
}
