import { ListLoading } from "#components/ui/skeleton.tsx";

export default function LoadingBackups() {
  return <ListLoading rows={10} />;
}
