"use client";
import { Toaster as Sonner } from "sonner";

/** Where short messages appear. Only for what may be missed; faults belong in a FaultPanel. */
export function Toaster() {
  return (
    <Sonner
      position="bottom-right"
      duration={6000}
      offset={{ bottom: "1rem" }}
      mobileOffset={{ bottom: "5.5rem" }}
      toastOptions={{ style: { background: "var(--surface)", color: "var(--ink)", border: "1px solid var(--input-line)", fontFamily: "inherit" } }}
    />
  );
}
