import { note, type Sequences } from "./sequences.ts";

/**
 * How long a session is remembered after its last sample, in milliseconds. Samples received longer ago than this are
 * refused, for nobody could tell any more whether they were counted: so a queue may try a job again within two hours.
 */
export const SESSION_MEMORY_MS = 2 * 3_600_000;

/**
 * Sessions remembered at once; one more, and the one that was silent longest is forgotten. From then on a repeat of
 * its old samples would count again, which takes more viewers inside two hours than this number and a job that is
 * tried twice.
 */
export const MAX_SESSIONS = 200_000;

/** What was counted of each session. */
export type SessionMemory = {
  /**
   * Notes sample `seq` of `session`; "seen" when it is in memory already. `now` is in milliseconds and never runs
   * back.
   */
  readonly note: (session: string, seq: number, now: number) => "new" | "seen";
  /** Forgets the sessions whose time is up. */
  readonly expire: (now: number) => void;
  readonly size: () => number;
  /** What is remembered, the longest silent first, and the way back. */
  readonly entries: () => Iterable<readonly [session: string, lastAt: number, sequences: Sequences]>;
  readonly restore: (session: string, lastAt: number, sequences: Sequences) => void;
};

type Remembered = { readonly sequences: Sequences; lastAt: number };

export const createSessionMemory = (maxSessions: number = MAX_SESSIONS): SessionMemory => {
  // Ordered by last sample, the longest silent first: a Map keeps the order in which keys were set.
  const sessions = new Map<string, Remembered>();

  return {
    note: (session, seq, now) => {
      const known = sessions.get(session) ?? { sequences: [], lastAt: now };
      sessions.delete(session);
      sessions.set(session, known);
      known.lastAt = now;
      if (sessions.size > maxSessions) {
        const [silent] = sessions.keys();
        if (silent !== undefined) sessions.delete(silent);
      }
      return note(known.sequences, seq);
    },
    expire: (now) => {
      for (const [session, { lastAt }] of sessions) {
        if (lastAt > now - SESSION_MEMORY_MS) break;
        sessions.delete(session);
      }
    },
    size: () => sessions.size,
    entries: function* () {
      for (const [session, { lastAt, sequences }] of sessions) yield [session, lastAt, sequences];
    },
    restore: (session, lastAt, sequences) => {
      sessions.set(session, { sequences: [...sequences], lastAt });
    },
  };
};
