import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { GENERATED, read, root, writtenFiles } from './tree.ts';

const pages = writtenFiles().filter((path) => /^docs\/.*\.md$|(^|\/)(README|CONTRIBUTING)\.md$/.test(path));

/** A decision record tells what was true on its day; it may name what is gone since. */
const HISTORY = /^docs\/decisions\//;

/** `packages/codec/src/` or `src/lane.ts`: without spaces, wildcards or placeholders, from the root or from the page's folder. */
const TREE_PATH = /`((?:native-free-rings|packages|bench|docs|scripts|tooling|\.ci|src|test)\/[\w./-]*)`/g;
const LINK = /\]\((?![a-z]+:|#)([^)#\s]+)(?:#[^)]*)?\)/g;

function found(page: string, pattern: RegExp): string[] {
  return [...read(page).matchAll(pattern)].map((match) => match[1]);
}

describe('docs', () => {
  test('name only files and folders that exist', () => {
    const missing = pages
      .filter((page) => !HISTORY.test(page))
      .flatMap((page) =>
        found(page, TREE_PATH)
          .filter((path) => !path.split('/').some((part) => GENERATED.has(part)))
          .filter((path) => !existsSync(join(root, path)) && !existsSync(join(root, dirname(page), path)))
          .map((path) => `${page}: ${path}`),
      );
    expect(missing).toEqual([]);
  });

  test('link only to files that exist', () => {
    const broken = pages.flatMap((page) =>
      found(page, LINK)
        .filter((link) => !existsSync(join(root, dirname(page), link)))
        .map((link) => `${page}: ${link}`),
    );
    expect(broken).toEqual([]);
  });
});
