/** The clients that make up one attempt to be connected to a Redis or a Redis Cluster. */
export type Connection = {
  /** Connects; rejects when that fails. Called once. */
  readonly open: () => Promise<void>;
  /** Runs one command. `key` is one that it touches, or its channel: it decides which node of a cluster is asked. */
  readonly send: (key: string, command: readonly string[]) => Promise<unknown>;
  /** The nodes that answer for keys, each with a name of its own. A ping rejects when the node would refuse keys. */
  readonly nodes: () => readonly { readonly name: string; readonly ping: () => Promise<unknown> }[];
  /** Listens to a channel, over a connection that does nothing else. */
  readonly subscribe: (channel: string, listener: Listener) => Subscription;
  /** Cuts all connections but subscriptions; calls that wait reject. */
  readonly destroy: () => void;
};

export type ConnectionEvents = {
  /** Trouble that the connection gets over by itself. */
  readonly onTrouble: (error: unknown) => void;
  /** The connection is over. May come more than once. */
  readonly onLost: (error: unknown) => void;
};

export type Listener = {
  readonly onText: (text: string) => void;
  /** Called once, when an open subscription ends from the other side. */
  readonly onLost: (error: unknown) => void;
};
export type Subscription = {
  /** Settles when the channel is heard; rejects when that cannot be. */
  readonly opened: Promise<void>;
  readonly close: () => void;
};
