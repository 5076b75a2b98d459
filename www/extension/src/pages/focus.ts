// The focus, which a browser drops when what has it goes away. Whoever works by keyboard would begin at the top again.

/** Keeps it within a part of the page: it moves to what surrounded the element that is gone. */
export function keepFocus(part: HTMLElement | null): void {
  if (!part || kept.has(part)) return;
  kept.add(part);
  let around: Element[] = [];
  part.addEventListener("focusin", ({ target }) => {
    around = [];
    for (let element = target as Element | null; element && element !== document.body; element = element.parentElement) around.push(element);
  });
  // Whoever clicks beside everything wants to have it nowhere.
  document.addEventListener("pointerdown", () => (around = []));
  new MutationObserver(() => {
    if (document.activeElement !== document.body || !around.length || around[0]!.isConnected) return;
    const home = around.find(({ isConnected }) => isConnected);
    (home?.querySelector<HTMLElement>("[tabindex='-1']") ?? home?.querySelector<HTMLElement>("summary, button"))?.focus();
  }).observe(part, { childList: true, subtree: true });
}

const kept = new WeakSet<HTMLElement>();
