import { type EventHeader, type EventPiece, WHOLE_BYTES } from "./event-framer.ts";
import type { BodySink } from "./inflater.ts";

/** What an event's type asks for: a sink that takes its body as it streams by, and how much of this piece it has not taken yet. */
export interface OpenedBody {
  readonly sink: BodySink;
  readonly rest: Buffer;
}

interface Routes {
  /** Opens a sink for types that stream; undefined for all others. The body holds at least 64 KiB or the whole event. */
  stream(header: EventHeader, body: Buffer): OpenedBody | undefined;
  /** An event that is taken as a whole, or its first 64 KiB. */
  whole(header: EventHeader, body: Buffer): void;
  /** Is the event needed to its last byte, however long? */
  gathers(type: number): boolean;
}

/** Leads the pieces of each event to where its type wants them. */
export class PieceRouter {
  readonly #routes: Routes;
  #sink: BodySink | undefined;
  #gathered: Buffer[] = [];

  constructor(routes: Routes) {
    this.#routes = routes;
  }

  take(piece: EventPiece): Promise<void> | undefined {
    if (!piece.first) return this.#sink ? feed(this.#sink, piece.body, piece.last) : this.#gather(piece);
    const opened = this.#routes.stream(piece.header, piece.body);
    this.#sink = opened?.sink;
    this.#gathered = [];
    if (opened) return feed(opened.sink, opened.rest, piece.last);
    return this.#gather(piece);
  }

  #gather({ header, body, first, last }: EventPiece): undefined {
    if (first && last) {
      this.#routes.whole(header, body);
      return;
    }
    const held = this.#gathered.reduce((sum, one) => sum + one.length, 0);
    if (held < WHOLE_BYTES || this.#routes.gathers(header.type)) this.#gathered.push(body);
    if (!last) return;
    this.#routes.whole(header, Buffer.concat(this.#gathered));
    this.#gathered = [];
  }
}

function feed(sink: BodySink, bytes: Buffer, last: boolean): Promise<void> | undefined {
  const wait = sink.write(bytes);
  if (!last) return wait;
  return wait ? wait.then(() => sink.end()) : sink.end();
}
