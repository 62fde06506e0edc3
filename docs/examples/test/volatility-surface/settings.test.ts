import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseSettings } from '../../src/volatility-surface/settings.ts';

describe('parseSettings', () => {
  it('has less work with --quick or MILLRACE_QUICK=1', () => {
    const full = parseSettings([], {}).pathPairs;
    const quick = parseSettings(['--quick'], {}).pathPairs;
    expect(quick).toBeLessThan(full / 10);
    expect(parseSettings([], { MILLRACE_QUICK: '1' }).pathPairs).toBe(quick);
  });

  it('takes the number of threads and the folder', () => {
    const settings = parseSettings(['--threads', '3', '--out', '/somewhere'], {});
    expect(settings.threads).toBe(3);
    expect(settings.chartFile).toBe(join('/somewhere', 'implied-volatility.svg'));
  });

  it('takes paths from where the user stands, which npm tells', () => {
    const settings = parseSettings(['--out', 'here', '--journal', 'there'], { INIT_CWD: '/home/user' });
    expect(settings.outFolder).toBe('/home/user/here');
    expect(settings.journalFolder).toMatch(/^\/home\/user\/there\//);
    expect(settings.calledIn).toBe('/home/user');
  });

  it.each(['0', '65', '1.5', 'many'])('refuses --threads %s', (threads) => {
    expect(() => parseSettings(['--threads', threads], {})).toThrow(
      `--threads ${threads}: expected a whole number from 1 to 64`,
    );
  });

  it('refuses an unknown option', () => {
    expect(() => parseSettings(['--fast'], {})).toThrow('--fast');
  });
});
