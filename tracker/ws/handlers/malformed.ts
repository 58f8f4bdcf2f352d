import type { Connection } from "../connection.ts";

/** Closes on a message that no correct client sends; `message` names the field and what was expected. */
export const shutMalformed = (connection: Connection, message: string): void =>
  connection.shut("malformed", { code: "malformed", message });
