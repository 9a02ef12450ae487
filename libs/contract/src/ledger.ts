/** The import report: what became of each construct of a WSDL, schema or copybook. Nothing is dropped silently. */
export interface LedgerEntry {
  /** The construct in the source's own words: `xsd:choice`, `soap:binding`, `OCCURS DEPENDING ON`. */
  construct: string;
  /** The native name of the thing it stands on. */
  name: string;
  status: 'supported' | 'approximated' | 'refused';
  where: SourcePlace;
  /** How it is approximated, or why it is refused and what to try. */
  note?: string;
}

/** A place in a source: 1-based line. `file` is as the user named it, or relative to the entry file. */
export interface SourcePlace {
  file: string;
  line: number;
}

export type Ledger = LedgerEntry[];
