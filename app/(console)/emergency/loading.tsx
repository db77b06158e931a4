import { Loading, Skeleton } from "#components/ui/skeleton.tsx";

export default function LoadingEmergency() {
  return (
    <Loading>
      <div className="mx-auto max-w-3xl">
        <Skeleton className="mb-6 h-4 w-full" />
        <Skeleton className="mb-4 h-8 w-64" />
        {["a", "b", "c", "d"].map((key) => <Skeleton key={key} className="mb-3 h-20 w-full" />)}
      </div>
    </Loading>
  );
}
