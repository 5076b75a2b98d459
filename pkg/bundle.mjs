// How everything that ships is bundled, and made small: for the build, and for whoever weighs what is in it.
import { minify } from "terser";

export const OPTIONS = {
  bundle: true,
  format: "esm",
  platform: "neutral",
  target: ["chrome100", "firefox110", "node18", "safari16"],
  // A service worker may use neither; the build refuses them.
  supported: { "top-level-await": false, "dynamic-import": false },
  charset: "utf8",
  minify: true,
  legalComments: "none",
  logLevel: "warning",
  metafile: true,
  write: false,
};

/** What the bundler leaves, smaller by another twentieth after brotli. */
export const smallest = async (bundled) => (await minify(bundled, { module: true, ecma: 2021, compress: { passes: 5 } })).code;
