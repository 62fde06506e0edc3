/**
 * `npm start` prints paths that exist where the user stands.
 *
 * @limit 120
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { npm, root } from '../support/npm.mjs';

const { code, text } = await npm('start', '--', '--quick');
assert.equal(code, 0, text);
for (const what of ['Quotes', 'Chart']) {
  const [, path] = new RegExp(`^${what}: +(.+)$`, 'm').exec(text);
  assert.ok(existsSync(join(root, path)), `${path} is not there`);
}
