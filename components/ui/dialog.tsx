"use client";
import { Dialog as Base } from "@base-ui/react/dialog";
import { faXmark } from "@fortawesome/free-solid-svg-icons/faXmark";
import { useTranslations } from "next-intl";
import type { ReactElement, ReactNode } from "react";
import { Button } from "./button.tsx";
import { classes } from "./classes.ts";

interface DialogProps {
  /** The element that opens it, usually a Button; absent when `open` is controlled. */
  readonly trigger?: ReactElement;
  readonly open?: boolean;
  readonly onOpenChange?: (open: boolean) => void;
  readonly title: ReactNode;
  readonly description?: ReactNode;
  /** Sticky at the bottom, inside the safe area. */
  readonly footer?: ReactNode;
  /** `sheet` comes from the side on a desktop and fills the height; both fill a phone's width. */
  readonly kind?: "dialog" | "sheet";
  readonly children?: ReactNode;
}

/** Modal dialog or sheet: focus is kept inside, Escape closes, focus returns. */
export function Dialog({ trigger, open, onOpenChange, title, description, footer, kind = "dialog", children }: DialogProps) {
  const t = useTranslations("ui");
  return (
    <Base.Root {...(open === undefined ? {} : { open })} {...(onOpenChange ? { onOpenChange } : {})}>
      {trigger ? <Base.Trigger render={trigger} /> : null}
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-black/45 transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Base.Popup className={classes("fixed z-50 flex flex-col border-line bg-surface shadow-pop outline-none transition-all duration-200", kind === "sheet" ? SHEET : BOX)}>
          <div className="flex items-start justify-between gap-3 border-b border-line py-2 pr-2 pl-4 md:pl-5">
            <div className="min-w-0 py-1.5">
              <Base.Title className="text-lg font-semibold">{title}</Base.Title>
              {description != null ? <Base.Description className="mt-1 text-sm text-muted">{description}</Base.Description> : null}
            </div>
            <Base.Close render={<Button look="quiet" icon={faXmark} aria-label={t("close")} className="min-w-11 px-0" />} />
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto px-4 py-4 md:px-5">{children}</div>
          {footer != null ? <div className="flex flex-wrap justify-end gap-2 border-t border-line px-4 pt-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] md:px-5 max-sm:[&>*]:flex-1">{footer}</div> : null}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

const BOX =
  "inset-x-3 top-1/2 mx-auto max-h-[90dvh] max-w-lg -translate-y-1/2 rounded-md border data-starting-style:scale-98 data-starting-style:opacity-0 data-ending-style:opacity-0";
const SHEET =
  "inset-x-0 bottom-0 max-h-[92dvh] rounded-t-md border-t md:inset-y-0 md:left-auto md:max-h-none md:w-[30rem] md:rounded-none md:border-l data-starting-style:translate-y-6 data-starting-style:opacity-0 md:data-starting-style:translate-x-6 md:data-starting-style:translate-y-0 data-ending-style:opacity-0";
