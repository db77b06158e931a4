/**
 * argv of GNU tar that writes an archive of the named entries (NUL-separated on standard input) to standard output. Folders are entries of their own;
 * holes stay holes (page compression punches them); who owned the files is of no meaning elsewhere.
 */
export function packArguments(folder: string): string[] {
  return [
    "--create", "--file=-", "--format=gnu", "--sparse", "--blocking-factor=512", `--directory=${folder}`,
    "--owner=0", "--group=0", "--numeric-owner", "--no-recursion", "--null", "--verbatim-files-from", "--files-from=-",
  ];
}

/** argv of GNU tar that unpacks standard input below `folder`; it takes no absolute names and none that lead out of it. `named`: each member's name is written to standard output when its turn comes. */
export function unpackArguments(folder: string, named: boolean): string[] {
  return ["--extract", "--file=-", "--blocking-factor=512", `--directory=${folder}`, "--no-same-owner", ...(named ? ["--verbose"] : [])];
}
