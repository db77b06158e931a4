import { Loading, Skeleton } from "#components/ui/skeleton.tsx";

export default function LoadingRun() {
  return (
    <Loading>
      <Skeleton className="mb-2 h-8 w-64" />
      <Skeleton className="mb-6 h-4 w-48" />
      <div className="grid gap-4 xl:grid-cols-[2fr_1fr]">
        <Skeleton className="h-80 w-full" />
        <Skeleton className="h-64 w-full" />
      </div>
    </Loading>
  );
}
