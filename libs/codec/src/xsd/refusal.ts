import type { LedgerEntry, SourcePlace } from '@bailey/contract';

/** Thrown while one type or operation is compiled; whoever compiles the next larger thing catches it and goes on. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly entry: LedgerEntry;

  constructor(construct: string, name: string, place: SourcePlace, note: string) {
    super(note);
    this.entry = { construct, name, status: 'refused', where: { file: place.file, line: place.line }, note };
  }
}
