//! From the crate to the smallest WebAssembly that does the job, and the glue that JavaScript needs for it.
//!
//! Cargo builds the standard library along, so that its panic texts, formatting and locations drop out; wasm-bindgen,
//! linked into this program at the version in `Cargo.lock`, makes the glue; wasm-opt has the last word.

use crate::command::npm_bin;
use crate::progress::Task;
use crate::repo::Repo;
use crate::setup;
use crate::stamp::{Inputs, Stamp, empty};
use crate::toolchain::{TARGET, Toolchain};
use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use walrus::{FunctionBuilder, FunctionKind, Module};
use wasmparser::{Parser, Payload};

/// The word with which Cargo calls this program back to run a test compiled to WebAssembly.
pub(crate) const TEST_RUNNER: &str = "wasm-test-runner";
/// The name of everything made here.
pub(crate) const NAME: &str = "phone_enrichment";

/// What every supported runtime has had for years (Node 18, Chrome 100, Safari 16, Firefox 110), and nothing newer.
const FEATURES: &[&str] = &[
    "--mvp-features",
    "--enable-mutable-globals",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-reference-types",
];
/// Small before fast: a lookup takes a network round trip, everybody downloads the file. Taking the control flow apart
/// and putting it together again (`--flatten --rereloop`) saves about
/// another 1 % after brotli; so does a last round, for less time than `--converge` takes.
/// Little is inlined: two calls of one function compress better than two copies. The compiler has inlined by then what
/// pays, see [`flags`].
/// Locals that share a number where they can, and the most used with the smallest, are another half a per cent.
/// Functions in the order of their names stand beside those of their module, which look alike: 1 % less after brotli.
/// Nothing lives below 1,024: that is the far end of the stack. And what JavaScript and WebAssembly call
/// each other by becomes a letter or two, see [`rename`].
const OPTIMIZE: &[&str] = &[
    "--low-memory-unused",
    "--one-caller-inline-max-function-size",
    "60",
    "--always-inline-max-function-size",
    "5",
    "-Oz",
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    "--coalesce-locals-learning",
    "--reorder-locals",
    "--vacuum",
    "--reorder-functions-by-name",
    "--minify-imports-and-exports-and-modules",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
];

/// For size alone the compiler inlines next to nothing. Of the thresholds from 5 to 90 this one made the smallest file,
/// and a check is a tenth faster than at 25.
/// Left to itself, the compiler inlines nothing before LLVM where size counts; what it would inline for speed makes the file
/// smaller by 3 % all the same.
const INLINING: &[&str] = &[
    "-Cllvm-args=-inline-threshold=65",
    "-Zinline-mir=yes",
    "-Zinline-mir-threshold=100",
    "-Zinline-mir-hint-threshold=100",
];

/// For speed: control flow stays as the compiler made it. What it left alone is not inlined, either: an engine takes longer to
/// optimize one large function than several, and optimizes even one that runs once if a loop of it runs often.
const OPTIMIZE_FOR_SPEED: &[&str] = &[
    "--low-memory-unused",
    "--one-caller-inline-max-function-size",
    "60",
    "-O3",
    "--coalesce-locals-learning",
    "--reorder-locals",
    "--vacuum",
    "--reorder-functions-by-name",
    "--minify-imports-and-exports-and-modules",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
];

/// One of the two modules that are made of the crate.
pub(crate) struct Kind {
    /// The name of everything made for it.
    pub(crate) name: &'static str,
    /// The folder below `target` that it is made in.
    folder: &'static str,
    /// The profile that it is compiled with, and the folder that Cargo has for that.
    profile: &'static str,
    /// What Cargo is told besides.
    flags: &'static [&'static str],
    /// What the compiler is told of inlining.
    inlining: &'static [&'static str],
    /// What wasm-opt is told.
    optimize: &'static [&'static str],
    /// What its start gives, with the types of that.
    gives: &'static [&'static str],
}

/// Single lookups.
pub(crate) const CLIENT: Kind = Kind {
    name: NAME,
    folder: "bindgen",
    profile: "release",
    flags: &["-Zbuild-std-features=optimize_for_size"],
    inlining: INLINING,
    optimize: OPTIMIZE,
    gives: &["Client", "check"],
};
/// Lists, which nobody downloads who has none. Fast before small, as one of them has a million rows.
pub(crate) const LISTS: Kind = Kind {
    name: "phone_enrichment_lists",
    folder: "bindgen-lists",
    profile: "lists",
    flags: &["--features", "lists"],
    inlining: &[],
    optimize: OPTIMIZE_FOR_SPEED,
    gives: &["List"],
};

/// What JavaScript needs.
pub(crate) struct Built {
    /// The folder with the glue, its types, and the WebAssembly.
    pub(crate) folder: PathBuf,
    /// The WebAssembly that ships.
    pub(crate) wasm: PathBuf,
}

/// Makes the WebAssembly and its glue, if anything changed.
pub(crate) fn build(repo: &Repo, kind: &Kind) -> Result<Built> {
    setup::npm(repo, "pkg")?;
    let toolchain = Toolchain::ready(repo)?;
    toolchain
        .cargo(repo, "compiling the core to WebAssembly", "build")
        .args(["--profile", kind.profile, "--lib", "-p", "phone-enrichment", "-Zbuild-std=std,panic_abort"])
        .args(kind.flags.iter().copied())
        .env("RUSTC_BOOTSTRAP", "1")
        .without_env("RUSTFLAGS")
        .env("CARGO_ENCODED_RUSTFLAGS", flags(repo, kind).join("\x1f"))
        .output()?;

    let compiled = compiled(repo, kind);
    let folder = repo.target(kind.folder);
    let built = Built { wasm: folder.join(kind.name).with_extension("wasm"), folder };
    let inputs =
        Inputs::new(repo)?.paths([compiled.clone(), repo.at("Cargo.lock"), repo.at("pkg/package-lock.json")])?;
    let stamp = Stamp::new(repo, kind.folder, &inputs);
    if stamp.holds(&[&built.wasm]) {
        return Ok(built);
    }
    stamp.clear();
    empty(&built.folder)?;
    // wasm-bindgen reads the sections that wasm-opt strips: only now may they go.
    let raw = bindgen(kind, &compiled, &built.folder, &[])?;
    disuse(&raw)?;
    let names = optimize(repo, kind, "shrinking the WebAssembly", &raw, &built.wasm)?;
    fs::remove_file(&raw)?;
    rename(kind, &built.folder.join(kind.name).with_extension("js"), &names)?;
    no_machine_paths(repo, &built)?;
    stamp.set("")?;
    Ok(built)
}

/// Makes what [`build`] shrinks, and leaves it in the folder, with the name of every function as the compiler wrote it.
pub(crate) fn named(repo: &Repo, folder: &Path) -> Result<PathBuf> {
    empty(folder)?;
    let raw = bindgen(&CLIENT, &compiled(repo, &CLIENT), folder, &["--no-demangle"])?;
    disuse(&raw)?;
    Ok(raw)
}

/// Empties what nobody calls and the function table keeps alive all the same: what js-sys has for futures, and
/// wasm-bindgen for closures. The core has neither; if it ever has, the first call traps, in every test.
fn disuse(wasm: &Path) -> Result<()> {
    let mut module = Module::from_file(wasm)?;
    let unused: Vec<_> = module
        .funcs
        .iter_local()
        .filter(|(id, _)| {
            let name = module.funcs.get(*id).name.as_deref().unwrap_or_default();
            ["7futures", "::futures::", "8closures", "::closures::"].iter().any(|part| name.contains(part))
        })
        .map(|(id, _)| id)
        .collect();
    for id in unused {
        let (parameters, results) = {
            let kind = module.types.get(module.funcs.get(id).ty());
            (kind.params().to_vec(), kind.results().to_vec())
        };
        let arguments = parameters.iter().map(|kind| module.locals.add(*kind)).collect();
        let mut body = FunctionBuilder::new(&mut module.types, &parameters, &results);
        body.func_body().unreachable();
        module.funcs.get_mut(id).kind = FunctionKind::Local(body.local_func(arguments));
    }
    module.emit_wasm_file(wasm)
}

/// Shrinks as the client that ships is shrunk.
pub(crate) fn shrink(repo: &Repo, what: &str, from: &Path, to: &Path) -> Result<String> {
    optimize(repo, &CLIENT, what, from, to)
}

/// Has wasm-opt make what ships; returns what it renamed, as it prints it.
fn optimize(repo: &Repo, kind: &Kind, what: &str, from: &Path, to: &Path) -> Result<String> {
    let names = npm_bin(repo, what, "pkg", "binaryen", "wasm-opt")?
        .args(FEATURES)
        .args(kind.optimize)
        .arg(from)
        .arg("-o")
        .arg(to)
        .output()?;
    unalign(to)?;
    Ok(names)
}

/// Takes back what loads and stores say of alignment. It is a hint that no engine of a supported runtime heeds, and always the
/// same byte weighs half a per cent less after brotli.
fn unalign(wasm: &Path) -> Result<()> {
    let mut bytes = fs::read(wasm)?;
    let mut hints = Vec::new();
    for payload in Parser::new(0).parse_all(&bytes) {
        let Payload::CodeSectionEntry(body) = payload? else { continue };
        for operator in body.get_operators_reader()?.into_iter_with_offsets() {
            let (_, at) = operator?;
            // From i32.load to i64.store32: the instruction, then its alignment, as a byte each.
            if matches!(bytes.get(at), Some(0x28..=0x3e)) {
                hints.push(at + 1);
            }
        }
    }
    for at in hints {
        *bytes.get_mut(at).context("a module ends in the middle of an instruction")? = 0;
    }
    Ok(fs::write(wasm, bytes)?)
}

/// Runs one test binary as `cargo test` asks for: the words are this program, then what Cargo gave.
pub(crate) fn run_tests<'a>(words: impl Iterator<Item = &'a OsString>) -> Result<()> {
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(words.cloned())
}

fn compiled(repo: &Repo, kind: &Kind) -> PathBuf {
    repo.target("wasm").join(TARGET).join(kind.profile).join(NAME).with_extension("wasm")
}

fn flags(repo: &Repo, kind: &Kind) -> Vec<String> {
    let mut flags: Vec<String> =
        ["-Zunstable-options", "-Cpanic=immediate-abort", "-Zlocation-detail=none", "-Zfmt-debug=none"]
            .map(String::from)
            .into();
    flags.extend(kind.inlining.iter().copied().map(String::from));
    // Whose machine built it is nobody's business, and would make the file differ from machine to machine.
    flags.extend(
        machine_paths(repo).into_iter().map(|(path, stand_in)| format!("--remap-path-prefix={path}={stand_in}")),
    );
    flags
}

/// Folders that could find their way into what is compiled, and what stands for each.
fn machine_paths(repo: &Repo) -> Vec<(String, &'static str)> {
    let home = std::env::var("HOME").unwrap_or_default();
    let cargo = std::env::var("CARGO_HOME").unwrap_or_else(|_| format!("{home}/.cargo"));
    let rustup = std::env::var("RUSTUP_HOME").unwrap_or_else(|_| format!("{home}/.rustup"));
    let root = repo.root().display().to_string();
    [(home, "home"), (rustup, "rustup"), (cargo, "cargo"), (root, "phone-enrichment")]
        .into_iter()
        .filter(|(path, _)| path.len() > 1)
        .collect()
}

/// Makes the glue in the folder, and beside it the WebAssembly that goes with it, which it returns.
fn bindgen(kind: &Kind, compiled: &Path, folder: &Path, flags: &[&str]) -> Result<PathBuf> {
    let _task = Task::start("making the glue");
    let fixed = ["wasm-bindgen", "--target", "web", "--omit-default-module-path", "--out-name", kind.name, "--out-dir"];
    let mut words: Vec<OsString> = fixed.map(OsString::from).into();
    words.extend([folder.into(), compiled.into()]);
    words.extend(flags.iter().map(OsString::from));
    wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(words).context("wasm-bindgen can't make the glue")?;
    Ok(folder.join(format!("{}_bg.wasm", kind.name)))
}

/// What the package starts the core with, inside of which stands all of the glue: each start has variables of its own, so that
/// what is left of an instance that trapped can neither reach nor harm the next one. The glue's own start also takes what
/// only some hosts have, and warns where it guesses; half of it would never be used, and a bundler can't tell which half.
const START: [&str; 2] = [
    "export async function start(source) {\n",
    "
    const made = await WebAssembly.instantiate(source, __wbg_get_imports());
    wasm = (made.instance ?? made).exports;
    wasm.__wbindgen_start();
    return { GIVES, module: made.module ?? source };
}
",
];
const START_TYPE: &str = "
/** What one start gives: the core, and the module, which starts again whatever became of its source. */
export interface Glue { GIVES; module: WebAssembly.Module }
export function start(source: BufferSource | WebAssembly.Module): Promise<Glue>;
";

/// What of the glue nothing here needs: from a text up to another one, and what stands there instead. Every supported runtime
/// has `encodeInto`; a client is never freed by hand; and a memory that grew has another buffer,
/// whether or not the old one says that it is detached.
const TRIMMED: &[(&str, &str, &str)] = &[
    ("    __destroy_into_raw() {", "    /**", ""),
    ("if (Symbol.dispose)", "\n", ""),
    ("cachedDataViewMemory0.buffer.detached === true ||", " cachedDataViewMemory0.buffer !==", ""),
    (
        "wasm.memory.buffer)) {\n        cachedDataView",
        "Memory0 = new",
        "wasm.memory.buffer) {\n        cachedDataView",
    ),
    ("    if (realloc === undefined) {", "    let len = arg.length;", ""),
    ("export { initSync", "\n", ""),
    ("if (!('encodeInto' in cachedTextEncoder)) {", "let WASM_VECTOR_LEN", ""),
];

fn trim(text: &str) -> Result<String> {
    let mut text = text.to_owned();
    for (from, to, instead) in TRIMMED {
        let (before, rest) = text.split_once(from).with_context(|| format!("the glue has no {from:?}"))?;
        let at = rest.find(to).with_context(|| format!("the glue has no {to:?} after {from:?}"))?;
        text = format!("{before}{instead}{}", rest.get(at..).unwrap_or_default());
    }
    Ok(text)
}

/// The names that wasm-opt gave, as it prints them: pairs for exports, and for imports their module before.
#[derive(serde::Deserialize)]
struct Names {
    imports: Vec<(String, String, String)>,
    exports: Vec<(String, String)>,
}

/// Gives the glue the names that the WebAssembly has now: each was a name with a hash, on both sides.
fn rename(kind: &Kind, glue: &Path, names: &str) -> Result<()> {
    let names: Names = serde_json::from_str(names).context("wasm-opt did not say what it renamed")?;
    let [before, after] = START;
    let text = trim(&fs::read_to_string(glue)?)?;
    // An import stands outside.
    let (imports, rest): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with("import "));
    let mut text =
        [&imports.join("\n"), "\n", before, &rest.join("\n"), &after.replace("GIVES", &kind.gives.join(", "))].concat();
    let mut replace = |old: String, new: String| {
        if !text.contains(&old) {
            bail!("the glue has no {old:?}, which the WebAssembly calls by another name now");
        }
        text = text.replace(&old, &new);
        Ok(())
    };
    if let Some((module, ..)) = names.imports.first() {
        replace(format!("{module:?}: import0"), "a: import0".into())?;
    }
    for (_, old, new) in names.imports {
        replace(format!(" {old}: function"), format!(" {new}: function"))?;
    }
    // Every use is followed by one of these, so that no name is taken for the beginning of a longer one.
    for (old, new) in names.exports {
        let uses = ["(", ".", ")", ";", ",", " "].map(|end| (format!("wasm.{old}{end}"), format!("wasm.{new}{end}")));
        for (old, new) in uses {
            let _ = replace(old, new);
        }
    }
    let text = text.replace("\nexport class ", "\nclass ").replace("\nexport function ", "\nfunction ");
    fs::write(glue, text)?;
    let types = glue.with_extension("d.ts");
    let gives: Vec<String> = kind.gives.iter().map(|name| format!("{name}: typeof {name}")).collect();
    fs::write(&types, fs::read_to_string(&types)? + &START_TYPE.replace("GIVES", &gives.join("; ")))?;
    Ok(())
}

fn no_machine_paths(repo: &Repo, built: &Built) -> Result<()> {
    let wasm = fs::read(&built.wasm)?;
    let has = |text: &str| wasm.windows(text.len()).any(|window| window == text.as_bytes());
    match machine_paths(repo).into_iter().map(|(path, _)| path).find(|path| has(path)) {
        Some(path) => bail!(
            "the WebAssembly holds the path {path} of this machine: add it to the remapped ones in xtask/src/wasm.rs"
        ),
        None => Ok(()),
    }
}
