/** Counts the calls that are inside something, so that it is closed when the last has left and not before. */
export class Lease {
  #inside = 0;
  #drained: (() => void) | undefined;

  get inside(): number {
    return this.#inside;
  }

  /** The returned function leaves; calling it again changes nothing. */
  enter(): () => void {
    this.#inside++;
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      if (--this.#inside === 0) this.#drained?.();
    };
  }

  /** Resolves at the moment when nobody is inside. */
  drained(): Promise<void> {
    return this.#inside === 0 ? Promise.resolve() : new Promise((resolve) => (this.#drained = resolve));
  }
}
