// The background: listeners, all of them there before anything is waited for, since a browser that wakes it up has an event
// for it. What it does is done at the desk.
import * as v from "valibot";
import { browser } from "wxt/browser";
import { defineBackground } from "wxt/utils/define-background";
import { done } from "../desk.ts";
import { Message, PAGES } from "../messages.ts";
import { shutOutScripts } from "../settings.ts";

/** Whether a message comes from one of the extension's own pages, and from one that may send it. */
function isAllowed(message: Message, sender: { id?: string; url?: string; origin?: string }): boolean {
  if (sender.id !== browser.runtime.id || !sender.url) return false;
  return PAGES[message.kind].some((page) => sender.url!.split(/[?#]/)[0] === browser.runtime.getURL(`/${page}` as never));
}

export default defineBackground({
  type: "module",
  main() {
    browser.runtime.onMessage.addListener((raw: unknown, sender, answer) => {
      const parsed = v.safeParse(Message, raw);
      if (!parsed.success || !isAllowed(parsed.output, sender)) return undefined;
      done(parsed.output).then(
        (value) => answer({ answer: value }),
        // Nothing of what was thrown goes anywhere: it may hold anybody's data.
        () => answer({ error: true }),
      );
      return true;
    });

    browser.runtime.onInstalled.addListener(({ reason }) => {
      if (reason === "install") void browser.tabs.create({ url: browser.runtime.getURL("/welcome.html") });
    });

    // Chromium opens the panel by itself; in Firefox nothing may be waited for before it, or the click is forgotten.
    if (browser.sidePanel) void browser.sidePanel.setPanelBehavior({ openPanelOnActionClick: true });
    else browser.action.onClicked.addListener(() => void (browser as unknown as { sidebarAction: { toggle(): Promise<void> } }).sidebarAction.toggle());

    void shutOutScripts();
  },
});
