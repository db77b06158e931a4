"use client";
import type { IconDefinition } from "@fortawesome/free-solid-svg-icons";
import { type ReactElement, type ReactNode, useState, useTransition } from "react";
import { Button, type ButtonLook } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { FaultPanel, type ShownFault } from "./fault-panel.tsx";

interface AskProps<T> {
  readonly title: string;
  readonly description?: string;
  readonly trigger: ReactElement;
  /** Label of the button that changes nothing. */
  readonly refuse: string;
  readonly confirm: { readonly label: string; readonly look: ButtonLook; readonly icon?: IconDefinition; readonly disabled?: boolean };
  readonly act: () => Promise<{ ok: true; value: T } | { ok: false; fault: ShownFault }>;
  /** After the answer yes was carried out; the dialog is closed by then. */
  readonly onDone: (value: T) => void;
  readonly children: ReactNode;
}

/** One question before an action: what it costs, yes or no; a fault is told where it was asked. */
export function Ask<T>({ title, description, trigger, refuse, confirm, act, onDone, children }: AskProps<T>) {
  const [open, setOpen] = useState(false);
  const [fault, setFault] = useState<ShownFault | null>(null);
  const [busy, start] = useTransition();
  const go = () =>
    start(async () => {
      setFault(null);
      const answer = await act();
      if (!answer.ok) return setFault(answer.fault);
      setOpen(false);
      onDone(answer.value);
    });
  const { label, disabled, ...look } = confirm;
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        setOpen(next);
        setFault(null);
      }}
      title={title}
      {...(description === undefined ? {} : { description })}
      trigger={trigger}
      footer={
        <>
          <Button onClick={() => setOpen(false)}>{refuse}</Button>
          <Button {...look} onClick={go} disabled={busy || disabled} aria-busy={busy}>{label}</Button>
        </>
      }
    >
      {children}
      {fault ? <div className="mt-4"><FaultPanel fault={fault} /></div> : null}
    </Dialog>
  );
}
