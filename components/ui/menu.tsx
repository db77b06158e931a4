"use client";
import { Menu as Base } from "@base-ui/react/menu";
import type { ReactElement, ReactNode } from "react";

interface MenuProps {
  readonly trigger: ReactElement;
  readonly children: ReactNode;
}

/** A small menu under a button; items are MenuItem and MenuGroup. */
export function Menu({ trigger, children }: MenuProps) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} align="end" className="z-50 outline-none">
          <Base.Popup className="min-w-56 rounded-md border border-line bg-surface p-1.5 shadow-pop outline-none">{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

const ITEM = "flex min-h-11 w-full cursor-pointer items-center gap-2 rounded-sm px-3 text-left text-sm outline-none select-none data-highlighted:bg-sunken";

export function MenuItem({ onClick, children }: { readonly onClick?: () => void; readonly children: ReactNode }) {
  return <Base.Item className={ITEM} {...(onClick ? { onClick } : {})}>{children}</Base.Item>;
}

interface MenuChoiceProps<V extends string> {
  readonly label: string;
  readonly value: V;
  readonly options: readonly { readonly value: V; readonly label: string }[];
  readonly onChange: (value: V) => void;
}

/** One of several, as radio items under a heading. */
export function MenuChoice<V extends string>({ label, value, options, onChange }: MenuChoiceProps<V>) {
  return (
    <Base.Group>
      <Base.GroupLabel className="px-3 pt-2 pb-1 text-xs text-muted">{label}</Base.GroupLabel>
      <Base.RadioGroup value={value} onValueChange={(next: V) => onChange(next)}>
        {options.map((option) => (
          <Base.RadioItem key={option.value} value={option.value} className={ITEM}>
            <span className="w-5 text-center" aria-hidden>{option.value === value ? "●" : "○"}</span>
            {option.label}
          </Base.RadioItem>
        ))}
      </Base.RadioGroup>
    </Base.Group>
  );
}

export function MenuDivider() {
  return <Base.Separator className="my-1.5 h-px bg-line" />;
}
