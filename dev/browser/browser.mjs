// Looks at pages with a real headless Chromium. Reads a list of views from standard input, writes what it measured.
// TMPDIR must be a directory of its own: the browser is unpacked there.
import { writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import chromium from "@sparticuz/chromium";
import puppeteer from "puppeteer-core";
import { measure } from "./measure.mjs";

// These would look away from what a page must not do, or make one crash end everything.
const UNWANTED = new Set(["--disable-web-security", "--allow-running-insecure-content", "--single-process"]);

const TABS = 6;

const views = JSON.parse(await text(process.stdin));
chromium.setGraphicsMode = false;
const browser = await puppeteer.launch({
  args: [...chromium.args.filter((argument) => !UNWANTED.has(argument)), "--no-sandbox"],
  executablePath: await chromium.executablePath(),
  headless: "shell",
});
try {
  const found = [];
  // A page counts as loaded after half a second without a request: a few tabs wait together, each for its views.
  const waiting = views.entries();
  await Promise.all(
    views.slice(0, TABS).map(async () => {
      const tab = await opened();
      for (const [at, view] of waiting) found[at] = await look(tab, view);
    }),
  );
  process.stdout.write(JSON.stringify(found));
} finally {
  await browser.close();
}

async function opened() {
  const tab = { page: await browser.newPage() };
  tab.page.on("console", (message) => message.type() === "error" && tab.errors.push(message.text()));
  tab.page.on("pageerror", (error) => tab.errors.push(String(error)));
  await tab.page.setRequestInterception(true);
  tab.page.on("request", (request) => {
    const asked = request.url();
    const fine = asked.startsWith("data:") || tab.allowed.some((start) => asked.startsWith(start));
    tab.requests.push(asked);
    if (!fine) tab.refused.push(asked);
    return fine ? request.continue() : request.abort();
  });
  return tab;
}

async function look(tab, { url, width, height, scheme, allowed, isPrinted, awaited, screenshot, clip }) {
  const { page } = tab;
  // From nothing: what the page before still does is not this one's, and a change of the screen loads a page anew.
  Object.assign(tab, { allowed: ["about:"], requests: [], refused: [], errors: [] });
  await page.goto("about:blank");
  await page.setViewport({ width, height, isMobile: width < 600, deviceScaleFactor: 1 });
  await page.emulateMediaFeatures([
    { name: "prefers-color-scheme", value: scheme },
    { name: "prefers-reduced-motion", value: "reduce" },
  ]);
  const { requests, refused, errors } = Object.assign(tab, { allowed, requests: [], refused: [], errors: [] });
  await page.goto(url, { waitUntil: "networkidle0", timeout: 30_000 });
  // What never comes is missing from what is measured.
  if (awaited) await page.waitForSelector(awaited, { timeout: 10_000 }).catch(() => undefined);
  const measured = await page.evaluate(measure);
  if (screenshot) await writeFile(screenshot, await page.screenshot({ fullPage: !clip, ...(clip && { clip }) }));
  return { ...measured, requests, refused, errors, printed_pages: isPrinted ? await printed(page) : 0 };
}

async function printed(page) {
  const pdf = Buffer.from(await page.pdf({ format: "A4", preferCSSPageSize: true })).toString("latin1");
  return pdf.match(/\/Type\s*\/Page(?![s\w])/g)?.length ?? 0;
}
