// SPDX-License-Identifier: GPL-3.0-or-later
// Reads file names from its arguments and prints, as one JSON value, what mermaid made of each: the
// error, or participants, messages and notes with their texts as they would be shown.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, ...files] = process.argv.slice(2);
const { default: mermaid } = await import(
  pathToFileURL(join(folder, "node_modules/mermaid/dist/mermaid.core.mjs"))
);

// Entities as the renderer leaves them to the browser.
const decode = (text) =>
  text.replace(/ﬂ°°(\d+)¶ß/g, (_, code) => String.fromCodePoint(Number(code)));

const results = [];
for (const file of files) {
  const text = readFileSync(file, "utf8");
  try {
    await mermaid.parse(text);
    const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
    results.push({
      actors: [...db.getActors().values()].map((actor) => decode(actor.description)),
      messages: db
        .getMessages()
        .filter((message) => typeof message.message === "string")
        .map((message) => ({
          from: message.from,
          to: message.to,
          type: message.type,
          text: decode(message.message),
        })),
    });
  } catch (error) {
    results.push({ error: String(error.message ?? error) });
  }
}
console.log(JSON.stringify(results));
