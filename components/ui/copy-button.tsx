"use client";
import { faCheck } from "@fortawesome/free-solid-svg-icons/faCheck";
import { faCopy } from "@fortawesome/free-solid-svg-icons/faCopy";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { toast } from "sonner";
import { Button, type ButtonLook } from "./button.tsx";

interface CopyButtonProps {
  readonly text: string;
  readonly label?: string;
  readonly look?: ButtonLook;
  /** Only the icon is seen; the label is still read out. */
  readonly compact?: boolean;
}

/** Puts a text on the clipboard and says whether that worked. */
export function CopyButton({ text, label, look = "secondary", compact = false }: CopyButtonProps) {
  const t = useTranslations("ui");
  const [done, setDone] = useState(false);
  const words = done ? t("copied") : (label ?? t("copy"));
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setDone(true);
      setTimeout(() => setDone(false), 2000);
    } catch {
      toast.error(t("copyFailed"));
    }
  };
  return (
    <Button look={look} icon={done ? faCheck : faCopy} onClick={copy} aria-label={words} className={compact ? "min-w-11 px-0" : ""}>
      {compact ? null : <span aria-live="polite">{words}</span>}
    </Button>
  );
}
