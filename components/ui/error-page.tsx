"use client";
import { faRotateRight } from "@fortawesome/free-solid-svg-icons/faRotateRight";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { startTransition } from "react";
import { Button } from "./button.tsx";
import { CopyButton } from "./copy-button.tsx";
import { readFaultDigest } from "./fault-digest.ts";
import { FaultPanel } from "./fault-panel.tsx";

interface ErrorPageProps {
  readonly error: Error & { digest?: string };
  readonly reset: () => void;
}

/** Instead of a page that failed: the fault if it is known, else what to do anyway. */
export function ErrorPage({ error, reset }: ErrorPageProps) {
  const t = useTranslations("ui");
  const router = useRouter();
  const again = () => startTransition(() => {
    router.refresh();
    reset();
  });
  const retry = <Button look="primary" icon={faRotateRight} onClick={again}>{t("retry")}</Button>;
  const fault = readFaultDigest(error.digest);
  if (fault && fault.code !== "UNEXPECTED") return <div className="mx-auto max-w-2xl py-8"><FaultPanel fault={fault} actions={retry} /></div>;
  return (
    <div role="alert" className="mx-auto max-w-2xl py-8">
      <div className="rounded-md border border-l-4 border-danger-strong bg-surface p-5">
        <h1 className="text-lg">{t("unexpectedTitle")}</h1>
        <p className="mt-2">{t("unexpectedWhy")}</p>
        <p className="mt-1 font-medium">{t("unexpectedTodo")}</p>
        <div className="mt-4 flex flex-wrap gap-2">
          {retry}
          <CopyButton text={`${error.message}\n${error.digest ?? ""}`} label={t("copyDetails")} />
        </div>
      </div>
    </div>
  );
}
