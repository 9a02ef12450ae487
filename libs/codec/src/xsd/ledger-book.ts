import type { Ledger, LedgerEntry, SourcePlace } from '@bailey/contract';

const copyOf = ({ file, line }: SourcePlace): SourcePlace => ({ file, line });

/** Collects the ledger: what is supported once a construct, with a count; what is approximated or refused once a name. */
export class LedgerBook {
  readonly #supported = new Map<string, { entry: LedgerEntry; places: number }>();
  readonly #others = new Map<string, LedgerEntry>();

  supported(construct: string, name: string, place: SourcePlace): void {
    const known = this.#supported.get(construct);
    if (known !== undefined) known.places++;
    else
      this.#supported.set(construct, {
        entry: { construct, name, status: 'supported', where: copyOf(place) },
        places: 1,
      });
  }

  approximated(construct: string, name: string, place: SourcePlace, note: string): void {
    this.add({ construct, name, status: 'approximated', where: copyOf(place), note });
  }

  refused(construct: string, name: string, place: SourcePlace, note: string): void {
    this.add({ construct, name, status: 'refused', where: copyOf(place), note });
  }

  add(entry: LedgerEntry): void {
    const key = `${entry.status} ${entry.construct} ${entry.name} ${entry.note ?? ''}`;
    if (!this.#others.has(key)) this.#others.set(key, entry);
  }

  /** Refusals first, then approximations, then what is supported. */
  entries(): Ledger {
    const others = [...this.#others.values()];
    const supported = [...this.#supported.values()].map(({ entry, places }) =>
      places === 1 ? entry : { ...entry, note: `${places} places; the first is named.` },
    );
    return [
      ...others.filter((e) => e.status === 'refused'),
      ...others.filter((e) => e.status !== 'refused'),
      ...supported,
    ];
  }
}
