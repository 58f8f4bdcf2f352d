/** What a record of a database holds. */
type Value = string | number | { readonly [name: string]: Value } | readonly Value[];

const RECORD_BITS = 24;
const DATA_GAP = 16;
const METADATA_MARK = Buffer.from("abcdef4d61784d696e642e636f6d", "hex");

/** Numbers are written as uint32 throughout, which every reader takes. */
function encode(value: Value): Buffer {
  if (typeof value === "string") return Buffer.concat([control(2, Buffer.byteLength(value)), Buffer.from(value)]);
  if (typeof value === "number") {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return Buffer.concat([control(6, 4), bytes]);
  }
  if (Array.isArray(value)) return Buffer.concat([Buffer.from([value.length, 4]), ...value.map(encode)]);
  const entries = Object.entries(value);
  return Buffer.concat([
    control(7, entries.length),
    ...entries.flatMap(([name, inner]) => [encode(name), encode(inner)]),
  ]);
}

function control(type: number, size: number): Buffer {
  if (size > 28) throw new Error("too long for a test's database");
  return Buffer.from([(type << 5) | size]);
}

/** A small database in MaxMind's format (version 2.0) of IPv4 subnets, none of which lies in another. */
export function makeMmdb(subnets: Readonly<Record<string, Value>>): Buffer {
  type Node = [left: number | "none" | { at: number }, right: number | "none" | { at: number }];
  const nodes: Node[] = [["none", "none"]];
  const records: Buffer[] = [];
  let size = 0;
  for (const [cidr, value] of Object.entries(subnets)) {
    const [address = "", length = "32"] = cidr.split("/");
    const bits = address
      .split(".")
      .map((octet) => Number(octet).toString(2).padStart(8, "0"))
      .join("");
    let node = 0;
    for (let depth = 0; depth < Number(length); depth++) {
      const side = bits[depth] === "1" ? 1 : 0;
      const here = nodes[node] as Node;
      if (depth === Number(length) - 1) {
        here[side] = { at: size };
      } else {
        if (typeof here[side] !== "number") here[side] = nodes.push(["none", "none"]) - 1;
        node = here[side] as number;
      }
    }
    const record = encode(value);
    records.push(record);
    size += record.length;
  }
  const tree = Buffer.alloc(nodes.length * 2 * (RECORD_BITS / 8));
  for (const [index, sides] of nodes.entries()) {
    for (const [side, to] of sides.entries()) {
      const number = to === "none" ? nodes.length : typeof to === "number" ? to : nodes.length + DATA_GAP + to.at;
      tree.writeUIntBE(number, (index * 2 + side) * 3, 3);
    }
  }
  const metadata = encode({
    node_count: nodes.length,
    record_size: RECORD_BITS,
    ip_version: 4,
    database_type: "test",
    languages: [],
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_700_000_000,
    description: {},
  });
  return Buffer.concat([tree, Buffer.alloc(DATA_GAP), ...records, METADATA_MARK, metadata]);
}
