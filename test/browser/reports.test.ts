import type { Browser, Page, Route } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { violationsOn } from "../support/accessible.ts";
import { launchChromium, openViewer } from "../support/browser.ts";
import { type Running, start, until } from "../support/process.ts";

const API = "**/api/v1/reports/**";

let browser: Browser;
let shoal: Running;
beforeAll(async () => {
  browser = await launchChromium();
  shoal = await start("main", { SAMPLE_INTERVAL: "1000" });
  const viewer = await openViewer(browser, `${shoal.url}/?stream=vod`);
  await until("a sample with played bytes", 30_000, async () => {
    const response = await fetch(`${shoal.url}/api/v1/reports/summary`);
    return ((await response.json()) as { bytes: { played: number } }).bytes.played > 0;
  });
  await viewer.close();
});
afterAll(async () => {
  await browser?.close();
  await shoal?.stop();
});

type Opened = { readonly page: Page; readonly errors: readonly string[]; readonly close: () => Promise<void> };

/** Opens the report page and waits until it has settled in one of these states. */
async function openReports(search: string, state: string, api?: (route: Route) => Promise<void>): Promise<Opened> {
  const context = await browser.newContext({ colorScheme: "light" });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  if (api !== undefined) await page.route(API, api);
  await page.goto(`${shoal.url}/reports${search}`);
  await page.waitForSelector(`main[data-state=${state}]`);
  return { page, errors, close: () => context.close() };
}

const json = (status: number, body: object) => ({
  status,
  contentType: "application/json",
  body: JSON.stringify(body),
});

describe("the report page", () => {
  it("shows what was played, in figures, charts and tables", async () => {
    const { page, errors, close } = await openReports("", "full");
    // What is still on its way to the player was delivered already.
    expect(await page.locator("#headline").innerText()).toMatch(
      /^(All of what was watched came from the CDN|The CDN delivered .+ more than was watched)\.$/,
    );
    expect(await page.locator("#viewers-note").innerText()).toContain("1 at the peak · 1 viewer in all");
    expect(await page.locator("#breakdown-rows tr").count()).toBe(1);
    await until("three charts", 5_000, async () => (await page.locator(".chart canvas").count()) === 3);
    await page.getByText("Show the figures as a table").click();
    // The table is filled when the browser tells that it was opened, a task after the click.
    await until("a row a bucket", 5_000, async () => (await page.locator("#rows tr").count()) > 50);
    expect(errors).toEqual([]);
    await close();
  });

  it("says for how long viewers kept away from peers that had disturbed playback", async () => {
    const held = async (waryMs: number, offMs: number): Promise<string> => {
      const { page, close } = await openReports("", "full", async (route) => {
        const response = await route.fetch();
        const body: unknown = await response.json();
        const isSummary = typeof body === "object" && body !== null && "quality" in body;
        const changed = isSummary ? { ...body, quality: { ...(body.quality as object), waryMs, offMs } } : body;
        return route.fulfill({ response, json: changed });
      });
      const text = await page.locator("#held-back").innerText();
      await close();
      return text.replaceAll(/\s/g, " ");
    };
    expect(await held(0, 0)).toBe("never");
    expect(await held(7_200_000, 0)).toBe("2 h 0 min");
    expect(await held(5_400_000, 1_800_000)).toBe("2 h 0 min, 30 min 0 s of it off the mesh");
  });

  it("is accessible in light and dark", async () => {
    const { page, close } = await openReports("", "full");
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await violationsOn(page), colorScheme).toEqual([]);
    }
    await close();
  });

  it("keeps its filters in the URL, through a reload", async () => {
    const { page, close } = await openReports("", "full");
    await page.getByText("6 h", { exact: true }).click();
    await page.locator("#by").selectOption("browser");
    await page.locator("#stream").selectOption({ index: 1 });
    await until("the URL to follow", 5_000, () => new URL(page.url()).searchParams.has("stream"));
    const search = new URL(page.url()).searchParams;
    expect([search.get("range"), search.get("by")]).toEqual(["6h", "browser"]);
    await page.reload();
    await page.waitForSelector("main[data-state=full]");
    expect(await page.locator("#scope").innerText()).toMatch(/^Last 6 hours, stream /);
    expect(await page.locator("#by").inputValue()).toBe("browser");
    await close();
  });

  it("says that nothing was played", async () => {
    const { page, close } = await openReports("?from=2020-01-01T00:00Z&to=2020-01-02T00:00Z", "empty");
    expect(await page.locator("#headline").innerText()).toBe("Nothing was played in this range.");
    expect(await violationsOn(page)).toEqual([]);
    await close();
  });

  it("asks for a token, keeps it for the tab, and says when it is wrong", async () => {
    const { page, close } = await openReports("", "locked", async (route) => {
      const given = route.request().headers().authorization;
      if (given === "Bearer right") return route.continue();
      const message = given === undefined ? "Reports need a token." : "This token opens no reports.";
      return route.fulfill(json(401, { code: "unauthorised", message }));
    });
    expect(await violationsOn(page)).toEqual([]);
    await page.getByLabel("Token").fill("wrong");
    await page.keyboard.press("Enter");
    await page.getByText("This token opens no reports.").waitFor();
    await page.getByLabel("Token").fill("right");
    await page.keyboard.press("Enter");
    await page.waitForSelector("main[data-state=full]");
    await page.reload();
    await page.waitForSelector("main[data-state=full]");
    await close();
  });

  it("says that the server is away, keeps its figures, and goes on when it is back", async () => {
    const { page, close } = await openReports("", "full");
    await page.route(API, (route) => route.abort());
    await page.getByText("15 min", { exact: true }).click();
    await page.getByText("The server cannot be reached.").waitFor();
    expect(await page.locator("#offload").innerText()).toContain("%");
    await page.unroute(API);
    await page.waitForSelector("#status[data-state=live]");
    await close();
  });

  it("gives its tables as CSV files", async () => {
    const { page, close } = await openReports("?by=device", "full");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "This table as CSV" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("shoal-breakdown-by-device.csv");
    await close();
  });
});
