import { ListLoading } from "#components/ui/skeleton.tsx";

export default function LoadingActivity() {
  return <ListLoading rows={10} />;
}
