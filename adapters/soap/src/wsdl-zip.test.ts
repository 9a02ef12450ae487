import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AdapterHost } from '@bailey/contract';
import { describeWsdl } from './describe.ts';
import { readZip } from './wsdl-zip.ts';

interface Written {
  name: string;
  data: Buffer;
  stored?: boolean;
  /** Size that the directory claims, when it lies. */
  claimed?: number;
}

const header = (signature: number, length: number): Buffer => {
  const bytes = Buffer.alloc(length);
  bytes.writeUInt32LE(signature);
  return bytes;
};

/** A zip writer of its own, after APPNOTE 4.3. */
const zip = (files: Written[], comment = ''): Buffer => {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data, stored, claimed } of files) {
    const packed = stored ? data : deflateRawSync(data);
    const fields = (bytes: Buffer, at: number): Buffer => {
      bytes.writeUInt16LE(stored ? 0 : 8, at);
      bytes.writeUInt32LE(packed.length, at + 10);
      bytes.writeUInt32LE(claimed ?? data.length, at + 14);
      bytes.writeUInt16LE(Buffer.byteLength(name), at + 18);
      return bytes;
    };
    const entry = fields(header(0x02014b50, 46), 10);
    entry.writeUInt32LE(offset, 42);
    directory.push(entry, Buffer.from(name));
    const local = [fields(header(0x04034b50, 30), 8), Buffer.from(name), packed];
    locals.push(...local);
    offset += Buffer.concat(local).length;
  }
  const central = Buffer.concat(directory);
  const end = header(0x06054b50, 22);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...locals, central, end, Buffer.from(comment)]);
};

const text = (value: string): Buffer => Buffer.from(value);

describe('a zip archive', () => {
  it('gives its files by path, packed or stored, folders left out', () => {
    const files = readZip(
      zip(
        [
          { name: 'a/', data: text('') },
          { name: 'a/b.wsdl', data: text('<b/>') },
          { name: 'c.xsd', data: text('<c/>'), stored: true },
        ],
        'a comment',
      ),
      'x.zip',
    );
    expect([...files].map(([name, bytes]) => [name, Buffer.from(bytes).toString()])).toEqual([
      ['a/b.wsdl', '<b/>'],
      ['c.xsd', '<c/>'],
    ]);
  });

  it.each([
    ['a path upwards', zip([{ name: '../evil.wsdl', data: text('x') }]), /leaves the archive/],
    ['an absolute path', zip([{ name: '/etc/passwd', data: text('x') }]), /leaves the archive/],
    ['a drive', zip([{ name: 'C:/x', data: text('x') }]), /leaves the archive/],
    ['a backslash', zip([{ name: '..\\x', data: text('x') }]), /leaves the archive/],
    ['a NUL', zip([{ name: 'a\0.wsdl', data: text('x') }]), /leaves the archive/],
    ['a bomb', zip([{ name: 'a.wsdl', data: Buffer.alloc(1_000_000) }]), /more than 100:1/],
    ['a bomb that hides its size', zip([{ name: 'a.wsdl', data: Buffer.alloc(1_000_000), claimed: 10 }]), /broken/],
    [
      'an entry that claims too much',
      zip([{ name: 'a.wsdl', data: text('x'), claimed: 0x7fffffff }]),
      /larger than 64 MB/,
    ],
    ['an entry of another length', zip([{ name: 'a.wsdl', data: text('x'), claimed: 5 }]), /not as long/],
    ['no zip', text('PK? no'), /not a zip archive/],
    ['a cut one', zip([{ name: 'a.wsdl', data: text('x'.repeat(500)) }]).subarray(60), /.+/],
  ])('is refused with %s', (_, bytes, message) => {
    expect(() => readZip(bytes, 'x.zip')).toThrow(message);
  });

  it('gives back what was put in, and fails with a refusal on any damage', () => {
    const archive = zip([
      { name: 'a.wsdl', data: text('<definitions>'.repeat(20)) },
      { name: 'b.xsd', data: text('<schema/>') },
    ]);
    fc.assert(
      fc.property(fc.nat(archive.length - 1), fc.nat(255), (at, byte) => {
        const damaged = Buffer.from(archive);
        damaged[at] = byte;
        try {
          readZip(damaged, 'x.zip');
        } catch (error) {
          expect(error).toMatchObject({ code: 'SOURCE_REFUSED' });
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a WSDL in an archive', () => {
  const definitions = (body: string) =>
    text(`<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" targetNamespace="urn:t">${body}</definitions>`);
  const describeZip = (files: Written[]) => {
    const host = {
      readFile: () => Promise.resolve(zip(files)),
      signal: new AbortController().signal,
    } as unknown as AdapterHost;
    return describeWsdl({ wsdl: 'x.zip' }, host, { operations: {} });
  };

  it('is the one that no other imports', async () => {
    const files = [
      { name: 'd/abstract.wsdl', data: definitions('<message name="m"/>') },
      { name: 'd/main.wsdl', data: definitions('<import namespace="urn:t" location="./abstract.wsdl"/>') },
    ];
    const { ledger } = await describeZip(files);
    expect(ledger.find(({ construct }) => construct === 'wsdl:import')).toMatchObject({
      status: 'supported',
      where: { file: 'd/main.wsdl' },
    });
  });

  it.each([
    ['none', [{ name: 'a.xsd', data: text('<a/>') }], /no .wsdl/],
    [
      'two',
      [
        { name: 'a.wsdl', data: definitions('') },
        { name: 'b.wsdl', data: definitions('<types/>') },
      ],
      /several: a.wsdl, b.wsdl/,
    ],
  ])('is refused where there is %s', async (_, files, message) => {
    await expect(describeZip(files)).rejects.toThrow(message);
  });
});
