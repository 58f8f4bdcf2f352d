import type { Locality } from "../swarm/index.ts";

/** Names of the circles that a place lies in, nearest first. Each holds the members among whom a draw is worth making. */
export function circlesOf(locality: Locality): string[] {
  const circles = [`address ${locality.address}`, `prefix ${locality.prefix}`];
  if (locality.group !== undefined) circles.unshift(`group ${locality.group}`);
  if (locality.as !== undefined) circles.push(`as ${locality.as}`);
  if (locality.country !== undefined) circles.push(`country ${locality.country}`);
  return circles;
}
