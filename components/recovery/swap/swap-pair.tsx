import type { SwapPair as Pair } from "#lib/contract/recovery/swap.ts";

/** Whose tables go where, from left to right; each name stays whole as long as it fits. */
export function SwapPair({ pair: { live, restored, kept } }: { readonly pair: Pair }) {
  return (
    <span className="block font-mono text-xs break-words">
      <span className="inline-block max-w-full">{restored}</span> <span className="inline-block max-w-full">→ {live}</span> <span className="inline-block max-w-full">→ {kept}</span>
    </span>
  );
}
