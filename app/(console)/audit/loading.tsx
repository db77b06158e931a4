import { ListLoading } from "#components/ui/skeleton.tsx";

export default function LoadingAudit() {
  return <ListLoading rows={10} />;
}
