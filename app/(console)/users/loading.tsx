import { ListLoading } from "#components/ui/skeleton.tsx";

export default function LoadingUsers() {
  return <ListLoading rows={4} />;
}
