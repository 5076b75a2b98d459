/** Waiting that ends with the sandbox: whatever still waits when it closes is let go. */

export function createClock() {
  /** @type {Map<NodeJS.Timeout, (reason: Error) => void>} */
  const waiting = new Map();
  const clock = {
    stopped: false,
    /** @param {number} ms @returns {Promise<void>} rejects when the sandbox closes meanwhile */
    wait: (ms) => new Promise((resolve, reject) => {
      if (clock.stopped) return reject(new Error('the sandbox is closed'));
      const timer = setTimeout(() => {
        waiting.delete(timer);
        resolve();
      }, ms);
      waiting.set(timer, reject);
      return undefined;
    }),
    stop() {
      clock.stopped = true;
      for (const [timer, reject] of waiting) {
        clearTimeout(timer);
        reject(new Error('the sandbox is closed'));
      }
      waiting.clear();
    },
  };
  return clock;
}
