/** The keys by which two addresses are compared. */
export type AddressKeys = {
  /** `4:` and the IPv4 address, or `6:` and the first 64 bits of an IPv6 address. */
  readonly address: string;
  /** `4:` and the first 24 bits, or `6:` and the first 48. */
  readonly prefix: string;
};

/**
 * Cuts an address into its keys. IPv4 mapped into IPv6 (`::ffff:a.b.c.d`, RFC 4291 section 2.5.5.2) counts as IPv4, and `::1`
 * as 127.0.0.1, so that one machine is one address. `undefined` for text that is no address.
 */
export function addressKeys(text: string): AddressKeys | undefined {
  const octets = parseIpv4(text);
  if (octets) return ipv4Keys(octets);
  const groups = parseIpv6(text);
  if (!groups) return undefined;
  const embedded = embeddedIpv4(groups);
  if (embedded) return ipv4Keys(embedded);
  const hex = groups.map((group) => group.toString(16));
  return { address: `6:${hex.slice(0, 4).join(":")}`, prefix: `6:${hex.slice(0, 3).join(":")}` };
}

type Octets = readonly [number, number, number, number];

function ipv4Keys([a, b, c, d]: Octets): AddressKeys {
  const prefix = `4:${a}.${b}.${c}`;
  return { address: `${prefix}.${d}`, prefix };
}

const DOTTED = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

function parseIpv4(text: string): Octets | undefined {
  const parts = DOTTED.exec(text);
  if (!parts) return undefined;
  const octets: Octets = [Number(parts[1]), Number(parts[2]), Number(parts[3]), Number(parts[4])];
  return Math.max(...octets) <= 255 ? octets : undefined;
}

function parseIpv6(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(parseGroups);
  if (!head) return undefined;
  if (halves.length === 1) return head.length === 8 ? head : undefined;
  if (!tail || head.length + tail.length > 7) return undefined;
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

/** Groups between two `::`; the last may be a dotted IPv4 address, which stands for two. */
function parseGroups(text: string): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const octets = index === parts.length - 1 ? parseIpv4(part) : undefined;
    if (!octets) return undefined;
    const [a, b, c, d] = octets;
    groups.push(a * 256 + b, c * 256 + d);
  }
  return groups;
}

function embeddedIpv4(groups: readonly number[]): Octets | undefined {
  const [mark, high, low] = groups.slice(5);
  if (mark === undefined || high === undefined || low === undefined) return undefined;
  if (!groups.slice(0, 5).every((group) => group === 0)) return undefined;
  if (mark === 0xffff) return [high >> 8, high & 255, low >> 8, low & 255];
  return mark === 0 && high === 0 && low === 1 ? [127, 0, 0, 1] : undefined;
}
