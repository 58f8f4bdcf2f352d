import { HELP, readArguments, type Wanted } from "./arguments.ts";
import { tableOf } from "./table.ts";

/** Where a command line writes; `out` waits until its text is taken. */
export type Terminal = { readonly out: (text: string) => Promise<void>; readonly err: (text: string) => void };

/** Asks a running server for a report, and writes it. Resolves with the exit code: 1 when there is none. */
export async function report(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  terminal: Terminal,
): Promise<0 | 1> {
  const read = readArguments(args, env);
  switch (read.kind) {
    case "help":
      await terminal.out(HELP);
      return 0;
    case "wrong":
      terminal.err(`${read.message}\n\n${HELP}`);
      return 1;
    case "wanted":
      return write(read.wanted, terminal);
    default:
      return read satisfies never;
  }
}

async function write({ url, token, format }: Wanted, { out, err }: Terminal): Promise<0 | 1> {
  let response: Response;
  try {
    response = await fetch(url, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    err(`No answer from ${url.origin}: ${cause}. Is Shoal running there? --url names another server.`);
    return 1;
  }
  if (!response.ok) {
    err(refusalOf(response.status, await response.text()));
    return 1;
  }
  if (format === "csv") {
    const text = new TextDecoder();
    for await (const part of response.body ?? []) await out(text.decode(part, { stream: true }));
    return 0;
  }
  const body = (await response.json()) as object;
  await out(format === "json" ? `${JSON.stringify(body, null, 2)}\n` : tableOf(rowsOf(body)));
  return 0;
}

/** The list in an answer, or the answer itself where there is none. */
function rowsOf(body: object): readonly object[] {
  return Object.values(body).find((value): value is readonly object[] => Array.isArray(value)) ?? [body];
}

function refusalOf(status: number, text: string): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown };
    if (typeof message === "string") return message;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return `The server answered ${status} without saying why.`;
}
