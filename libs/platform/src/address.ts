import ipaddr from 'ipaddr.js';

/** What an address may be used for: anything declared, only what is declared as loopback itself, nothing at all. */
export type AddressClass = 'ordinary' | 'loopback' | 'forbidden';

// Instance metadata outside the link-local range: AWS over IPv6, Alibaba, Azure's wire server, Oracle.
const METADATA = new Set(['fd00:ec2:0:0:0:0:0:254', '100.100.100.200', '168.63.129.16', '192.0.0.192']);
const LOOPBACK = 'loopback';
const FORBIDDEN = new Set(['unspecified', 'broadcast', 'multicast', 'linkLocal', 'discard']);

const fromBytes = (bytes: readonly number[]): ipaddr.IPv4 => new ipaddr.IPv4([...bytes]);

/** The IPv4 address that an IPv6 one stands for: mapped, compatible, NAT64 (RFC 6052), 6to4, Teredo. */
const embeddedIpv4 = (address: ipaddr.IPv6): ipaddr.IPv4 | undefined => {
  const bytes = address.toByteArray();
  const range = address.range();
  if (range === 'ipv4Mapped' || range === 'rfc6052' || range === 'rfc6145') return fromBytes(bytes.slice(12));
  if (range === '6to4') return fromBytes(bytes.slice(2, 6));
  if (range === 'teredo') return fromBytes(bytes.slice(12).map((byte) => byte ^ 0xff));
  const isCompatible = bytes.slice(0, 12).every((byte) => byte === 0) && bytes.slice(12, 15).some((byte) => byte !== 0);
  return isCompatible ? fromBytes(bytes.slice(12)) : undefined;
};

const classify = (address: ipaddr.IPv4 | ipaddr.IPv6): AddressClass => {
  const embedded = address instanceof ipaddr.IPv6 ? embeddedIpv4(address) : undefined;
  if (embedded !== undefined) return classify(embedded);
  const range = address.range();
  if (FORBIDDEN.has(range) || METADATA.has(address.toString()) || METADATA.has(address.toNormalizedString()))
    return 'forbidden';
  return range === LOOPBACK ? 'loopback' : 'ordinary';
};

/** `text` is an address as the system or a URL spells it; what is none is forbidden. */
export const addressClass = (text: string): AddressClass => {
  const bare = text.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  return ipaddr.isValid(bare) ? classify(ipaddr.parse(bare)) : 'forbidden';
};
