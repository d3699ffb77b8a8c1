import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generatedPages } from './docs/pages.ts';

const docs = join(import.meta.dirname, '..', 'docs');

for (const [path, text] of await generatedPages()) {
  mkdirSync(dirname(join(docs, path)), { recursive: true });
  writeFileSync(join(docs, path), text);
  process.stdout.write(`docs/${path}\n`);
}
process.exit(0);
