import type { Command } from "commander";
import { printJson } from "./report.ts";
import { optionsOf, withHost } from "./session.ts";

/** `salvagente identity`: the key that signs this host's manifests, to be kept with the escrow key. */
export function addIdentity(program: Command): void {
  program
    .command("identity")
    .description("public key that signs this host's backups: write it down beside the escrow key, and put it under trustedSigners of a host that must believe them")
    .action(async (_flags, command: Command) => {
      const options = optionsOf<object>(command);
      await withHost(options, async (host) => {
        const signer = host.identity.signing.publicKey;
        if (options.json) printJson({ ok: true, host: host.config.host, signer, trusted: host.config.trustedSigners });
        else process.stdout.write(`trustedSigners:\n  - ${signer}   # ${host.config.host}\n`);
      });
    });
}
