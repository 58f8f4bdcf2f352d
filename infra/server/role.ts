import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Middleware } from "koa";

/** `degraded`: it is of use, and something that it needs is away. `reason`: it is of no use now. */
export type Readiness = "ready" | { readonly degraded: string } | { readonly reason: string };

export type Upgrade = {
  readonly path: string;
  readonly handle: (req: IncomingMessage, socket: Duplex, head: Buffer) => void;
};

/** One part of Shoal as the HTTP shell sees it. Everything but the name may be left out. */
export type Role = {
  readonly name: string;
  readonly middleware?: readonly Middleware[];
  /** Takes over WebSocket (and other) upgrades, each of one path. */
  readonly upgrades?: readonly Upgrade[];
  /** Whether it can do its work now; a reason why not, or a rejection, makes `/readyz` answer 503. */
  readonly ready?: () => Promise<Readiness>;
  /** Reads its files again, when the operator has changed them. Never rejects: what cannot be read is told in the log. */
  readonly reload?: () => Promise<void>;
  /** Says goodbye to whoever is connected. Called once, when no new connection comes in any more. */
  readonly drain?: () => void | Promise<void>;
  /** Finishes what is under way. Called once, after all roles have drained, in the order of the roles. */
  readonly close?: () => void | Promise<void>;
};
