import { chmodSync, readdirSync } from "node:fs";
import { type FaultScene, makeScene, type SceneOptions } from "./fault-scene.ts";

/** A scene whose policy takes physical fulls by the method of its server: folders that the server's account may pass through, on MySQL the clone plugin active. */
export async function makeCloneScene(options: SceneOptions = {}): Promise<FaultScene> {
  const scene = await makeScene({ ...options, policy: { method: options.flavor === "mariadb" ? "mariadb-backup" : "clone", parallel: 2, ...options.policy } });
  chmodSync(scene.live.folder, 0o711);
  if (scene.server.flavor === "mysql") await scene.sql("INSTALL PLUGIN clone SONAME 'mysql_clone.so'");
  return scene;
}

/** What lies in the sandbox folder besides templates: nothing, once a run has ended. */
export function clonesLeft(scene: FaultScene): string[] {
  return readdirSync(scene.live.host.folders.sandbox).filter((name) => name !== "templates");
}
