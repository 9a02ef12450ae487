import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const BENCH = dirname(dirname(fileURLToPath(import.meta.url)));
export const REPORT_WSDL = join(BENCH, 'report.wsdl');

/** The sizes that are measured: the envelope's, as it goes over the wire. */
export const SIZES = { '1 kB': 3, '30 kB': 118 } as const;
export type Size = keyof typeof SIZES;
export const SIZE_NAMES = Object.keys(SIZES) as Size[];

/** Where the canned server has the answer of a size. */
export const pathOf = (size: Size): string => `/${SIZES[size]}`;

// One row in eleven has what slows a decoder down: entities and letters beyond ASCII.
const holderOf = (index: number): string => (index % 11 === 0 ? 'Müller &amp; Söhne' : `Holder ${index}`);

const row = (index: number): string =>
  `<r:rows kind="booking"><r:number>${index}</r:number><r:account>${9007199254740993n + BigInt(index)}</r:account>` +
  `<r:holder>${holderOf(index)}</r:holder><r:amount>${index}.40</r:amount>` +
  `<r:bookedAt>2026-11-${String((index % 28) + 1).padStart(2, '0')}T08:30:00Z</r:bookedAt><r:open>${index % 2 === 0}</r:open>` +
  `<r:remark>nothing of note</r:remark></r:rows>`;

/** A canned answer of `rows` rows. */
export const envelope = (rows: number): string =>
  '<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>' +
  '<r:GetReportResponse xmlns:r="urn:bench:report"><r:title>Bookings</r:title>' +
  Array.from({ length: rows }, (_, index) => row(index)).join('') +
  '</r:GetReportResponse></s:Body></s:Envelope>';

export const REQUEST_ENVELOPE =
  '<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>' +
  '<r:GetReport xmlns:r="urn:bench:report"><r:id>4711</r:id></r:GetReport></s:Body></s:Envelope>';

export const REQUEST_JSON = '{"id":"4711"}';
