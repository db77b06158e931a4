import { useTranslations } from "next-intl";
import type { SwapStanding } from "#lib/contract/recovery/swap.ts";
import { DataList } from "../../ui/data-list.tsx";
import { Instant } from "../../ui/instant.tsx";
import { SwapPair } from "./swap-pair.tsx";
import { SwapState } from "./swap-state.tsx";
import { Link } from "../../ui/link.tsx";

interface SwapListProps {
  readonly server: string;
  /** Newest first. */
  readonly swaps: readonly SwapStanding[];
}

/** Swaps of a server and how they stand; each leads to its run, where it can be undone, ended, or cleared away. */
export function SwapList({ server, swaps }: SwapListProps) {
  const t = useTranslations("swap");
  const pairs = ({ request }: SwapStanding) => request.pairs.map((pair) => <SwapPair key={pair.live} pair={pair} />);
  const kind = ({ request }: SwapStanding) => t(request.undoes === undefined ? "title" : "undoTitle");
  return (
    <DataList
      caption={t("standing.listOf", { server })}
      rows={swaps}
      rowKey={({ runId }) => runId}
      columns={[
        { key: "when", header: t("standing.when"), cell: ({ runId, at }) => <Link href={`/activity/${runId}`} className="inline-flex min-h-11 items-center underline underline-offset-2"><Instant at={at} /></Link> },
        { key: "kind", header: t("standing.kind"), cell: kind },
        { key: "pairs", header: t("standing.pairs"), cell: pairs },
        { key: "state", header: t("standing.column"), cell: ({ state }) => <SwapState state={state} /> },
      ]}
      card={(swap) => (
        <>
          <span className="flex flex-wrap items-center justify-between gap-2"><span className="font-medium">{kind(swap)}</span><SwapState state={swap.state} /></span>
          <span className="mt-1 mb-2 block text-sm text-muted"><Instant at={swap.at} /></span>
          {pairs(swap)}
        </>
      )}
      cardHref={({ runId }) => `/activity/${runId}`}
    />
  );
}
