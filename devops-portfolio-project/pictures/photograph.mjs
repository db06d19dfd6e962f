// Photographs pages in the Chromium that CHROMIUM names. Reads {args, shots} as JSON from standard input; each shot is
// {url, file, width, height, scale, scheme, seconds, selector, authorization}: `height` 0 takes the whole page,
// `seconds` is how long the page lives first, `selector` what must have appeared by then.
import process from "node:process";
import { text } from "node:stream/consumers";
import puppeteer from "puppeteer";

const { args, shots } = JSON.parse(await text(process.stdin));

// A browser for each: a page behind another is hidden, and does less.
async function photograph(shot) {
  const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM, args });
  try {
    const page = await browser.newPage();
    await page.setViewport({ width: shot.width, height: shot.height || 100, deviceScaleFactor: shot.scale });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: shot.scheme }]);
    if (shot.authorization) await page.setExtraHTTPHeaders({ authorization: shot.authorization });
    const answer = await page.goto(shot.url, { waitUntil: "load" });
    if (!answer.ok()) throw new Error(`${shot.url} answered ${answer.status()}`);
    await new Promise((done) => setTimeout(done, shot.seconds * 1000));
    if (shot.selector) await page.waitForSelector(shot.selector, { timeout: 30000 });
    await page.screenshot({ path: shot.file, fullPage: !shot.height });
  } finally {
    await browser.close();
  }
}

await Promise.all(shots.map(photograph));
