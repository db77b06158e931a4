// The programs Salvagente's demo and tests need, and where each comes from when PATH does not offer it.

/**
 * @typedef {object} Part
 * @property {string} title        what it is, for progress lines
 * @property {string} suite        Debian suite it is fetched from (sid: the newest; bookworm: the 10.11 series)
 * @property {string[]} packages   Debian packages; their closure is fetched
 * @property {string[]} [alsoBind] more programs that these call; other programs of the packages are removed
 * @property {boolean} [bundledOnly] never taken from PATH: scripts of ours need its folder
 * @property {Record<string, string>} programs  key in tools.json → program's path inside the packages
 * @property {{program: string, args: string[], accept: RegExp, wanted: string}} probe  what proves the part on PATH is right
 * @property {string[]} [prune]    folders nobody reads
 * @property {(root: string) => Record<string, string>} [environment]  set by the launchers, unless it is set already
 * @property {(root: string) => Record<string, string>} [files]  more files, path inside the packages → content
 */

/** @type {Record<string, Part>} */
export const PARTS = {
  mysql: {
    title: 'MySQL 9.7 server and clients',
    suite: 'sid',
    packages: ['mysql-server-core', 'mysql-client-core', 'mysql-client'],
    // libmysqlclient's plugin folder is compiled in; mysql_native_password of older servers needs it
    environment: (root) => ({ LIBMYSQL_PLUGIN_DIR: `${root}/usr/lib/mysql/plugin` }),
    programs: {
      mysqld: 'usr/sbin/mysqld',
      mysql: 'usr/bin/mysql',
      mysqldump: 'usr/bin/mysqldump',
      mysqlbinlog: 'usr/bin/mysqlbinlog',
      mysqladmin: 'usr/bin/mysqladmin',
      mysqlcheck: 'usr/bin/mysqlcheck',
    },
    probe: { program: 'mysqld', args: ['--no-defaults', '--version'], accept: /Ver 9\.([7-9]|\d\d)\.\d+/, wanted: '9.7 or a later 9.x' },
  },
  mariadb: {
    title: 'MariaDB 10.11 server, clients and backup',
    suite: 'bookworm',
    packages: ['mariadb-server-core', 'mariadb-client', 'mariadb-client-core', 'mariadb-backup', 'mariadb-server'],
    bundledOnly: true,
    alsoBind: ['usr/bin/my_print_defaults', 'usr/bin/resolveip'],
    programs: {
      mariadbd: 'usr/sbin/mariadbd',
      mariadb: 'usr/bin/mariadb',
      mariadbDump: 'usr/bin/mariadb-dump',
      mariadbBinlog: 'usr/bin/mariadb-binlog',
      mariadbAdmin: 'usr/bin/mariadb-admin',
      mariadbCheck: 'usr/bin/mariadb-check',
      mariadbBackup: 'usr/bin/mariadb-backup',
      mbstream: 'usr/bin/mbstream',
    },
    probe: { program: 'mariadbd', args: ['--no-defaults', '--version'], accept: /Ver 10\.11\.\d+-MariaDB/, wanted: '10.11' },
  },
  redis: {
    title: 'Redis',
    suite: 'bookworm',
    packages: ['redis-server'],
    programs: { redisServer: 'usr/bin/redis-server' },
    probe: { program: 'redis-server', args: ['--version'], accept: /v=(6\.[2-9]|[789]\.|\d\d\.)/, wanted: '6.2 or later' },
  },
  gnupg: {
    title: 'GnuPG',
    suite: 'bookworm',
    packages: ['gpg', 'gpg-agent', 'gpgconf'],
    programs: { gpg: 'usr/bin/gpg', gpgconf: 'usr/bin/gpgconf', gpgAgent: 'usr/bin/gpg-agent' },
    alsoBind: ['usr/bin/gpg-connect-agent'], // gpgconf --kill
    files: (root) => ({ 'usr/bin/gpgconf.ctl': `rootdir = ${root}/usr\n` }),
    probe: { program: 'gpg', args: ['--version'], accept: /gpg \(GnuPG\) (2\.[2-9]|2\.\d\d|[3-9])/, wanted: '2.2 or later' },
  },
  zstd: {
    title: 'zstd',
    suite: 'bookworm',
    packages: ['zstd'],
    programs: { zstd: 'usr/bin/zstd' },
    probe: { program: 'zstd', args: ['--version'], accept: /v1\.([4-9]|\d\d)/, wanted: '1.4 or later' },
  },
  // Only the bench asks for it, and goes on without: a newer one on PATH is the stronger peer.
  mydumper: {
    title: 'mydumper and myloader for the bench',
    suite: 'bookworm',
    packages: ['mydumper'],
    // where MySQL's passwords are understood
    environment: (root) => ({ MARIADB_PLUGIN_DIR: `${root}/usr/lib/x86_64-linux-gnu/libmariadb3/plugin` }),
    programs: { mydumper: 'usr/bin/mydumper', myloader: 'usr/bin/myloader' },
    probe: { program: 'mydumper', args: ['--version'], accept: /^mydumper v?(0\.\d\d|[1-9]\d*\.\d+)\./m, wanted: '0.10 or later' },
  },
  s3: {
    title: 'S3 server (Ceph radosgw)',
    suite: 'sid',
    packages: ['radosgw'],
    bundledOnly: true,
    programs: { radosgw: 'usr/bin/radosgw', radosgwAdmin: 'usr/bin/radosgw-admin' },
    probe: { program: 'radosgw', args: ['--version'], accept: /ceph version (2\d|[3-9]\d)\./, wanted: '20 or later' },
  },
  chromium: {
    title: 'Chromium for the browser tests',
    suite: 'bookworm',
    packages: ['chromium', 'fonts-dejavu-core', 'fonts-liberation'],
    alsoBind: ['usr/lib/chromium/chrome_crashpad_handler'],
    prune: ['usr/lib/x86_64-linux-gnu/dri', 'usr/share/icons', 'usr/share/perl', 'usr/lib/x86_64-linux-gnu/perl', 'usr/share/mime'],
    programs: { chromium: 'usr/lib/chromium/chromium' },
    environment: (root) => ({ FONTCONFIG_FILE: `${root}/etc/fonts/salvagente.conf` }),
    files: (root) => ({
      'etc/fonts/salvagente.conf': `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${root}/usr/share/fonts</dir><cachedir prefix="xdg">fontconfig</cachedir><include ignore_missing="yes">${root}/etc/fonts/conf.d</include></fontconfig>
`,
    }),
    probe: { program: 'chromium', args: ['--version'], accept: /Chrom(ium|e) \d{3}/, wanted: '100 or later' },
  },
};

/** Raise when what set-up writes into the tools folder changes: older folders are then made anew. */
export const LAYOUT = 1;
