//! What each part of the WebAssembly weighs: how much smaller the file that ships would be without it.
//!
//! In what the compiler and wasm-bindgen made, every function of the part gives way to one that does nothing, and data
//! that nothing else refers to gives way to zeros; then it is shrunk and compressed as what ships. So a part weighs
//! what it weighs among the others, with the calls of it and with what other crates do for it alone. The weights don't
//! add up: what two parts repeat counts for neither, what one crate does only for another counts for both, which
//! can make the rest negative.
//!
//! Inlined code can't be told apart, it counts for the part that it ended in: of the code of `identity` that was a
//! fifteenth when last looked up in debug information, half of it loops over what the caller brings. Drop glue and
//! generic code count for the crate that they are written in, unless they go because nothing else uses them.

use crate::command::Run;
use crate::package;
use crate::repo::Repo;
use crate::{size, wasm};
use anyhow::{Context, Result, bail};
use rustc_demangle::try_demangle;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use walrus::ir::{Const, Load, Store, UnaryOp, Value, Visitor, dfs_in_order};
use walrus::{
    ConstExpr, DataKind, ElementItems, ExportItem, Function, FunctionBuilder, FunctionId, FunctionKind, LocalFunction,
    Module, ValType,
};

/// Modules that are weighed as one; every other module of the crate, and every other crate, is weighed by itself.
struct Group {
    name: &'static str,
    /// One that is not there weighs nothing.
    modules: &'static [&'static str],
    /// The beginnings of data that is the group's, whatever refers to it: the functions that read it are inlined.
    data: &'static [&'static str],
}

const GROUPS: &[Group] = &[
    // Without `identity::text`: what of it only identity uses goes along, the rest would be needed all the same.
    Group {
        name: "identity",
        modules: &[
            "identity::canonical",
            "identity::email",
            "identity::issue",
            "identity::linkedin",
            "identity::name",
            "identity::web_address",
            "identity::website",
        ],
        data: &["not_linkedin\n"],
    },
    Group {
        name: "money",
        modules: &["breaker", "budget", "cache", "charge", "engine", "journal", "ledger", "retry"],
        data: &[],
    },
];
const OURS: &str = "phone_enrichment::";

/// Builds, then prints what each part weighs.
pub(crate) fn run(repo: &Repo, json: bool) -> Result<()> {
    package::build(repo)?;
    let folder = repo.target("breakdown");
    let named = wasm::named(repo, &folder)?;
    let parts = parts(&Module::from_file(&named)?);
    // The first is whole: what was done to the others to read and write them is done to it as well.
    let mut files = vec![without(repo, &named, &folder, "")?];
    for part in parts.keys() {
        files.push(without(repo, &named, &folder, part)?);
    }
    let weights = size::weigh_files(repo, &repo.at("pkg"), &files)?;
    let scripts = scripts(repo)?;
    let (whole, less) = weights.split_first().context("xtask/js/weigh.mjs weighed nothing")?;
    let mut rows: Vec<_> = parts
        .iter()
        .zip(less)
        .map(|((name, functions), less)| {
            let saved = |whole: u64, less: u64| whole.cast_signed() - less.cast_signed();
            (name.as_str(), *functions, saved(whole.raw, less.raw), saved(whole.brotli, less.brotli))
        })
        .collect();
    rows.sort_by_key(|(.., brotli)| -brotli);
    let sum = |column: fn(&(&str, usize, i64, i64)) -> i64| rows.iter().map(column).sum::<i64>();
    let rest = (whole.raw.cast_signed() - sum(|row| row.2), whole.brotli.cast_signed() - sum(|row| row.3));
    rows.push(("shared and the rest", 0, rest.0, rest.1));
    rows.push(("all", parts.values().sum(), whole.raw.cast_signed(), whole.brotli.cast_signed()));
    if json {
        let named: BTreeMap<_, _> = rows
            .iter()
            .map(|(name, functions, raw, brotli)| {
                (name, json!({ "functions": functions, "raw": raw, "brotli": brotli }))
            })
            .collect();
        let scripts: BTreeMap<_, _> =
            scripts.iter().map(|(name, raw, brotli)| (name, json!({ "raw": raw, "brotli": brotli }))).collect();
        println!("{}", json!({ "wasm": named, "js": scripts }));
    } else {
        println!("{:<32}{:>10}{:>10}{:>10}", "bytes", "functions", "raw", "brotli");
        for (name, functions, raw, brotli) in rows {
            println!("{name:<32}{functions:>10}{raw:>10}{brotli:>10}");
        }
        println!("\nand of the JavaScript beside it");
        for (name, raw, brotli) in scripts {
            println!("{name:<32}{:>10}{raw:>10}{brotli:>10}", "");
        }
    }
    Ok(())
}

/// What each module of the package's JavaScript weighs, raw and compressed.
fn scripts(repo: &Repo) -> Result<Vec<(String, i64, i64)>> {
    let run = Run::new("weighing the JavaScript", "node").arg(repo.at("xtask/js/weigh-modules.mjs"));
    let said = run.arg(repo.at("pkg")).arg(repo.target("bindgen")).output()?;
    serde_json::from_str(&said).context("xtask/js/weigh-modules.mjs did not print JSON")
}

fn is_ours(part: &str) -> bool {
    part.starts_with(OURS) || GROUPS.iter().any(|group| group.name == part)
}

/// How many functions each part has.
fn parts(module: &Module) -> BTreeMap<String, usize> {
    let mut parts = BTreeMap::new();
    for part in module.funcs.iter().filter_map(part) {
        *parts.entry(part).or_default() += 1;
    }
    parts
}

/// The part that a function is of; what has no mangled name is an import, or a door for JavaScript, and of none.
fn part(function: &Function) -> Option<String> {
    matches!(function.kind, FunctionKind::Local(_)).then_some(())?;
    Some(part_of(&format!("{:#}", try_demangle(function.name.as_deref()?).ok()?)))
}

/// A path begins after whatever says that it is a method or a trait's; what is built in has none, and is of `core`.
fn part_of(name: &str) -> String {
    let paths = name.split(|character: char| !character.is_alphanumeric() && !matches!(character, '_' | ':'));
    let path = paths.into_iter().find(|path| path.contains("::") && !path.starts_with(':')).unwrap_or("core::");
    let Some(inner) = path.strip_prefix(OURS) else {
        return path.split("::").next().unwrap_or_default().to_owned();
    };
    let is_in =
        |module: &&str| inner.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
    match GROUPS.iter().find(|group| group.modules.iter().any(is_in)) {
        Some(group) => group.name.to_owned(),
        None => format!("{OURS}{}", inner.split("::").next().unwrap_or_default()),
    }
}

/// Writes what would ship without the part.
fn without(repo: &Repo, named: &Path, folder: &Path, name: &str) -> Result<PathBuf> {
    let mut module = Module::from_file(named)?;
    let uses: Uses = module.funcs.iter_local().map(|(id, function)| (id, Use::of(function))).collect();
    let parts: BTreeMap<_, _> = module.funcs.iter().filter_map(|f| Some((f.id(), part(f)?))).collect();
    let removed: Functions = parts.iter().filter(|(_, part)| *part == name).map(|(id, _)| *id).collect();
    let doors = doors(&module);
    let before = live(&uses, &doors, &Functions::new());
    let after = live(&uses, &doors, &removed);
    // What only the removed code calls goes too, unless it is another part of ours: that gets a door of its own, or the
    // modules that lead to others would seem to weigh as much as these.
    let stays = |id: &&FunctionId| !removed.contains(id) && parts.get(id).is_some_and(|part| is_ours(part));
    let gone = before.difference(&after).filter(|id| !stays(id));
    let orphans: Functions =
        gone.flat_map(|id| &uses[id].functions).filter(stays).filter(|id| !after.contains(id)).copied().collect();
    for (number, id) in orphans.iter().enumerate() {
        module.exports.add(&format!("orphan {number}"), *id);
    }
    let after = live(&uses, &doors.union(&orphans).copied().collect(), &removed);
    let addresses = |live: &Functions| live.iter().flat_map(|id| uses[id].addresses.clone()).collect();
    let data = GROUPS.iter().find(|group| group.name == name).map_or(&[][..], |group| group.data);
    clear(&mut module, &addresses(&before), &addresses(&after), data)?;
    for id in removed {
        idle(&mut module, id)?;
    }
    let (raw, name) = (folder.join("without.wasm"), if name.is_empty() { "nothing" } else { name });
    let shrunk = folder.join(format!("{}.wasm", name.replace("::", ".")));
    std::fs::write(&raw, module.emit_wasm())?;
    wasm::shrink(repo, &format!("shrinking the WebAssembly without {name}"), &raw, &shrunk)?;
    Ok(shrunk)
}

type Functions = BTreeSet<FunctionId>;
type Addresses = BTreeSet<u32>;
type Uses = BTreeMap<FunctionId, Use>;

/// What a function refers to. Whether a number is an address, its value tells: there are few others so large.
#[derive(Default)]
struct Use {
    functions: Functions,
    addresses: Addresses,
}

impl Use {
    fn of(function: &LocalFunction) -> Self {
        let mut this = Self::default();
        dfs_in_order(&mut this, function, function.entry_block());
        this
    }
}

impl Visitor<'_> for Use {
    fn visit_function_id(&mut self, function: &FunctionId) {
        self.functions.insert(*function);
    }

    fn visit_const(&mut self, instruction: &Const) {
        if let Value::I32(value) = instruction.value {
            self.addresses.insert(value.cast_unsigned());
        }
    }

    fn visit_load(&mut self, instruction: &Load) {
        self.addresses.extend(u32::try_from(instruction.arg.offset));
    }

    fn visit_store(&mut self, instruction: &Store) {
        self.addresses.extend(u32::try_from(instruction.arg.offset));
    }
}

/// Where JavaScript comes in: by name, or through the table.
fn doors(module: &Module) -> Functions {
    let tabled = module.elements.iter().flat_map(|element| match &element.items {
        ElementItems::Functions(functions) => functions.clone(),
        ElementItems::Expressions(..) => Vec::new(),
    });
    let exported = module.exports.iter().filter_map(|export| match export.item {
        ExportItem::Function(function) => Some(function),
        _ => None,
    });
    exported.chain(tabled).chain(module.start).collect()
}

/// The functions that a door leads to, but for the removed ones and those that only they lead to.
fn live(uses: &Uses, doors: &Functions, removed: &Functions) -> Functions {
    let (mut live, mut waiting) = (Functions::new(), doors.clone());
    while let Some(id) = waiting.pop_first() {
        // An import has no body.
        let Some(used) = uses.get(&id).filter(|_| !removed.contains(&id)) else { continue };
        if live.insert(id) {
            waiting.extend(&used.functions);
        }
    }
    live
}

/// Zeros, from each address to the next one, the data that could be reached before and can't be any more, and the data
/// with these beginnings.
fn clear(module: &mut Module, before: &Addresses, after: &Addresses, beginnings: &[&str]) -> Result<()> {
    // What is initialized is active, and at an address that is a number.
    let segments: Vec<_> = module
        .data
        .iter()
        .filter_map(|segment| match segment.kind {
            DataKind::Active { offset: ConstExpr::Value(Value::I32(start)), .. } => {
                Some((segment.id(), start.cast_unsigned()))
            }
            _ => None,
        })
        .collect();
    let mut data = BTreeMap::new();
    for (id, start) in &segments {
        data.extend((*start..).zip(module.data.get(*id).value.iter().copied()));
    }
    let pointers = |from: u32, to: u32| {
        let places = data.range(from..to).map(|(place, _)| *place).filter(|place| place % 4 == 0);
        places.filter_map(|place| {
            let bytes: Vec<u8> = data.range(place..place + 4).map(|(_, byte)| *byte).collect();
            Some(u32::from_le_bytes(bytes.try_into().ok()?)).filter(|pointer| data.contains_key(pointer))
        })
    };
    let bounds: Addresses = before.iter().copied().chain(pointers(0, u32::MAX)).collect();
    let next = |address: u32| bounds.range(address + 1..).next().copied().unwrap_or(u32::MAX);
    let reached = |addresses: &Addresses| {
        let (mut reached, mut waiting) = (Addresses::new(), addresses.clone());
        while let Some(address) = waiting.pop_first() {
            if data.contains_key(&address) && reached.insert(address) {
                waiting.extend(pointers(address, next(address)));
            }
        }
        reached
    };
    let mut lost: Addresses = reached(before).difference(&reached(after)).copied().collect();
    for beginning in beginnings {
        let begins =
            |from: &&u32| data.range(**from..).map(|(_, byte)| *byte).take(beginning.len()).eq(beginning.bytes());
        lost.insert(*bounds.iter().find(begins).with_context(|| format!("no data begins with {beginning:?}"))?);
    }
    let lost: Vec<_> = lost.into_iter().map(|from| from..next(from)).collect();
    for (id, start) in segments {
        for (address, byte) in (start..).zip(&mut module.data.get_mut(id).value) {
            if lost.iter().any(|range| range.contains(&address)) {
                *byte = 0;
            }
        }
    }
    Ok(())
}

/// Takes a function's work away. Its result is one that nobody can foresee: after a trap or a constant, wasm-opt would
/// take away what its callers do with it, too.
fn idle(module: &mut Module, id: FunctionId) -> Result<()> {
    let stack = module.globals.iter().find(|global| global.mutable && global.ty == ValType::I32);
    let stack = stack.context("the WebAssembly has no stack pointer")?.id();
    let function = module.funcs.get(id).kind.unwrap_local();
    let (ty, args) = (module.types.get(function.ty()), function.args.clone());
    let (params, results) = (ty.params().to_vec(), ty.results().to_vec());
    let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
    let mut body = builder.func_body();
    for result in results {
        match result {
            ValType::I32 => body.global_get(stack),
            ValType::I64 => body.global_get(stack).unop(UnaryOp::I64ExtendUI32),
            ValType::F32 => body.global_get(stack).unop(UnaryOp::F32ConvertUI32),
            ValType::F64 => body.global_get(stack).unop(UnaryOp::F64ConvertUI32),
            ValType::Ref(ty) => body.ref_null(ty),
            ValType::V128 => bail!("the WebAssembly has vectors, which the runtimes may not know"),
        };
    }
    module.funcs.get_mut(id).kind = FunctionKind::Local(builder.local_func(args));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::part_of;

    #[test]
    fn a_function_is_of_the_module_that_its_path_begins_with() {
        for (name, part) in [
            ("phone_enrichment::lookup::check", "phone_enrichment::lookup"),
            ("<phone_enrichment::identity::email::Email>::parse", "identity"),
            (
                "<phone_enrichment::wasm::text::JsText as phone_enrichment::identity::text::Text>::nfc",
                "phone_enrichment::wasm",
            ),
            ("<phone_enrichment::wasm::call::Call>::tell", "phone_enrichment::wasm"),
            ("phone_enrichment::lookup::checks::{closure#1}", "phone_enrichment::lookup"),
            ("core::ptr::drop_in_place::<phone_enrichment::identity::issue::Issue>", "core"),
            ("<[u8] as alloc::borrow::ToOwned>::to_owned", "alloc"),
            ("<char>::is_whitespace", "core"),
        ] {
            assert_eq!(part_of(name), part, "{name}");
        }
    }
}
