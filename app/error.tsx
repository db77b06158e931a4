"use client";
import { ErrorPage } from "#components/ui/error-page.tsx";

export default function RootError(props: { readonly error: Error & { digest?: string }; readonly reset: () => void }) {
  return <main className="px-4"><ErrorPage {...props} /></main>;
}
