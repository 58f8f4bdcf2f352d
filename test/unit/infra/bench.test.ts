import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** Exit code and what was said on stderr. */
const run = (main: string, option: string): Promise<{ code: unknown; said: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, ["--import", "tsx", main, option], { cwd: ROOT }, (error, _, said) =>
      resolve({ code: error?.code ?? 0, said }),
    );
  });

it.each(["test/bench/main.ts", "test/bench/tracker/main.ts", "test/bench/reports/main.ts"])(
  "%s tells an option that it does not know in one line, and ends with 2",
  async (main) => {
    expect(await run(main, "--nonsense")).toEqual({
      code: 2,
      said: expect.stringMatching(/^Unknown option '--nonsense'; there are .*--json.*\n$/),
    });
  },
  30_000,
);
