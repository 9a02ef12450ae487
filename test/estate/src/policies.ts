/** The insurer's policy file. Dates are `YYYY-MM-DD`, amounts decimal text, `null` a nil element, absent an absent one. */
export interface Policy {
  policyNumber: string;
  version: number;
  region?: string;
  status: 'ACTIVE' | 'PENDING' | 'LAPSED' | 'CANCELLED';
  product: 'MOTOR' | 'HOME-CONTENTS' | 'LIABILITY';
  holder: Person | Company;
  address: Address;
  premium: string;
  startDate: string;
  endDate?: string;
  changedAt: string;
  bookedAt: string;
  ledgerNumber: string;
  agentCode: string | null;
  remarks?: string;
  coverages: readonly Coverage[];
}

export interface Person {
  firstName: string;
  lastName: string;
  birthDate?: string;
}

export interface Company {
  companyName: string;
  taxId?: string;
  employees?: number;
}

export interface Address {
  line: readonly string[];
  postCode: string;
  city: string;
  country: string;
}

export interface Coverage {
  code: string;
  name: string;
  limit: { amount: string; currency: string };
  deductible?: string;
  exclusions: readonly string[];
}

export const holderName = (holder: Person | Company): string =>
  'companyName' in holder ? holder.companyName : `${holder.firstName} ${holder.lastName}`;

/** A fresh copy of the file, so that each server that is started has its own to change. */
export const samplePolicies = (): Policy[] => structuredClone(SAMPLE);

const SAMPLE: Policy[] = [
  {
    policyNumber: '0007',
    version: 3,
    region: 'NORTH',
    status: 'ACTIVE',
    product: 'MOTOR',
    holder: { firstName: 'Zoë', lastName: 'Müller-Brontë', birthDate: '1971-02-28' },
    address: { line: ['Große Bleichen 7', '3. Stock'], postCode: '20354', city: 'Hamburg', country: 'DE' },
    premium: '123.40',
    startDate: '2019-03-31',
    changedAt: '2024-10-27T02:30:00.123+01:00',
    bookedAt: '2024-03-10T02:30:00',
    // One more than a double can hold.
    ledgerNumber: '9007199254740993',
    agentCode: null,
    remarks: '',
    coverages: [
      {
        code: 'TPL',
        name: 'Third party liability',
        limit: { amount: '100000000.00', currency: 'EUR' },
        exclusions: ['racing', 'wilful damage'],
      },
      {
        code: 'GLS',
        name: 'Glass',
        limit: { amount: '2500.00', currency: 'EUR' },
        deductible: '150.00',
        exclusions: [],
      },
    ],
  },
  {
    policyNumber: '4711',
    version: 12,
    status: 'ACTIVE',
    product: 'LIABILITY',
    holder: { companyName: 'Smith & Sons <Haulage> Ltd', taxId: 'GB 123 4567 89', employees: 240 },
    address: { line: ['1 Dock "Gate" Road'], postCode: 'L3 4AE', city: 'Liverpool', country: 'GB' },
    premium: '98000.00',
    startDate: '2021-01-01',
    endDate: '2026-12-31',
    changedAt: '2025-06-30T23:59:59Z',
    bookedAt: '2025-07-01T00:59:59.5',
    ledgerNumber: '-9223372036854775808',
    agentCode: 'A-17',
    coverages: [],
  },
  {
    policyNumber: '0815',
    version: 1,
    region: '',
    status: 'LAPSED',
    product: 'HOME-CONTENTS',
    holder: { firstName: '太郎', lastName: '山田' },
    address: { line: ['千代田1-1'], postCode: '100-0001', city: '東京', country: 'JP' },
    premium: '0.00',
    startDate: '2001-02-03',
    endDate: '2004-02-29',
    changedAt: '2004-03-01T09:00:00+09:00',
    bookedAt: '2004-03-01T09:00:00',
    ledgerNumber: '42',
    agentCode: '',
    remarks: '  Umlaute im Archiv: ä ö ü,\nzwei Zeilen 🏠',
    coverages: [
      {
        code: 'FIR',
        name: 'Fire',
        limit: { amount: '5000000', currency: 'JPY' },
        deductible: '0',
        exclusions: ['earthquake'],
      },
    ],
  },
  {
    policyNumber: '20240001',
    version: 1,
    status: 'PENDING',
    product: 'MOTOR',
    holder: { firstName: 'Aoife', lastName: "O'Connor", birthDate: '1999-12-31' },
    address: { line: ['12 Main Street'], postCode: 'D02 XY45', city: 'Dublin', country: 'IE' },
    premium: '412.05',
    startDate: '2024-01-01',
    changedAt: '2023-12-31T24:00:00Z',
    bookedAt: '2023-12-31T18:00:00',
    ledgerNumber: '9223372036854775807',
    agentCode: 'A-03',
    remarks: 'Waiting for the inspection report.',
    coverages: [],
  },
  {
    policyNumber: '20230099',
    version: 7,
    region: 'SOUTH',
    status: 'CANCELLED',
    product: 'MOTOR',
    holder: { companyName: 'Łódź Textil Sp. z o.o.' },
    address: { line: ['ul. Piotrkowska 1'], postCode: '90-001', city: 'Łódź', country: 'PL' },
    premium: '77.7',
    startDate: '2023-05-05',
    endDate: '2023-11-05',
    changedAt: '2023-11-05T12:00:00-05:00',
    bookedAt: '2023-11-05T12:00:00',
    ledgerNumber: '1000000000000',
    agentCode: null,
    coverages: [],
  },
];
