// Looks at pages with a real headless Chromium. Reads a list of views from standard input, writes what it measured.
// TMPDIR must be a directory of its own: the browser is unpacked there.
import { writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import chromium from "@sparticuz/chromium";
import puppeteer from "puppeteer-core";
import { measure } from "./measure.mjs";

// These would look away from what a page must not do, or make one crash end everything.
const UNWANTED = new Set(["--disable-web-security", "--allow-running-insecure-content", "--single-process"]);

const views = JSON.parse(await text(process.stdin));
chromium.setGraphicsMode = false;
const browser = await puppeteer.launch({
  args: [...chromium.args.filter((argument) => !UNWANTED.has(argument)), "--no-sandbox"],
  executablePath: await chromium.executablePath(),
  headless: "shell",
});
try {
  const found = [];
  // A page counts as loaded after half a second without a request: a few wait together.
  for (let at = 0; at < views.length; at += 6) found.push(...(await Promise.all(views.slice(at, at + 6).map(look))));
  process.stdout.write(JSON.stringify(found));
} finally {
  await browser.close();
}

async function look({ url, width, height, scheme, allowed, isPrinted, screenshot, clip }) {
  const page = await browser.newPage();
  const requests = [];
  const refused = [];
  const errors = [];
  try {
    await page.setViewport({ width, height, isMobile: width < 600, deviceScaleFactor: 1 });
    await page.emulateMediaFeatures([
      { name: "prefers-color-scheme", value: scheme },
      { name: "prefers-reduced-motion", value: "reduce" },
    ]);
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.setRequestInterception(true);
    page.on("request", (request) => {
      const asked = request.url();
      const fine = asked.startsWith("data:") || allowed.some((start) => asked.startsWith(start));
      requests.push(asked);
      if (!fine) refused.push(asked);
      return fine ? request.continue() : request.abort();
    });
    await page.goto(url, { waitUntil: "networkidle0", timeout: 30_000 });
    const measured = await page.evaluate(measure);
    if (screenshot) await writeFile(screenshot, await page.screenshot({ fullPage: !clip, ...(clip && { clip }) }));
    return { ...measured, requests, refused, errors, printed_pages: isPrinted ? await printed(page) : 0 };
  } finally {
    await page.close();
  }
}

async function printed(page) {
  const pdf = Buffer.from(await page.pdf({ format: "A4", preferCSSPageSize: true })).toString("latin1");
  return pdf.match(/\/Type\s*\/Page(?![s\w])/g)?.length ?? 0;
}
