// A private apt: resolves, downloads and unpacks Debian packages into a folder of ours, without root and without
// touching the system's apt or dpkg state. apt checks the archive's signature against Debian's keyring and every
// package against the signed index, so what we unpack is what Debian published.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command, lastLines } from './command.mjs';
import { aptNetworkSettings, debianMirror } from './mirror.mjs';
import { SetupFault, say } from './say.mjs';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const ATTEMPTS = 3;

// Needed only by maintainer scripts and perl wrappers that we never run: called installed, so that apt leaves them out.
const ASSUMED = [
  'perl', 'debconf', 'systemd', 'adduser', 'lsb-base', 'procps', 'psmisc', 'passwd', 'init-system-helpers', 'iproute2',
  'rsync', 'gawk', 'lsof', 'galera-4', 'libdbi-perl', 'socat', 'pinentry-curses', 'sysvinit-utils', 'media-types',
];

/**
 * Downloads the closure of `packages` from `suite` and unpacks it into `root`.
 * @returns {Promise<string[]>} names of the .deb files unpacked (name_version_arch)
 */
export async function unpackDebian({ work, root, suite, packages }) {
  needed('apt-get', 'apt');
  needed('dpkg-deb', 'dpkg');
  if (!existsSync(keyring())) {
    throw new SetupFault(`missing ${keyring()}`, 'packages are only taken when their signature can be checked', 'apt-get install debian-archive-keyring');
  }
  const conf = await privateApt(work, suite);
  const env = { ...process.env, APT_CONFIG: conf, LC_ALL: 'C' };
  if (!existsSync(join(work, 'updated'))) {
    await persistently(`reading Debian ${suite}'s package list`, () => command('apt-get', ['-q', '-o', 'APT::Update::Error-Mode=any', 'update'], { env, timeoutMs: 300_000 }));
    writeFileSync(join(work, 'updated'), '');
  }
  await persistently(`fetching ${packages.join(', ')}`, () => command('apt-get', ['-q', '--download-only', 'install', ...packages], { env, timeoutMs: 600_000 }));
  const archives = join(work, 'cache', 'archives');
  const debs = readdirSync(archives).filter((name) => name.endsWith('.deb'));
  mkdirSync(root, { recursive: true });
  for (const deb of debs) {
    const { code, out } = await command('dpkg-deb', ['-x', join(archives, deb), root], { timeoutMs: 300_000 });
    if (code !== 0) throw new SetupFault(`cannot unpack ${deb}`, lastLines(out), 'see that the disk of the tools folder has room, then try again');
  }
  rmSync(join(work, 'cache'), { recursive: true, force: true });
  return debs.map((name) => name.replace(/\.deb$/, ''));
}

function keyring() {
  return process.env.DEBIAN_KEYRING ?? KEYRING;
}

async function privateApt(work, suite) {
  const at = (...parts) => join(work, ...parts);
  for (const folder of ['etc/apt.conf.d', 'etc/preferences.d', 'etc/sources.list.d', 'etc/trusted.gpg.d', 'state/lists/partial', 'cache/archives/partial', 'log']) {
    mkdirSync(at(folder), { recursive: true });
  }
  writeFileSync(at('status'), ASSUMED.map((name) => `Package: ${name}
Status: install ok installed
Priority: optional
Section: misc
Maintainer: none
Architecture: amd64
Multi-Arch: allowed
Version: 99:0
Description: assumed
`).join('\n'));
  writeFileSync(at('etc', 'sources.list'), `deb [arch=amd64 signed-by=${keyring()}] ${debianMirror()} ${suite} main\n`);
  writeFileSync(at('apt.conf'), `Dir "/"; Dir::Etc "${at('etc')}"; Dir::Etc::parts "${at('etc/apt.conf.d')}"; Dir::Etc::netrcparts "/etc/apt/auth.conf.d";
Dir::State "${at('state')}"; Dir::State::status "${at('status')}"; Dir::Cache "${at('cache')}"; Dir::Log "${at('log')}";
APT::Architecture "amd64"; APT::Architectures { "amd64"; };
APT::Install-Recommends "false"; APT::Install-Suggests "false"; APT::Get::Assume-Yes "true"; APT::Sandbox::User "";
Acquire::Languages "none"; Acquire::Retries "3"; Debug::NoLocking "true";
Acquire::AllowInsecureRepositories "false"; APT::Get::AllowUnauthenticated "false";
// A frozen mirror's Release file is past its Valid-Until; its signature is checked all the same.
Acquire::Check-Valid-Until "false"; Acquire::Check-Date "false";
${await aptNetworkSettings()}
`);
  return at('apt.conf');
}

/** Tries three times with a pause in between: mirrors have bad moments. */
async function persistently(label, attempt) {
  for (let tried = 1; ; tried += 1) {
    const { code, out } = await attempt();
    if (code === 0) return;
    if (tried === ATTEMPTS) {
      throw new SetupFault(`${label} failed ${ATTEMPTS} times`, lastLines(out), `see that this machine reaches its Debian mirror (${debianMirror()}); DEBIAN_MIRROR=<address> names another one`);
    }
    say(`${label}: attempt ${tried} failed, trying again in ${tried * 3} s`);
    await new Promise((resolve) => setTimeout(resolve, tried * 3000));
  }
}

function needed(program, packageName) {
  const found = (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, program)));
  if (!found) {
    throw new SetupFault(`${program} is not on this machine`, 'missing programs are taken from Debian packages', `on Debian: apt-get install ${packageName}; elsewhere install the missing programs yourself so that they are on PATH (see docs/setup.md)`);
  }
}
