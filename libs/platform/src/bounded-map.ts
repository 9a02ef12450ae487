/** A map that forgets its oldest entry. */
export class BoundedMap<Value> {
  readonly #entries = new Map<string, Value>();
  readonly #size: number;
  readonly #dropped: (value: Value) => void;

  constructor(size: number, dropped: (value: Value) => void = () => undefined) {
    this.#size = size;
    this.#dropped = dropped;
  }

  get(key: string, create: () => Value): Value {
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const created = create();
    if (this.#entries.size >= this.#size) this.#dropOldest();
    this.#entries.set(key, created);
    return created;
  }

  drain(): Value[] {
    const values = [...this.#entries.values()];
    this.#entries.clear();
    return values;
  }

  #dropOldest(): void {
    const [key, value] = this.#entries.entries().next().value!;
    this.#entries.delete(key);
    this.#dropped(value);
  }
}
