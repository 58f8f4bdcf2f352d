import { expect, test } from "vitest";
import { type DeviceView, engineLimits, watchDevice, willingness } from "../../../../player/embed/device.ts";
import { settled, unexpected } from "../session/fakes.ts";

test.each<[string, DeviceView, "share" | "receive"]>([
  ["that says nothing", {}, "share"],
  ["on a cable", { connection: { type: "ethernet", effectiveType: "4g", saveData: false } }, "share"],
  ["that saves data", { connection: { saveData: true, effectiveType: "4g" } }, "receive"],
  ["on a mobile network", { connection: { type: "cellular", effectiveType: "4g" } }, "receive"],
  ["on a network as slow as a mobile one", { connection: { effectiveType: "3g" } }, "receive"],
])("a device %s is to %s", (_, device, upload) => {
  expect(willingness(device)).toBe(upload);
});

test("a battery that runs low only receives; one that charges shares", () => {
  expect(willingness({}, { charging: false, level: 0.1 })).toBe("receive");
  expect(willingness({}, { charging: true, level: 0.1 })).toBe("share");
  expect(willingness({}, { charging: false, level: 0.9 })).toBe("share");
});

test("changes of network and battery are told until it is enough", async () => {
  const network = Object.assign(new EventTarget(), { type: "wifi" });
  const device = {
    connection: network,
    getBattery: () => Promise.resolve({ charging: false, level: 0.05 }),
  } as unknown as DeviceView;
  const told: string[] = [];
  const stop = watchDevice(device, (upload) => told.push(upload));
  network.dispatchEvent(new Event("change"));
  await settled();
  network.type = "cellular";
  network.dispatchEvent(new Event("change"));
  stop();
  network.dispatchEvent(new Event("change"));
  expect(told).toEqual(["share", "receive", "receive"]);
});

test("a forbidden battery is as good as none", async () => {
  watchDevice({ getBattery: () => Promise.reject(new Error("policy")) }, unexpected);
  await settled();
});

test("a small device keeps half as much, unless the page says otherwise", () => {
  const MB = 1024 * 1024;
  expect(engineLimits({}, {}).storeBytes).toBe(96 * MB);
  expect(engineLimits({}, { deviceMemory: 8 }).storeBytes).toBe(96 * MB);
  expect(engineLimits({}, { deviceMemory: 4 }).storeBytes).toBe(48 * MB);
  expect(engineLimits({ storeBytes: 5 * MB, neighbours: 3 }, { deviceMemory: 1 })).toMatchObject({
    storeBytes: 5 * MB,
    neighbours: 3,
  });
});
