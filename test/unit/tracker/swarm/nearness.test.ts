import { expect, test } from "vitest";
import { addressKeys, nearness } from "../../../../tracker/swarm/index.ts";

/** Nearness of two addresses, with nothing known of them but the addresses. */
const between = (a: string, b: string) => {
  const [here, there] = [addressKeys(a), addressKeys(b)];
  if (!here || !there) throw new Error("no address");
  return nearness(here, there);
};

test.each([
  ["198.51.100.7", "198.51.100.7", "lan"],
  ["198.51.100.7", "198.51.100.8", "network"],
  ["198.51.100.7", "198.51.101.7", "far"],
  ["127.0.0.1", "127.0.0.1", "lan"],
  ["127.0.0.1", "::1", "lan"],
  ["192.168.1.10", "192.168.1.10", "lan"],
  ["192.168.1.10", "192.168.1.11", "network"],
  ["192.168.1.10", "192.168.2.10", "far"],
  ["::ffff:198.51.100.7", "198.51.100.7", "lan"],
  ["::ffff:c633:6407", "198.51.100.7", "lan"],
  ["0:0:0:0:0:ffff:198.51.100.9", "198.51.100.7", "network"],
  ["2001:db8:1:2::1", "2001:0DB8:0001:0002:ffff::9", "lan"],
  ["2001:db8:1:2::1", "2001:db8:1:3::1", "network"],
  ["2001:db8:1:2::1", "2001:db8:2:2::1", "far"],
  ["::", "::1", "far"],
  ["::c633:6407", "198.51.100.7", "far"],
])("%s and %s are %s", (a, b, expected) => {
  expect(between(a, b)).toBe(expected);
  expect(between(b, a)).toBe(expected);
});

test.each([
  "",
  "localhost",
  "1.2.3",
  "1.2.3.256",
  "1.2.3.4.5",
  "01.2.3.1234",
  ":::",
  "1::2::3",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "1:2:3:4::5:6:7:8",
  "::g",
  "::1.2.3.4:5",
  "fe80::1%eth0",
])("%j is no address", (text) => {
  expect(addressKeys(text)).toBeUndefined();
});

test("operator and country count where the addresses say nothing, and unknown is not equal to unknown", () => {
  const at = (address: string, as?: number, country?: string) => ({
    address,
    prefix: address,
    ...(as === undefined ? {} : { as }),
    ...(country === undefined ? {} : { country }),
  });
  expect(nearness(at("a", 1, "IS"), at("b", 1, "FO"))).toBe("as");
  expect(nearness(at("a", 1, "IS"), at("b", 2, "IS"))).toBe("country");
  expect(nearness(at("a", 1, "IS"), at("b", 2, "FO"))).toBe("far");
  expect(nearness(at("a"), at("b"))).toBe("far");
});
