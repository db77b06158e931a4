import { ListLoading } from "#components/ui/skeleton.tsx";

export default function LoadingSettings() {
  return <ListLoading rows={5} />;
}
