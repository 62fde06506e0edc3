import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { read, root, writtenFiles } from './tree.ts';

const pages = writtenFiles().filter(
  (path) =>
    /^docs\/.*\.md$/.test(path) ||
    /^(packages\/[^/]+|native-free-rings|bench)\/README\.md$/.test(path) ||
    /^(README|CONTRIBUTING)\.md$/.test(path),
);

/** A decision record tells what was true on its day; it may name what is gone since. */
const HISTORY = /^docs\/decisions\//;

/** `a/b/` or `a/b.ts`, without spaces, wildcards or placeholders, whose first folder is one of ours. */
const TREE_PATH = /`((?:native-free-rings|packages|bench|docs|scripts|tooling|\.ci)\/[\w./-]*)`/g;
const LINK = /\]\((?![a-z]+:|#)([^)#\s]+)(?:#[^)]*)?\)/g;

describe('docs', () => {
  test('name only files and folders that exist', () => {
    const missing = pages
      .filter((page) => !HISTORY.test(page))
      .flatMap((page) =>
        [...read(page).matchAll(TREE_PATH)]
          .map((match) => match[1])
          .filter((path) => !existsSync(join(root, path)))
          .map((path) => `${page}: ${path}`),
      );
    expect(missing).toEqual([]);
  });

  test('link only to files that exist', () => {
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(LINK)]
        .map((match) => match[1])
        .filter((link) => !existsSync(join(root, dirname(page), link)))
        .map((link) => `${page}: ${link}`),
    );
    expect(broken).toEqual([]);
  });
});
