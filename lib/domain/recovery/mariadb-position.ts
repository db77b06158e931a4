/**
 * `gtid_binlog_pos` after a replay on MariaDB: the last GTID of each domain. `full`: where it starts. `files`: the GTID lists of whole files in order;
 * `transactions`: GTIDs that follow, in order.
 */
export function mariadbPosition(full: string, files: readonly string[], transactions: readonly string[]): string {
  const domains = new Map<string, string>();
  for (const list of [full, ...files]) {
    // A list may name several servers of a domain: the highest number was logged last.
    const highest = new Map<string, string>();
    for (const gtid of parts(list)) {
      const other = highest.get(domainOf(gtid));
      if (other === undefined || sequenceOf(gtid) > sequenceOf(other)) highest.set(domainOf(gtid), gtid);
    }
    for (const [domain, gtid] of highest) domains.set(domain, gtid);
  }
  for (const gtid of transactions.flatMap(parts)) domains.set(domainOf(gtid), gtid);
  return [...domains.entries()].sort((a, b) => Number(a[0]) - Number(b[0])).map(([, gtid]) => gtid).join(",");
}

function parts(list: string): string[] {
  return list.split(",").map((part) => part.trim()).filter((part) => part !== "");
}

function domainOf(gtid: string): string {
  return gtid.slice(0, gtid.indexOf("-"));
}

function sequenceOf(gtid: string): bigint {
  return BigInt(gtid.slice(gtid.lastIndexOf("-") + 1));
}
