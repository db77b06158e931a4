import { Loading, Skeleton } from "#components/ui/skeleton.tsx";

export default function LoadingDashboard() {
  return (
    <Loading>
      <Skeleton className="mb-4 h-28 w-full" />
      <div className="mb-4 grid gap-3 sm:grid-cols-2 xl:grid-cols-4">
        {["a", "b", "c", "d"].map((key) => <Skeleton key={key} className="h-32 w-full" />)}
      </div>
      <div className="grid gap-4 xl:grid-cols-[2fr_1fr]">
        <Skeleton className="h-96 w-full" />
        <Skeleton className="h-96 w-full" />
      </div>
    </Loading>
  );
}
