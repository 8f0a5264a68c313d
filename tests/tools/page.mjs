// Opens a report in a real browser: node page.mjs FOLDER PAGE [PICTURE].
//
// FOLDER holds `node_modules` with puppeteer-core; the browser is the machine's own. PICTURE.light.png and
// PICTURE.dark.png are written where a name is given.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join, resolve } from "node:path";

const [folder, page, picture] = process.argv.slice(2);
const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const places = process.env.PATH.split(delimiter).flatMap((path) => names.map((name) => join(path, name)));
const browserPath = process.env.MESHSYNTH_BROWSER ?? places.find((path) => existsSync(path));
if (!browserPath) {
  console.log("skipped: no browser is installed (`apt-get install chromium`, or name one in MESHSYNTH_BROWSER)");
  process.exit(0);
}
const puppeteer = createRequire(join(resolve(folder), "package.json"))("puppeteer-core");
const browser = await puppeteer.launch({ executablePath: browserPath, args: ["--no-sandbox", "--disable-gpu"] });
let passed = 0;
let failed = 0;
const check = (name, is) => {
  if (is) passed += 1;
  else { failed += 1; console.log(`failed: ${name}`); }
};
try {
  const tab = await browser.newPage();
  await tab.setViewport({ width: 1200, height: 900 });
  const wrong = [];
  const asked = [];
  tab.on("pageerror", (error) => wrong.push(error.message));
  tab.on("console", (line) => { if (line.type() === "error") wrong.push(line.text()); });
  tab.on("request", (request) => { if (!request.url().startsWith("file:") && !request.url().startsWith("data:")) asked.push(request.url()); });
  const address = `file://${resolve(page)}`;
  await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
  await tab.goto(address);
  check(`no error in the page: ${wrong}`, wrong.length === 0);
  check(`nothing is loaded from elsewhere: ${asked}`, asked.length === 0);
  const ground = () => tab.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  if (picture) await tab.screenshot({ path: `${picture}.light.png` });
  await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
  check("dark mode has another ground", (await ground()) !== light);
  if (picture) await tab.screenshot({ path: `${picture}.dark.png` });
  // The contrast of every text against the page, in both modes.
  for (const scheme of ["light", "dark"]) {
    await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    const faint = await tab.evaluate(() => {
      const numbers = (text) => text.match(/[\d.]+/g).map(Number);
      const light = ([r, g, b]) => {
        const [x, y, z] = [r, g, b].map((it) => it / 255).map((it) => (it <= 0.03928 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4));
        return 0.2126 * x + 0.7152 * y + 0.0722 * z;
      };
      const ground = (it) => {
        for (let at = it; at; at = at.parentElement) {
          const colour = numbers(getComputedStyle(at).backgroundColor);
          if (colour.length === 3 || colour[3] > 0) return colour;
        }
        return [255, 255, 255];
      };
      const texts = [...document.querySelectorAll("main *, #bar *")].filter((it) => !it.closest("svg") && [...it.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
      return texts.filter((it) => {
        const [a, b] = [light(numbers(getComputedStyle(it).color)), light(ground(it))];
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
      }).map((it) => it.textContent.trim().slice(0, 40));
    });
    check(`texts are readable in ${scheme} mode: ${faint}`, faint.length === 0);
  }
  const changes = (await tab.$$("details.change")).length;
  check("there are changes", changes > 1);
  const focused = () => tab.evaluate(() => document.activeElement.closest("details.change")?.querySelector("code").textContent ?? "");
  await tab.keyboard.press("j");
  const first = await focused();
  await tab.keyboard.press("j");
  const second = await focused();
  await tab.keyboard.press("k");
  check(`j and k move from change to change: ${first}, ${second}`, first !== "" && second !== first && (await focused()) === first);
  const isOpen = () => tab.evaluate(() => document.activeElement.closest("details").open);
  const before = await isOpen();
  await tab.keyboard.press("Enter");
  check("Enter opens and closes", (await isOpen()) !== before);
  await tab.keyboard.press("/");
  await tab.keyboard.type("replace");
  const shown = () => tab.$$eval("details.change", (all) => all.filter((it) => !it.hidden).length);
  check("the filter leaves some", (await shown()) < changes);
  await tab.keyboard.press("Escape");
  check("Escape clears the filter", (await shown()) === changes);
  await tab.setViewport({ width: 360, height: 700 });
  check("a narrow page does not scroll sideways", await tab.evaluate(() => document.documentElement.scrollWidth <= 360));
} finally {
  await browser.close();
}
console.log(`judged: ${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
