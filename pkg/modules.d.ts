// What the build puts in place of modules that no file holds. (`#glue` is wasm-bindgen's own file and has its own types.)

declare module "#wasm" {
  /** The WebAssembly, decoded anew at each call; rejected where nothing can be compiled. */
  export function wasmBytes(): Promise<Uint8Array<ArrayBuffer>>;
}

declare module "#lists-wasm" {
  /** The WebAssembly of lists, decoded anew at each call; rejected where nothing can be compiled. */
  export function wasmBytes(): Promise<Uint8Array<ArrayBuffer>>;
}

declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}

// Of Node, no more than stores/file.ts needs: its types would change those of everything that runs elsewhere.

declare module "node:crypto" {
  export function createHash(algorithm: "sha256"): { update(text: string): { digest(encoding: "hex"): string } };
  export function randomUUID(): string;
}

declare module "node:fs/promises" {
  export interface FileHandle {
    close(): Promise<void>;
    readFile(): Promise<Uint8Array>;
    sync(): Promise<void>;
    truncate(length: number): Promise<void>;
    write(text: string, position: number): Promise<unknown>;
    writeFile(text: string): Promise<void>;
  }
  export function access(path: string): Promise<void>;
  export function mkdir(path: string, options: { recursive: true; mode: number }): Promise<string | undefined>;
  export function open(path: string, flags: "a" | "r" | "r+" | "wx", mode?: number): Promise<FileHandle>;
  export function opendir(path: string): Promise<AsyncIterable<{ name: string }>>;
  export function readdir(path: string): Promise<string[]>;
  export function readFile(path: string): Promise<Uint8Array>;
  export function readlink(path: string): Promise<string>;
  export function rename(from: string, to: string): Promise<void>;
  export function rmdir(path: string): Promise<void>;
  export function stat(path: string): Promise<{ mtimeMs: number }>;
  export function unlink(path: string): Promise<void>;
  export function utimes(path: string, accessed: Date, modified: Date): Promise<void>;
}

declare module "node:os" {
  export function hostname(): string;
}

declare module "node:path" {
  export function basename(path: string): string;
  export function dirname(path: string): string;
  export function join(...parts: string[]): string;
  export function resolve(path: string): string;
}

declare module "node:process" {
  const process: { pid: number; platform: string; kill(pid: number, signal: 0): void };
  export default process;
}
