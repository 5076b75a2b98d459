//! Searches for an input that breaks one of the targets, or replays one that did.
//!
//! Compiled with `--cfg fuzzing`, as `cargo xtask fuzz` does, it is libFuzzer; without, `fuzz TARGET FILE` judges the
//! one input in that file, with an ordinary panic and its backtrace.

#![cfg_attr(fuzzing, no_main)]

/// Says which target libFuzzer feeds.
#[cfg(fuzzing)]
const TARGET: &str = "FUZZ_TARGET";

#[cfg(fuzzing)]
static CHOSEN: std::sync::OnceLock<fuzz::Target> = std::sync::OnceLock::new();

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(
    init: {
        let name = std::env::var(TARGET).unwrap_or_default();
        let target = fuzz::target(&name).unwrap_or_else(|| panic!("{TARGET} is {name:?}: there is no such target"));
        let _ = CHOSEN.set(target);
    },
    |data: &[u8]| {
        if let Some(target) = CHOSEN.get() {
            target(data);
        }
    }
);

#[cfg(not(fuzzing))]
fn main() -> std::process::ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [name, file] = words.as_slice() else {
        eprintln!("fuzz TARGET FILE, where TARGET is one of {}", fuzz::names().collect::<Vec<_>>().join(", "));
        return std::process::ExitCode::FAILURE;
    };
    match (fuzz::target(name), std::fs::read(file)) {
        (None, _) => eprintln!("there is no target {name:?}"),
        (_, Err(error)) => eprintln!("{file} can't be read: {error}"),
        (Some(target), Ok(data)) => {
            println!("{}", data.escape_ascii());
            target(&data);
            println!("everything holds");
            return std::process::ExitCode::SUCCESS;
        }
    }
    std::process::ExitCode::FAILURE
}
