// What the build puts in place of modules that no file holds. (`#glue` is wasm-bindgen's own file and has its own types.)

declare module "#wasm" {
  /** The WebAssembly, decoded anew at each call. */
  export function wasmBytes(): Uint8Array<ArrayBuffer>;
}

declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
