import { defineConfig } from "wxt";

/** The site beside whose pages the panel stands: of its tabs, and of no other, the extension may know the address. */
const SITE = "https://*.linkedin.com/*";

/** Preact can be told to take a text for markup. Nothing here does; so that nothing ever can, it is made to take it for text. */
const noMarkup = {
  name: "no-markup",
  transform: (code: string, id: string) => (/\/preact\/dist\//.test(id) ? { code: code.replaceAll(".innerHTML", ".textContent"), map: null } : undefined),
};

export default defineConfig({
  srcDir: "src",
  outDir: "dist",
  publicDir: "src/public",
  // Nothing is imported behind anybody's back.
  imports: false,
  manifestVersion: 3,
  hooks: {
    // The bundler takes the page's title, which is in one language.
    "build:manifestGenerated": (_, manifest) => {
      if (manifest.sidebar_action) manifest.sidebar_action.default_title = "__MSG_extension_name__";
    },
  },
  vite: () => ({ plugins: [noMarkup], oxc: { jsx: { runtime: "automatic", importSource: "preact" } }, build: { modulePreload: false } }) as object,
  manifest: ({ browser }) => ({
    name: "__MSG_extension_name__",
    description: "__MSG_extension_description__",
    default_locale: "en",
    permissions: browser === "chrome" ? ["storage", "sidePanel"] : ["storage"],
    host_permissions: [SITE],
    // Asked for in the options, when somebody chooses to go without a Worker.
    optional_host_permissions: ["https://app.ecoreservice.com/*"],
    content_security_policy: { extension_pages: "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; connect-src 'self' https: http://127.0.0.1:* http://localhost:*; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'" },
    action: { default_title: "__MSG_open_panel__" },
    commands: {
      [browser === "chrome" ? "_execute_action" : "_execute_sidebar_action"]: {
        suggested_key: { default: "Alt+P" },
        ...(browser === "chrome" ? {} : { description: "__MSG_open_panel__" }),
      },
    },
    ...(browser === "chrome"
      ? { minimum_chrome_version: "116" }
      : { browser_specific_settings: { gecko: { id: "phone-enrichment@example.com", strict_min_version: "128.0", data_collection_permissions: { required: ["personallyIdentifyingInfo"] } } } }),
  }),
});
