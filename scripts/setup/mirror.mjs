// The machine's own Debian mirror and apt's network settings: set-up fetches from where the machine already fetches.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { command } from './command.mjs';

const FALLBACK = 'http://deb.debian.org/debian';

/** Base address of the first Debian archive (not -security) in apt's sources; DEBIAN_MIRROR overrules. */
export function debianMirror(etcApt = '/etc/apt', env = process.env) {
  if (env.DEBIAN_MIRROR) return env.DEBIAN_MIRROR;
  const addresses = sourceFiles(etcApt).flatMap((file) => (file.endsWith('.sources') ? fromDeb822(read(file)) : fromList(read(file))));
  return addresses.find((address) => /\/debian\/?$/.test(address)) ?? FALLBACK;
}

/** apt.conf lines that carry the machine's proxy and time-out settings over into the private apt. */
export async function aptNetworkSettings() {
  const { code, out } = await command('apt-config', ['dump']);
  if (code !== 0) return '';
  return out.split('\n').filter((line) => /^Acquire::(http|https)::/.test(line)).join('\n');
}

function sourceFiles(etcApt) {
  const folder = join(etcApt, 'sources.list.d');
  const listed = names(folder).filter((name) => /\.(sources|list)$/.test(name)).sort().map((name) => join(folder, name));
  return [join(etcApt, 'sources.list'), ...listed];
}

/** deb822 style: stanzas with `URIs:`; a stanza with `Enabled: no` counts for nothing. */
function fromDeb822(text) {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const lines = stanza.split('\n').filter((line) => !line.startsWith('#'));
    const field = (name) => lines.find((line) => line.toLowerCase().startsWith(`${name}:`))?.slice(name.length + 1).trim() ?? '';
    if (/^(no|false|off|0)$/i.test(field('enabled')) || !/\bdeb\b/.test(field('types'))) return [];
    return field('uris').split(/\s+/).filter((uri) => /^https?:/.test(uri));
  });
}

/** one-line style: `deb [options] address suite components`. */
function fromList(text) {
  return text.split('\n').flatMap((line) => line.match(/^\s*deb\s+(?:\[[^\]]*\]\s+)?(https?:\S+)/)?.slice(1) ?? []);
}

function names(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
