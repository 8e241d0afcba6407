// Puts the built Serving UI into a program: writes a source that defines sluice::data::ui_files(), each file as it is and,
// where that is smaller, as gzip and brotli make it. Run by the build (sluice_ui.cmake):
//   node sluice_embed_ui.mjs DIRECTORY OUTPUT.cpp
// DIRECTORY holds index.html, the page, and beside it what is served below /ui/; names in assets/ contain a hash.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const mediaTypes = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
};

const [directory, output] = process.argv.slice(2);

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const at = path.join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(at) : [at];
  });
}

// A C++ literal of the bytes. Octal escapes of three digits end by themselves, whatever follows.
function literal(bytes) {
  const lines = [];
  for (let from = 0; from < bytes.length; from += 100) {
    let line = "";
    for (const byte of bytes.subarray(from, from + 100)) {
      const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x3f && byte !== 0x5c;
      line += plain ? String.fromCharCode(byte) : "\\" + byte.toString(8).padStart(3, "0");
    }
    lines.push(`    "${line}"`);
  }
  return lines.length ? lines.join("\n") : '    ""';
}

const compressed = {
  gzip: (bytes) => gzipSync(bytes, { level: 9 }),
  brotli: (bytes) =>
    brotliCompressSync(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    }),
};

const blobs = [];
const rows = [];

function blob(bytes) {
  if (bytes.length === 0) return "{}";
  const name = `bytes_${blobs.length}`;
  blobs.push(`constexpr char ${name}[] =\n${literal(bytes)};\n`);
  return `{${name}, ${bytes.length}}`;
}

for (const file of filesBelow(directory).sort()) {
  const name = path.relative(directory, file).split(path.sep).join("/");
  const type = mediaTypes[path.extname(name)];
  if (!type || !/^[A-Za-z0-9._/-]+$/.test(name)) throw new Error(`${file}: no media type, or a name that no path can hold`);
  const bytes = readFileSync(file);
  const forms = Object.values(compressed).map((compress) => compress(bytes));
  const fields = [
    JSON.stringify(name === "index.html" ? "/" : `/ui/${name}`),
    JSON.stringify(type),
    JSON.stringify(createHash("sha256").update(bytes).digest("hex").slice(0, 32)),
    blob(bytes),
    ...forms.map((form) => (form.length < bytes.length ? blob(form) : "{}")),
    String(name.startsWith("assets/")),
  ];
  rows.push(`    {${fields.join(", ")}},\n`);
}
if (!rows.some((row) => row.startsWith('    {"/",'))) throw new Error(`${directory} holds no index.html`);

mkdirSync(path.dirname(output), { recursive: true });
writeFileSync(
  output,
  `// Made by tools/cmake/sluice_embed_ui.mjs.
#include "proxy/data/ui_files.hpp"

#pragma GCC diagnostic ignored "-Woverlength-strings"

namespace sluice::data {

namespace {

${blobs.join("\n")}
constexpr ui_file table[] = {
${rows.join("")}};

} // namespace

std::span<const ui_file> ui_files() noexcept {
    return table;
}

} // namespace sluice::data
`,
);
