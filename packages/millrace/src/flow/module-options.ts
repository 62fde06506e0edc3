/** Modules of processors and writers, as they are given. */
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { show } from './option-schemas.ts';

export function checkModule(where: string, given: unknown, faults: string[]): { url: string } | undefined {
  if (isUrl(given)) return { url: given.href };
  if (typeof given === 'string' && isAbsolute(given)) return { url: pathToFileURL(given).href };
  if (typeof given === 'string' && given !== '') {
    try {
      return { url: new URL(given).href };
    } catch {
      faults.push(
        `${where} got the module ${show(given)}; give an absolute path or URL, such as new URL('./module.js', import.meta.url)`,
      );
      return undefined;
    }
  }
  const also = where === 'write' ? ', a function, or toRing({ … })' : '. Functions cannot be sent to threads';
  faults.push(`${where} got ${show(given)}; give the URL of a module, new URL('./module.js', import.meta.url)${also}`);
  return undefined;
}

/** A URL of any realm or package (jest, jsdom): they all say what they are. */
const isUrl = (value: unknown): value is URL =>
  Object.prototype.toString.call(value) === '[object URL]' && typeof (value as URL).href === 'string';
