/** What an isolated server must be started with to receive another server's files over the network (MySQL's clone plugin compares both ends). */
export interface RecipientSettings {
  /** `innodb_page_size` of the other server, bytes: fixed when the data directory is made. */
  readonly pageSize: number;
  /** Plugins that are active there and come from a library: each must be active here. */
  readonly plugins: readonly { readonly name: string; readonly library: string }[];
}

/** argv on top of the sandbox's own. A library that is not on this host leaves its plugin out, and the clone names it. */
export function recipientArguments({ pageSize, plugins }: RecipientSettings): string[] {
  const others = plugins.filter(({ name }) => name.toLowerCase() !== "clone").map(({ name, library }) => `--plugin-load-add=${name}=${library}`);
  return [
    `--innodb-page-size=${pageSize}`,
    // Straight to the disk, as it comes: half a minute of it that the kernel writes at once is a disk that a server beside it waits for. It is thrown away with the host's own crash, and never forced.
    "--innodb-flush-method=O_DIRECT_NO_FSYNC",
    // As little of its own as can be, which is written beside what it fetches, and removed in one go.
    "--innodb-redo-log-capacity=8M",
    "--innodb-buffer-pool-size=64M",
    // How far it is, is told there.
    "--performance-schema=ON",
    "--plugin-load-add=clone=mysql_clone.so",
    ...others,
  ];
}
