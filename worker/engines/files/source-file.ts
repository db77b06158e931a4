import { constants, type Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** Every device reads so much at a time, from a place and into memory that are multiples of its sector. */
const SECTOR_BYTES = 4096;

/**
 * A file that is read once from its begin to its end, past the page cache where the file system can: copying each page there and from there costs more than a
 * digest of it, and pushes out what the database server has use for.
 */
export class SourceFile {
  readonly #path: string;
  #file: FileHandle;
  #direct: boolean;

  private constructor(path: string, file: FileHandle, direct: boolean) {
    this.#path = path;
    this.#file = file;
    this.#direct = direct;
  }

  /** Errors of open(2); a symbolic link is refused. */
  static async open(path: string): Promise<SourceFile> {
    const direct = await open(path, FLAGS | constants.O_DIRECT).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EINVAL") throw error;
      return null;
    });
    return new SourceFile(path, direct ?? (await open(path, FLAGS)), direct !== null);
  }

  /** Of this very file, whatever has its name by now. */
  stat(): Promise<Stats> {
    return this.#file.stat();
  }

  /**
   * Reads what stands at `at` into `room` (4096 bytes at the least, at a multiple of 512 of a page) and gives how many bytes there are now, no more than `most`; 0 at the end. Reads that
   * begin at a multiple of 4096 go past the page cache, and give such a multiple but for the file's end.
   */
  async read(room: Buffer, at: number, most: number): Promise<number> {
    if (this.#direct && at % SECTOR_BYTES === 0) {
      const length = Math.min(whole(room.length), whole(most + SECTOR_BYTES - 1));
      try {
        return Math.min(most, (await this.#file.read(room, 0, length, at)).bytesRead);
      } catch (error) {
        // Sectors that are longer, memory that it does not like, a file system that only takes the flag.
        if ((error as NodeJS.ErrnoException).code !== "EINVAL") throw error;
      }
    }
    await this.#throughCache();
    return (await this.#file.read(room, 0, Math.min(room.length, most), at)).bytesRead;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #throughCache(): Promise<void> {
    if (!this.#direct) return;
    this.#direct = false;
    const { dev, ino } = await this.#file.stat();
    const buffered = await open(this.#path, FLAGS);
    const found = await buffered.stat();
    if (found.dev !== dev || found.ino !== ino) {
      await buffered.close();
      throw Object.assign(new Error(`${this.#path} was replaced while it was read`), { code: "ENOENT" });
    }
    await this.#file.close();
    this.#file = buffered;
  }
}

const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW;

function whole(bytes: number): number {
  return bytes - (bytes % SECTOR_BYTES);
}
