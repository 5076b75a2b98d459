import { defineConfig } from "vite";
import { service } from "./service.ts";

export default defineConfig({
  plugins: [service()],
  // Nobody else's page has business with these servers.
  server: { cors: false },
  preview: {
    cors: false,
    // What a policy inside the page itself can't say.
    headers: {
      "Content-Security-Policy": "frame-ancestors 'none'",
      "Referrer-Policy": "no-referrer",
      "X-Content-Type-Options": "nosniff",
    },
  },
  build: {
    // Everything is a file of its own: the page's policy allows neither inline scripts nor data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Whatever the first view needs is one file: parts that come later share some of it, and would tear it apart.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "page", tags: ["$initial"] }] } } },
  },
});
