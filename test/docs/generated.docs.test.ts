import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generatedPages } from '../../scripts/docs/pages.ts';

const docs = join(import.meta.dirname, '..', '..', 'docs');
const pages = await generatedPages();

test.each([...pages])('docs/%s says what the code says; npm run docs writes it anew', (path, text) => {
  expect(readFileSync(join(docs, path), 'utf8')).toBe(text);
});
