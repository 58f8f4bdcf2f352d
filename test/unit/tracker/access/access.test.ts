import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { ADDRESS_REPORT_LIMIT, createAddressLedger } from "../../../../tracker/access/address-ledger.ts";
import { clientAddress } from "../../../../tracker/access/client-address.ts";
import { createHomes } from "../../../../tracker/access/homes.ts";
import { localityOf, swarmIdOf } from "../../../../tracker/access/keyed-hash.ts";
import { createLocalities } from "../../../../tracker/access/localities.ts";
import { originAllowed } from "../../../../tracker/access/origins.ts";
import { ADDRESS_INTRODUCTION_LIMIT } from "../../../../tracker/swarm/index.ts";
import { streamId } from "../support/values.ts";

const request = (remoteAddress: string | undefined, forwarded?: string): IncomingMessage =>
  ({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded },
  }) as unknown as IncomingMessage;

test.each([
  ["nobody trusted: the header is the viewer's own claim", "10.0.0.1", "1.1.1.1", 0, "10.0.0.1"],
  ["one proxy: its entry is the last", "10.0.0.1", "6.6.6.6, 1.1.1.1", 1, "1.1.1.1"],
  ["two proxies: the outer one's entry", "10.0.0.1", "6.6.6.6, 1.1.1.1, 10.0.0.2", 2, "1.1.1.1"],
  ["fewer entries than proxies", "10.0.0.1", "1.1.1.1", 3, "1.1.1.1"],
  ["no header behind a proxy", "10.0.0.1", undefined, 1, "10.0.0.1"],
  ["a garbled entry is not believed", "10.0.0.1", "6.6.6.6, unknown", 1, "10.0.0.1"],
  ["an entry with a port", "10.0.0.1", "1.1.1.1:5678", 1, "1.1.1.1"],
  ["an IPv6 entry with brackets and port", "10.0.0.1", "[2001:db8::1]:443", 1, "2001:db8::1"],
  ["an address with a zone", "fe80::1%eth0", undefined, 0, "fe80::1"],
  ["a Unix socket", undefined, undefined, 0, undefined],
  ["a Unix socket behind a proxy", undefined, "1.1.1.1", 1, "1.1.1.1"],
])("client address: %s", (_, remote, forwarded, hops, expected) => {
  expect(clientAddress(request(remote, forwarded), hops)).toBe(expected);
});

test("an origin is allowed when it is on the list, exactly", () => {
  const list = new Set(["https://video.example"]);
  expect(originAllowed("*", undefined)).toBe(true);
  expect(originAllowed("*", "null")).toBe(true);
  expect(originAllowed(list, "https://video.example")).toBe(true);
  for (const other of [
    undefined,
    "null",
    "http://video.example",
    "https://video.example:444",
    "https://xvideo.example",
  ]) {
    expect(originAllowed(list, other)).toBe(false);
  }
});

test("swarm names depend on secret, site and stream, and no two pairs run together", () => {
  const name = swarmIdOf("secret", "site", streamId("stream"));
  expect(name).toMatch(/^[\w-]{22}$/);
  expect(swarmIdOf("secret", "site", streamId("stream"))).toBe(name);
  const others = [
    swarmIdOf("other", "site", streamId("stream")),
    swarmIdOf("secret", "sites", streamId("tream")),
    swarmIdOf("secret", "site", streamId("Stream")),
  ];
  expect(new Set([name, ...others]).size).toBe(4);
});

test("a stream has one home, also once others have pushed it out of memory", () => {
  const homeOf = createHomes("secret", "site", 2);
  const home = homeOf(streamId("stream"));
  expect(home).toEqual({ stream: "stream", swarm: swarmIdOf("secret", "site", streamId("stream")) });
  expect(homeOf(streamId("stream"))).toBe(home);
  for (const other of ["a", "b", "c"]) expect(homeOf(streamId(other)).swarm).not.toBe(home.swarm);
  expect(homeOf(streamId("stream"))).toEqual(home);
});

test("a locality keeps what is equal equal, and shows no address", () => {
  const here = localityOf("secret", "198.51.100.7", "x", { as: 5 });
  expect(here).toEqual(localityOf("secret", "::ffff:198.51.100.7", "y", { as: 5 }));
  expect(here.prefix).toBe(localityOf("secret", "198.51.100.8", "x").prefix);
  expect(JSON.stringify(here)).not.toContain("198.51");
  expect(localityOf("other", "198.51.100.7", "x").address).not.toBe(here.address);
  expect(localityOf("secret", undefined, "x").address).not.toBe(localityOf("secret", undefined, "y").address);
});

test("who is behind one address shares one locality, until the database says something else of it", () => {
  const locality = createLocalities("secret", 2);
  const here = locality("198.51.100.7", "a", { as: 5 });
  expect(here).toEqual(localityOf("secret", "198.51.100.7", "a", { as: 5 }));
  expect(locality("198.51.100.7", "b", { as: 5 })).toBe(here);
  expect(locality("198.51.100.7", "c", { as: 6, country: "IS" })).toEqual({ ...here, as: 6, country: "IS" });
  expect(locality("198.51.100.8", "d", {}).address).not.toBe(here.address);
  // Those of whom no address is known are near to nobody.
  for (const unknown of [undefined, "localhost"]) {
    expect(locality(unknown, "e", {}).address).not.toBe(locality(unknown, "f", {}).address);
  }
  // Only so many are remembered.
  const [first] = ["1.1.1.1", "1.1.1.2", "1.1.1.3"].map((address) => locality(address, "g", {}));
  expect(locality("1.1.1.1", "h", {})).toEqual(first);
  expect(locality("1.1.1.1", "h", {})).not.toBe(first);
});

test("an address has its connections, and a place is free again after a close", () => {
  const ledger = createAddressLedger(() => 0);
  expect([ledger.open("a", 2), ledger.open("a", 2), ledger.open("a", 2), ledger.open("b", 2)]).toEqual([
    "opened",
    "opened",
    "full",
    "opened",
  ]);
  ledger.close("a");
  expect(ledger.open("a", 2)).toBe("opened");
});

test("quotas outlive a connection and come back with time; an idle address is forgotten", () => {
  let now = 0;
  const ledger = createAddressLedger(() => now);
  const { burst, rate } = ADDRESS_INTRODUCTION_LIMIT;
  ledger.open("a", 1);
  expect(ledger.takeIntroductions("a", burst + 5)).toBe(burst);
  ledger.close("a");
  expect(ledger.size()).toBe(1);
  ledger.open("a", 1);
  expect(ledger.takeIntroductions("a", 1)).toBe(0);
  now += (burst / rate) * 1000 + 1;
  ledger.close("a");
  expect(ledger.size()).toBe(0);
  for (let sent = 0; sent < ADDRESS_REPORT_LIMIT.burst; sent++) expect(ledger.takeReport("a")).toBe("taken");
  expect(ledger.takeReport("a")).toBe("empty");
});

test("a flood of addresses is bounded and costs no open connection its count", () => {
  const ledger = createAddressLedger(() => 0, 100);
  ledger.open("held", 1);
  for (let flood = 0; flood < 5000; flood++) ledger.takeReport(`f${flood}`);
  expect(ledger.size()).toBeLessThanOrEqual(100);
  expect(ledger.open("held", 1)).toBe("full");
});
